"""Plaid's errors, with their HTTP status and their words. https://plaid.com/docs/errors/"""

from __future__ import annotations

from typing import Any


class PlaidError(Exception):
    """An error as Plaid tells it. Decide on ``error_type`` and ``error_code``; the words may change."""

    def __init__(
        self,
        error_type: str,
        error_code: str,
        *,
        message: str,
        display: str | None = None,
        status: int = 400,
        reason: str | None = None,
    ) -> None:
        super().__init__(message)
        self.error_type = error_type
        self.error_code = error_code
        self.message = message
        self.display = display
        self.status = status
        self.reason = reason

    def body(self, request_id: str) -> dict[str, Any]:
        """The object ``PlaidError`` of an answer."""
        anchor = self.error_type.lower().replace("_", "-") + "-errors"
        return {
            "display_message": self.display,
            "documentation_url": f"https://plaid.com/docs/?ref=error#{anchor}",
            "error_code": self.error_code,
            "error_code_reason": self.reason,
            "error_message": self.message,
            "error_type": self.error_type,
            "request_id": request_id,
            "suggested_action": None,
        }


def no_webhook() -> PlaidError:
    message = "webhook is not set on this item, set one with /item/webhook/update"
    return PlaidError("SANDBOX_ERROR", "SANDBOX_WEBHOOK_INVALID", message=message)


def unknown_key() -> PlaidError:
    return PlaidError("INVALID_INPUT", "INVALID_WEBHOOK_VERIFICATION_KEY_ID", message="invalid key_id provided")


def missing_fields(names: list[str]) -> PlaidError:
    message = f"the following required fields are missing: {', '.join(names)}"
    return PlaidError("INVALID_REQUEST", "MISSING_FIELDS", message=message)


def unknown_fields(names: list[str]) -> PlaidError:
    message = f"the following fields are not recognized by this endpoint: {', '.join(names)}"
    return PlaidError("INVALID_REQUEST", "UNKNOWN_FIELDS", message=message)


def invalid_field(message: str) -> PlaidError:
    return PlaidError("INVALID_REQUEST", "INVALID_FIELD", message=message)


def invalid_body() -> PlaidError:
    return PlaidError("INVALID_REQUEST", "INVALID_BODY", message="body could not be parsed as JSON")


def not_found() -> PlaidError:
    return PlaidError("INVALID_REQUEST", "NOT_FOUND", message="not found", status=404)


def invalid_api_keys() -> PlaidError:
    return PlaidError("INVALID_INPUT", "INVALID_API_KEYS", message="invalid client_id or secret provided")


def invalid_access_token() -> PlaidError:
    message = "could not find matching access token. please ensure the token is correct and for this environment"
    return PlaidError("INVALID_INPUT", "INVALID_ACCESS_TOKEN", message=message)


def invalid_public_token(reason: str) -> PlaidError:
    return PlaidError("INVALID_INPUT", "INVALID_PUBLIC_TOKEN", message=reason)


def invalid_link_token() -> PlaidError:
    return PlaidError("INVALID_INPUT", "INVALID_LINK_TOKEN", message="invalid link_token provided")


def invalid_institution() -> PlaidError:
    return PlaidError("INVALID_INPUT", "INVALID_INSTITUTION", message="invalid institution_id provided")


def invalid_account_id() -> PlaidError:
    message = "one or more of the account IDs is invalid for the provided access token"
    return PlaidError("INVALID_INPUT", "INVALID_ACCOUNT_ID", message=message)


def item_not_found() -> PlaidError:
    message = "The Item you requested cannot be found. This Item does not exist, or has been previously removed."
    return PlaidError("ITEM_ERROR", "ITEM_NOT_FOUND", message=message)


def login_required(*, reason: str | None = None) -> PlaidError:
    """``reason`` is the ``error_code_reason`` of banks that sign in by OAuth."""
    return PlaidError(
        "ITEM_ERROR",
        "ITEM_LOGIN_REQUIRED",
        message="the login details of this item have changed (credentials, MFA, or required user action) and a user "
        "login is required to update this information. use Link's update mode to restore the item to a good state",
        display="Username or password incorrect. If you've recently reset your password, there may be a delay before "
        "it is updated.",
        reason=reason,
    )


def invalid_credentials() -> PlaidError:
    return PlaidError(
        "ITEM_ERROR",
        "INVALID_CREDENTIALS",
        message="the provided credentials were not correct",
        display="The provided credentials were not correct. Please try again.",
    )


def no_accounts() -> PlaidError:
    return PlaidError(
        "ITEM_ERROR",
        "NO_ACCOUNTS",
        message="no valid accounts were found for this item",
        display="No valid accounts were found at the financial institution. Please visit your financial institution's "
        "website to confirm accounts are available.",
    )


def institution_down() -> PlaidError:
    return PlaidError(
        "INSTITUTION_ERROR",
        "INSTITUTION_DOWN",
        message="this institution is not currently responding to this request. please try again soon",
        display="This financial institution is not currently responding to requests. "
        "We apologize for the inconvenience.",
    )


def product_not_ready() -> PlaidError:
    message = "the requested product is not yet ready. please provide a webhook or try the request again later"
    return PlaidError("ITEM_ERROR", "PRODUCT_NOT_READY", message=message)


def mutation() -> PlaidError:
    message = (
        "Underlying transaction data changed since last page was fetched. Please restart pagination from last update."
    )
    return PlaidError("TRANSACTIONS_ERROR", "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION", message=message)


def rate_limit(route: str) -> PlaidError:
    name = route.strip("/").removesuffix("/get").replace("/", "_").upper()
    message = f"rate limit exceeded for attempts to access this item. please try again later, route {route}"
    return PlaidError("RATE_LIMIT_EXCEEDED", f"{name}_LIMIT", message=message, status=429)


def internal() -> PlaidError:
    message = "an unexpected error occurred"
    return PlaidError("API_ERROR", "INTERNAL_SERVER_ERROR", message=message, status=500)
