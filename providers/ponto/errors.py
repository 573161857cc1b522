"""Ponto's errors -> ours. Decided on the codes; where Ponto's code is not known, on the HTTP status.

The API answers in JSON:API (``{"errors": [{"code": …}]}``), the OAuth server as RFC 6749 has it (``{"error": …}``).
https://documentation.ibanity.com/ponto-connect/api#errors
"""

from __future__ import annotations

import datetime as dt
import re

from msgspec import Struct

from providers.decoding import decode
from providers.errors import (
    ConsentExpired,
    FeedError,
    InstitutionDown,
    InvalidResponse,
    LinkExpired,
    NotFound,
    ProviderDown,
    ProviderMisconfigured,
    RateLimited,
    SecretExpired,
    UnknownProviderError,
)
from providers.http import Answer
from providers.meanings import Row
from providers.types import ProviderErrorData

TITLE = "Ponto"
RATE_PAUSE = dt.timedelta(seconds=60)
READY_PAUSE = dt.timedelta(seconds=5)
RECENTLY = "accountRecentlySynchronized"
REQUEST_ID_HEADER = "ibanity-request-id"


_GIVE_AGAIN = "The permission at Ponto has ended: update the credentials to give it again."
_NOT_ACCEPTED = "Ponto does not accept something in what the proxy asks."
_NO_ACCESS = "Ponto does not accept the proxy's credentials."

# Of the API, and of what a synchronization ended with.
ERRORS: dict[str, Row] = {
    RECENTLY: Row(RateLimited, "The bank was read a moment ago.", pause=RATE_PAUSE),
    "authorizationInvalid": Row(ConsentExpired, "The bank asks for a new permission: update the credentials."),
    "resourceNotFound": Row(NotFound, "Ponto no longer shows this account."),
}
# https://www.rfc-editor.org/rfc/rfc6749#section-5.2 and #section-4.1.2.1
OAUTH_ERRORS: dict[str, Row] = {
    "invalid_grant": Row(ConsentExpired, _GIVE_AGAIN),
    "invalid_client": Row(ProviderMisconfigured, _NO_ACCESS),
    "unauthorized_client": Row(ProviderMisconfigured, _NO_ACCESS),
    "invalid_request": Row(ProviderMisconfigured, _NOT_ACCEPTED),
    "invalid_scope": Row(ProviderMisconfigured, "Ponto does not let the proxy read accounts."),
    "unsupported_grant_type": Row(ProviderMisconfigured, _NOT_ACCEPTED),
    "unsupported_response_type": Row(ProviderMisconfigured, _NOT_ACCEPTED),
    "server_error": Row(ProviderDown),
    "temporarily_unavailable": Row(ProviderDown),
}
# What the page says that is otherwise meant than by the token endpoint: it was there to talk to the bank.
RETURN_ERRORS: dict[str, Row] = {
    "server_error": Row(InstitutionDown),
    "temporarily_unavailable": Row(InstitutionDown),
}
BY_STATUS: dict[int, Row] = {
    400: Row(ProviderMisconfigured, _NOT_ACCEPTED),
    401: Row(SecretExpired),
    403: Row(
        ProviderMisconfigured,
        "Ponto does not allow this now: the sign-up at Ponto may not be complete, or the organization is blocked.",
    ),
    404: Row(NotFound, "Ponto no longer shows this account."),
    429: Row(RateLimited, pause=RATE_PAUSE),
}
# Whatever is quoted from Ponto goes through this: a token must never come along.
_TOKEN = re.compile(r"[A-Za-z0-9_.~+/=-]{40,}")


class ApiError(Struct):
    """One of JSON:API's errors. ``meta`` is not read: it may quote the bank's own answer, whatever that is."""

    code: str = ""
    detail: str | None = ""


class ApiErrors(Struct):
    errors: list[ApiError] = []


class OAuthError(Struct):
    error: str = ""
    error_description: str | None = ""
    error_hint: str | None = ""


def from_answer(answer: Answer) -> FeedError:
    """The error a failed call of the API stands for. A body that is not Ponto's goes by the HTTP status."""
    try:
        told = decode(answer.body, ApiErrors, sender=TITLE)
    except InvalidResponse as error:
        return _made(BY_STATUS[401], "", answer=answer) if answer.status == 401 else _unreadable(answer, error)
    first = told.errors[0] if told.errors else ApiError()
    row = ERRORS.get(first.code) or _by_status(answer.status)
    return _made(row, first.code, detail=first.detail or "", answer=answer)


def from_oauth_answer(answer: Answer) -> FeedError:
    """The error a failed call of the OAuth server stands for."""
    try:
        told = decode(answer.body, OAuthError, sender=TITLE)
    except InvalidResponse as error:
        return _unreadable(answer, error)
    if not told.error:
        # Some of its failures are the API's.
        found = from_answer(answer)
        return ProviderMisconfigured(_NO_ACCESS) if isinstance(found, SecretExpired) else found
    said = told.error_description or told.error_hint or ""
    return _made(OAUTH_ERRORS.get(told.error) or _by_status(answer.status), told.error, detail=said, answer=answer)


def from_return(error: str, description: str) -> FeedError:
    """The error that the browser came back with, but for the one that says that the holder left."""
    row = RETURN_ERRORS.get(error) or OAUTH_ERRORS.get(error) or Row(LinkExpired)
    return row.kind(row.message, provider=ProviderErrorData(code=_quoted(error)[:100], message=_quoted(description)))


def from_synchronization(told: list[ApiError]) -> FeedError:
    """Why Ponto could not read the bank. What has no row is the bank's failure, which may pass."""
    known = next((each for each in told if each.code in ERRORS), None)
    shown = known or (told[0] if told else ApiError())
    row = ERRORS[known.code] if known else Row(InstitutionDown)
    return row.kind(row.message, provider=ProviderErrorData(code=shown.code, message=_quoted(shown.detail or "")))


def is_recently_synchronized(error: FeedError) -> bool:
    """Whether Ponto says that what it has is fresh: no failure at all."""
    return error.provider is not None and error.provider.code == RECENTLY


def _by_status(status: int) -> Row:
    if status >= 500:
        return Row(ProviderDown)
    return BY_STATUS.get(status) or Row(UnknownProviderError)


def _made(row: Row, code: str, *, answer: Answer, detail: str = "") -> FeedError:
    request_id = answer.headers.get(REQUEST_ID_HEADER, "")[:100]
    return row.error(ProviderErrorData(code=code, message=_quoted(detail), request_id=request_id))


def _unreadable(answer: Answer, error: InvalidResponse) -> FeedError:
    return ProviderDown() if answer.status >= 500 else error


def _quoted(text: str) -> str:
    return _TOKEN.sub("[secret]", text)[:500]
