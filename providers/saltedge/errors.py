"""Salt Edge's errors -> ours: one row for each class that it documents. Decided on the classes, never on the status.

https://docs.saltedge.com/v6/#errors
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from providers.decoding import decode
from providers.errors import (
    AlreadyConnected,
    ConnectionGone,
    ConsentExpired,
    CredentialsRejected,
    FeedError,
    InstitutionDown,
    InstitutionRetired,
    InvalidResponse,
    NotFound,
    NotReady,
    ProviderDown,
    ProviderMisconfigured,
    RateLimited,
    UnknownProviderError,
    UserMustBePresent,
)
from providers.meanings import Row
from providers.types import ProviderErrorData

TITLE = "Salt Edge"
READY_PAUSE = dt.timedelta(seconds=15)
RATE_PAUSE = dt.timedelta(seconds=60)
# A bank is read once an hour at most, and four times a day while nobody is there.
REFRESH_PAUSE = dt.timedelta(hours=1)
BACKGROUND_PAUSE = dt.timedelta(hours=6)


_BROKE_OFF = Row(InstitutionDown, "Reading from the bank broke off.")
_CONSENT_ENDED = Row(ConsentExpired, "The consent given at the bank has ended: update the credentials.")
_CONSENT_WITHDRAWN = Row(ConsentExpired, "The consent was withdrawn: update the credentials to give it again.")
_CONFIRM = Row(UserMustBePresent)
_OUR_ACCESS = Row(ProviderMisconfigured)
_OUR_SIGNATURE = Row(ProviderMisconfigured, "Salt Edge does not accept the proxy's signature.")
_OUR_CLOCK = Row(ProviderMisconfigured, "Salt Edge finds the time of the proxy's request wrong: check its clock.")
_OUR_REQUEST = Row(ProviderMisconfigured, "Salt Edge does not accept what the proxy asks.")
_TOO_MUCH = Row(ProviderMisconfigured, "The proxy asked Salt Edge for more than the consent covers.")

ERRORS: dict[str, Row] = {
    # the holder and the bank
    "InvalidCredentials": Row(CredentialsRejected),
    "InvalidInteractiveCredentials": Row(CredentialsRejected, "The bank did not accept the confirmation code."),
    "InteractiveTimeout": _CONFIRM,
    "InteractiveAdapterTimeout": _CONFIRM,
    "AllAccountsExcluded": Row(ConsentExpired, "No account was left to be read: update the credentials and choose."),
    "ConnectionDuplicated": Row(AlreadyConnected),
    "DuplicatedConnection": Row(AlreadyConnected),
    # consents
    "AispConsentExpired": _CONSENT_ENDED,
    "ConsentExpired": _CONSENT_ENDED,
    "AispConsentRevoked": _CONSENT_WITHDRAWN,
    "ConsentRevoked": _CONSENT_WITHDRAWN,
    "AispConsentAlreadyRevoked": _CONSENT_WITHDRAWN,
    "AispConsentNotFound": _CONSENT_ENDED,
    "DateOutOfAispConsentRange": _TOO_MUCH,
    "InvalidAispConsentFromDate": _TOO_MUCH,
    "InvalidAispConsentPeriod": _TOO_MUCH,
    "AispConsentScopesInvalid": _TOO_MUCH,
    "AispConsentScopesNotAllowed": _TOO_MUCH,
    "DateOutOfRange": _TOO_MUCH,
    "FetchScopesInvalid": _TOO_MUCH,
    "FetchScopesNotAllowed": _TOO_MUCH,
    # reading the bank
    "ConnectionCannotBeRefreshed": Row(RateLimited, "The bank was read not long ago.", REFRESH_PAUSE),
    "BackgroundFetchLimitExceeded": Row(
        RateLimited, "The bank lets itself be read four times a day while nobody is there.", BACKGROUND_PAUSE
    ),
    "ConnectionAlreadyProcessing": Row(NotReady, pause=READY_PAUSE),
    "ConnectionFetchingStopped": _BROKE_OFF,
    "ConnectionLost": _BROKE_OFF,
    "ConnectionFailed": _BROKE_OFF,
    "FetchingTimeout": _BROKE_OFF,
    "ExecutionTimeout": _BROKE_OFF,
    "ProviderError": Row(InstitutionDown),
    "ProviderUnavailable": Row(InstitutionDown),
    "InternalServerError": Row(ProviderDown),
    "ProviderInactive": Row(InstitutionRetired),
    "ProviderDisabled": Row(InstitutionRetired),
    "ProviderNotFound": Row(InstitutionRetired),
    # what is gone
    "ConnectionDisabled": Row(ConnectionGone, "The provider gave this connection up: connect the bank again."),
    "ConnectionNotFound": Row(ConnectionGone),
    "CustomerNotFound": Row(ConnectionGone),
    "AccountNotFound": Row(NotFound, "The bank no longer shows this account."),
    "TransactionNotFound": Row(NotFound, "The provider no longer has this transaction."),
    # limits
    "TooManyRequests": Row(RateLimited, pause=RATE_PAUSE),
    "RateLimitExceeded": Row(RateLimited, pause=RATE_PAUSE),
    "ConnectionLimitReached": Row(
        ProviderMisconfigured, "The proxy's contract with Salt Edge allows no more connections."
    ),
    # the proxy's contract
    "ApiKeyNotFound": Row(ProviderMisconfigured, "Salt Edge does not accept the proxy's keys."),
    "AppIdNotProvided": _OUR_ACCESS,
    "SecretNotProvided": _OUR_ACCESS,
    "ClientNotFound": _OUR_ACCESS,
    "ClientDisabled": _OUR_ACCESS,
    "ClientRestricted": _OUR_ACCESS,
    "ClientPending": _OUR_ACCESS,
    "ActionNotAllowed": _OUR_ACCESS,
    "ProviderAccessNotGranted": _OUR_ACCESS,
    "CustomerLocked": _OUR_ACCESS,
    "SignatureNotMatch": _OUR_SIGNATURE,
    "MissingSignature": _OUR_SIGNATURE,
    "MissingExpiresAt": _OUR_SIGNATURE,
    "PublicKeyNotProvided": _OUR_SIGNATURE,
    "ExpiresAtInvalid": _OUR_CLOCK,
    "RequestExpired": _OUR_CLOCK,
    # the proxy's requests
    "DuplicatedCustomer": _OUR_REQUEST,
    "IdentifierInvalid": _OUR_REQUEST,
    "CustomFieldsSizeTooBig": _OUR_REQUEST,
    "CustomFieldsFormatInvalid": _OUR_REQUEST,
    "ReturnURLInvalid": _OUR_REQUEST,
    "ReturnURLTooLong": _OUR_REQUEST,
    "WrongRequestFormat": _OUR_REQUEST,
    "JsonParseError": _OUR_REQUEST,
    "DateFormatInvalid": _OUR_REQUEST,
    "ValueOutOfRange": _OUR_REQUEST,
    "BatchSizeLimitExceeded": _OUR_REQUEST,
    "RouteNotFound": _OUR_REQUEST,
    "ProviderNotInteractive": _OUR_REQUEST,
    "WrongProviderMode": _OUR_REQUEST,
}
# Whatever is quoted from Salt Edge goes through this: the address of a visit must never come along.
_TOKEN = re.compile(r"(token=)[^\s&\"']+")

Moment = Annotated[dt.datetime, Meta(tz=True)]


class ErrorBody(Struct):
    """``error`` of an answer."""

    class_name: str = msgspec.field(name="class", default="")
    message: str | None = ""
    request_id: str | None = None


class Failure(Struct):
    """An answer that is not a success; the flat names are those of older versions."""

    error: ErrorBody | None = None
    error_class: str | None = None
    error_message: str | None = None
    request_id: str | None = None
    next_refresh_possible_at: Moment | None = None


def from_answer(status: int, body: bytes) -> FeedError:
    """The error a failed call's body stands for. A body that is not Salt Edge's goes by the HTTP status."""
    try:
        told = decode(body, Failure, sender=TITLE)
    except InvalidResponse as error:
        return ProviderDown() if status >= 500 else error
    said = told.error or ErrorBody(class_name=told.error_class or "", message=told.error_message)
    if not said.class_name:
        if status >= 500:
            return ProviderDown()
        return InvalidResponse(f"Salt Edge answered HTTP {status} without an error class.")
    return from_class(
        said.class_name,
        said.message or "",
        request_id=said.request_id or told.request_id or "",
        retry_at=told.next_refresh_possible_at,
        status=status,
    )


def from_class(
    name: str, message: str, *, request_id: str = "", retry_at: dt.datetime | None = None, status: int = 400
) -> FeedError:
    """A class of error -> ours, of a failed call or a failed reading. An unknown class keeps Salt Edge's words."""
    row = ERRORS.get(name) or _by_status(status)
    said = _TOKEN.sub(r"\1[secret]", message)
    return row.error(ProviderErrorData(code=name, message=said, request_id=request_id), retry_at=retry_at)


def _by_status(status: int) -> Row:
    if status == 429:
        return ERRORS["TooManyRequests"]
    return Row(ProviderDown) if status >= 500 else Row(UnknownProviderError)
