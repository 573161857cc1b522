"""Salt Edge's errors, with their HTTP status and their words. https://docs.saltedge.com/v6/#errors"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any


class SaltEdgeError(Exception):
    """An error as Salt Edge tells it. Decide on ``class_name``; ``beside`` stands beside the error object.

    ``is_flat``: in the shape that older versions have.
    """

    def __init__(
        self,
        class_name: str,
        message: str,
        *,
        status: int = 400,
        beside: dict[str, Any] | None = None,
        is_flat: bool = False,
    ) -> None:
        super().__init__(message)
        self.class_name = class_name
        self.message = message
        self.status = status
        self.beside = beside or {}
        self.is_flat = is_flat

    def body(self, request_id: str, *, request: Any) -> dict[str, Any]:
        """The body of an answer. ``request`` is the data of the call, which comes back."""
        if self.is_flat:
            return {"error_class": self.class_name, "error_message": self.message, "request": request}
        anchor = re.sub(r"(?<!^)(?=[A-Z])", "_", self.class_name).lower()
        told = {
            "class": self.class_name,
            "message": self.message,
            "documentation_url": f"https://docs.saltedge.com/v6/#errors-{anchor}",
            "request_id": request_id,
        }
        return {"error": told, "request": request, **self.beside}


def wrong_format(message: str) -> SaltEdgeError:
    return SaltEdgeError("WrongRequestFormat", message)


def not_json() -> SaltEdgeError:
    return SaltEdgeError("JsonParseError", "The request body is not valid JSON.")


def missing_key(name: str) -> SaltEdgeError:
    class_name = "AppIdNotProvided" if name == "App-id" else "SecretNotProvided"
    return SaltEdgeError(class_name, f"{name} header is missing.", status=401)


def unknown_key() -> SaltEdgeError:
    return SaltEdgeError("ApiKeyNotFound", "The API key with the provided App-id and Secret was not found.", status=404)


def missing_signature() -> SaltEdgeError:
    return SaltEdgeError("MissingSignature", "Signature header is missing.")


def missing_expiry() -> SaltEdgeError:
    return SaltEdgeError("MissingExpiresAt", "Expires-at header is missing.")


def invalid_expiry() -> SaltEdgeError:
    return SaltEdgeError("ExpiresAtInvalid", "Expires-at is not a timestamp within one hour from now.")


def expired() -> SaltEdgeError:
    return SaltEdgeError("RequestExpired", "The request has expired.")


def wrong_signature() -> SaltEdgeError:
    return SaltEdgeError("SignatureNotMatch", "The signature does not match the request.")


def not_found(kind: str, number: str) -> SaltEdgeError:
    """``kind`` is ``Connection``, ``Customer``, ``Account``, ``Provider``, ``Transaction`` or ``AispConsent``."""
    return SaltEdgeError(f"{kind}NotFound", f"{kind} with id: '{number}' was not found.", status=404)


def duplicated_customer(identifier: str) -> SaltEdgeError:
    message = f"Customer with identifier: '{identifier}' already exists."
    return SaltEdgeError("DuplicatedCustomer", message, status=409)


def too_early(following: dt.datetime | None, moment: str | None) -> SaltEdgeError:
    """``following`` is when the bank may be read again, ``moment`` the same as text; ``None`` where nobody knows."""
    when = f" until {moment}" if following else ""
    return SaltEdgeError(
        "ConnectionCannotBeRefreshed",
        f"Connection cannot be refreshed{when}.",
        status=406,
        beside={"next_refresh_possible_at": moment},
    )


def processing(number: str) -> SaltEdgeError:
    return SaltEdgeError("ConnectionAlreadyProcessing", f"Connection with id: '{number}' is being processed.")


def disabled(number: str) -> SaltEdgeError:
    return SaltEdgeError("ConnectionDisabled", f"Connection with id: '{number}' is disabled.", status=406)


def consent_ended(status: str) -> SaltEdgeError:
    word = "Revoked" if status == "revoked" else "Expired"
    return SaltEdgeError(f"AispConsent{word}", f"The consent of this connection is {status}.", status=406)


def invalid_credentials() -> SaltEdgeError:
    return SaltEdgeError("InvalidCredentials", "The bank does not accept these credentials.", status=406)


def rate_limit() -> SaltEdgeError:
    return SaltEdgeError("TooManyRequests", "Too many requests have been made. Try again later.", status=429)


def internal() -> SaltEdgeError:
    return SaltEdgeError("InternalServerError", "An internal error has occurred.", status=500)
