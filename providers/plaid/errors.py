"""Plaid's errors -> ours: one row for each code that Plaid documents. Decided on the codes, never on the messages.

https://plaid.com/docs/errors/
"""

from __future__ import annotations

import datetime as dt
import re

from msgspec import Struct

from providers.decoding import decode
from providers.errors import (
    ConnectionGone,
    ConsentExpired,
    CredentialsRejected,
    FeedError,
    InstitutionDown,
    InstitutionRetired,
    InvalidResponse,
    LinkExpired,
    NotFound,
    NotReady,
    NotSupported,
    PagesChanged,
    ProviderDown,
    ProviderMisconfigured,
    RateLimited,
    UnknownProviderError,
)
from providers.meanings import Row
from providers.types import ProviderErrorData

TITLE = "Plaid"
# Plaid sends no header about its limits; they are counted per minute.
RATE_PAUSE = dt.timedelta(seconds=60)
READY_PAUSE = dt.timedelta(seconds=15)


_SIGN_IN_AGAIN = "The bank asks for a new sign-in: update the credentials."
_TICK_ACCOUNTS = "The bank was not allowed to share this: update the credentials and tick the accounts."
_SET_UP = "The proxy's contract with Plaid does not allow this."

ERRORS: dict[str, Row] = {
    # ITEM_ERROR
    "ITEM_LOGIN_REQUIRED": Row(ConsentExpired, _SIGN_IN_AGAIN),
    "ITEM_LOCKED": Row(
        CredentialsRejected, "The sign-in is locked: unlock it at the bank, then update the credentials."
    ),
    "ITEM_NOT_FOUND": Row(ConnectionGone),
    "ITEM_NOT_SUPPORTED": Row(NotSupported, "This kind of sign-in cannot be connected through Plaid."),
    "NO_ACCOUNTS": Row(NotSupported, "The bank showed no account that can be connected."),
    "PRODUCTS_NOT_SUPPORTED": Row(NotSupported),
    "MFA_NOT_SUPPORTED": Row(CredentialsRejected, "The bank's way of confirming is not supported: choose another."),
    "INSUFFICIENT_CREDENTIALS": Row(CredentialsRejected, "The sign-in at the bank was not completed."),
    "INVALID_CREDENTIALS": Row(CredentialsRejected),
    "INVALID_MFA": Row(CredentialsRejected, "The bank did not accept the confirmation code."),
    "USER_SETUP_REQUIRED": Row(
        CredentialsRejected, "The bank wants something set up: sign in at the bank's own site, then update here."
    ),
    "USER_INPUT_TIMEOUT": Row(CredentialsRejected, "The bank waited for an answer that did not come in time."),
    "ACCESS_NOT_GRANTED": Row(ConsentExpired, _TICK_ACCOUNTS),
    "ADDITIONAL_CONSENT_REQUIRED": Row(ConsentExpired, _TICK_ACCOUNTS),
    "PRODUCT_NOT_READY": Row(NotReady, pause=READY_PAUSE),
    # TRANSACTIONS_ERROR
    "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION": Row(PagesChanged),
    # INSTITUTION_ERROR
    "INSTITUTION_DOWN": Row(InstitutionDown),
    "INSTITUTION_NOT_RESPONDING": Row(InstitutionDown),
    "INSTITUTION_NOT_AVAILABLE": Row(InstitutionDown),
    "INSTITUTION_NO_LONGER_SUPPORTED": Row(InstitutionRetired),
    "INSTITUTION_REGISTRATION_REQUIRED": Row(
        ProviderMisconfigured, "The proxy's operator must register with this bank at Plaid first."
    ),
    # API_ERROR
    "INTERNAL_SERVER_ERROR": Row(ProviderDown),
    "PLANNED_MAINTENANCE": Row(ProviderDown, "Plaid is in planned maintenance."),
    # INVALID_INPUT and INVALID_REQUEST
    "INVALID_ACCESS_TOKEN": Row(ConnectionGone),
    "INVALID_PUBLIC_TOKEN": Row(LinkExpired),
    "INVALID_LINK_TOKEN": Row(LinkExpired),
    "INVALID_ACCOUNT_ID": Row(NotFound, "The bank no longer shows this account."),
    "INVALID_INSTITUTION": Row(InstitutionRetired),
    "INVALID_API_KEYS": Row(ProviderMisconfigured, "Plaid does not accept the proxy's keys."),
    "UNAUTHORIZED_ENVIRONMENT": Row(ProviderMisconfigured, "The proxy's keys are for another environment of Plaid."),
    "INVALID_PRODUCT": Row(ProviderMisconfigured, _SET_UP),
    "MISSING_FIELDS": Row(ProviderMisconfigured, "Plaid misses something in what the proxy asks."),
    "UNKNOWN_FIELDS": Row(ProviderMisconfigured, "Plaid does not know something in what the proxy asks."),
    "INVALID_FIELD": Row(ProviderMisconfigured, "Plaid does not accept something in what the proxy asks."),
    "INVALID_BODY": Row(ProviderMisconfigured, "Plaid does not accept what the proxy asks."),
    "INVALID_HEADERS": Row(ProviderMisconfigured, "Plaid does not accept what the proxy asks."),
    "NOT_FOUND": Row(ProviderMisconfigured, "Plaid does not know the address the proxy asks."),
}
# For the codes of a type that are too many to name, or that Plaid adds later.
ERRORS_BY_TYPE: dict[str, Row] = {
    "RATE_LIMIT_EXCEEDED": Row(RateLimited, pause=RATE_PAUSE),
    "RATE_LIMIT": Row(RateLimited, pause=RATE_PAUSE),
    "API_ERROR": Row(ProviderDown),
    "INVALID_REQUEST": Row(ProviderMisconfigured),
}
# Why a sign-in ended, where Plaid says it: https://plaid.com/docs/errors/item/#item_login_required
REASONS: dict[str, str] = {
    "OAUTH_CONSENT_EXPIRED": "The consent given at the bank has expired: update the credentials.",
    "OAUTH_USER_REVOKED": "The consent was withdrawn at the bank: update the credentials to give it again.",
}
# Whatever is quoted from Plaid goes through this: a token must never come along.
_TOKEN = re.compile(r"\b(?:access|public|link|processor)-[a-z]+-[0-9A-Za-z-]+")


class PlaidError(Struct):
    """Plaid's error object: the body of a failed call, ``item.error``, or why a visit to its page ended."""

    error_type: str = ""
    error_code: str = ""
    error_code_reason: str | None = None
    error_message: str | None = ""
    display_message: str | None = None
    request_id: str | None = None


def from_answer(status: int, body: bytes) -> FeedError:
    """The error a failed call's body stands for. A body that is not Plaid's goes by the HTTP status."""
    try:
        told = decode(body, PlaidError, sender=TITLE)
    except InvalidResponse as error:
        return ProviderDown() if status >= 500 else error
    if not told.error_code:
        if status >= 500:
            return ProviderDown()
        return InvalidResponse(f"Plaid answered HTTP {status} without an error code.")
    return from_error(told, status=status)


def from_error(told: PlaidError, *, status: int = 400) -> FeedError:
    """Plaid's error object -> ours. An unknown code keeps Plaid's words; 429 and 5xx are known by their status."""
    row = ERRORS.get(told.error_code) or ERRORS_BY_TYPE.get(told.error_type) or _by_status(status)
    said = _without_tokens(told.display_message or told.error_message or "")
    provider = ProviderErrorData(code=told.error_code, message=said, request_id=told.request_id or "")
    return row.error(provider, message=REASONS.get(told.error_code_reason or "", ""))


def _by_status(status: int) -> Row:
    if status == 429:
        return ERRORS_BY_TYPE["RATE_LIMIT_EXCEEDED"]
    return Row(ProviderDown) if status >= 500 else Row(UnknownProviderError)


def _without_tokens(text: str) -> str:
    return _TOKEN.sub("[secret]", text)
