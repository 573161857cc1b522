"""Salt Edge's error classes as ours: one row of the table, one test."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest
import time_machine

from providers import errors as ours
from providers.saltedge.errors import ERRORS, from_answer, from_class

_CONFIG = (ours.ProviderMisconfigured, "contact_support")
_CONSENT = (ours.ConsentExpired, "update_credentials")
_BANK = (ours.InstitutionDown, "retry")
_HOLDER = (ours.UserMustBePresent, "user_present")
_LIMIT = (ours.RateLimited, "wait")
_RETIRED = (ours.InstitutionRetired, "disable_auto_sync")
_GONE = (ours.ConnectionGone, "reconnect")
_CONFIGURATION = [
    "ApiKeyNotFound", "AppIdNotProvided", "SecretNotProvided", "ClientNotFound", "ClientDisabled", "ClientRestricted",
    "ClientPending", "ActionNotAllowed", "ProviderAccessNotGranted", "CustomerLocked", "SignatureNotMatch",
    "MissingSignature", "MissingExpiresAt", "PublicKeyNotProvided", "ExpiresAtInvalid", "RequestExpired",
    "DuplicatedCustomer", "IdentifierInvalid", "CustomFieldsSizeTooBig", "CustomFieldsFormatInvalid",
    "ReturnURLInvalid", "ReturnURLTooLong", "WrongRequestFormat", "JsonParseError", "DateFormatInvalid",
    "ValueOutOfRange", "BatchSizeLimitExceeded", "RouteNotFound", "ProviderNotInteractive", "WrongProviderMode",
    "ConnectionLimitReached", "DateOutOfAispConsentRange", "InvalidAispConsentFromDate", "InvalidAispConsentPeriod",
    "AispConsentScopesInvalid", "AispConsentScopesNotAllowed", "DateOutOfRange", "FetchScopesInvalid",
    "FetchScopesNotAllowed",
]  # fmt: skip
EXPECTED: dict[str, tuple[type[ours.FeedError], str]] = {
    **dict.fromkeys(_CONFIGURATION, _CONFIG),
    "InvalidCredentials": (ours.CredentialsRejected, "update_credentials"),
    "InvalidInteractiveCredentials": (ours.CredentialsRejected, "update_credentials"),
    "InteractiveTimeout": _HOLDER,
    "InteractiveAdapterTimeout": _HOLDER,
    "AllAccountsExcluded": _CONSENT,
    "ConnectionDuplicated": (ours.AlreadyConnected, "none"),
    "DuplicatedConnection": (ours.AlreadyConnected, "none"),
    "AispConsentExpired": _CONSENT,
    "ConsentExpired": _CONSENT,
    "AispConsentRevoked": _CONSENT,
    "ConsentRevoked": _CONSENT,
    "AispConsentAlreadyRevoked": _CONSENT,
    "AispConsentNotFound": _CONSENT,
    "ConnectionCannotBeRefreshed": _LIMIT,
    "BackgroundFetchLimitExceeded": _LIMIT,
    "TooManyRequests": _LIMIT,
    "RateLimitExceeded": _LIMIT,
    "ConnectionAlreadyProcessing": (ours.NotReady, "wait"),
    "ConnectionFetchingStopped": _BANK,
    "ConnectionLost": _BANK,
    "ConnectionFailed": _BANK,
    "FetchingTimeout": _BANK,
    "ExecutionTimeout": _BANK,
    "ProviderError": _BANK,
    "ProviderUnavailable": _BANK,
    "InternalServerError": (ours.ProviderDown, "retry"),
    "ProviderInactive": _RETIRED,
    "ProviderDisabled": _RETIRED,
    "ProviderNotFound": _RETIRED,
    "ConnectionDisabled": _GONE,
    "ConnectionNotFound": _GONE,
    "CustomerNotFound": _GONE,
    "AccountNotFound": (ours.NotFound, "none"),
    "TransactionNotFound": (ours.NotFound, "none"),
}


def said(name: str, **beside: Any) -> bytes:
    error = {"class": name, "message": "Connection with id: '1' was wrong.", "request_id": "r-1"}
    return msgspec.json.encode({"error": error, "request": {"a": 1}, **beside})


def test_every_row_of_the_table_has_its_test() -> None:
    assert set(EXPECTED) == set(ERRORS)


@pytest.mark.parametrize("name", list(EXPECTED))
def test_a_class_becomes_what_the_caller_does_next(name: str) -> None:
    kind, action = EXPECTED[name]
    error = from_answer(400, said(name))
    assert type(error) is kind
    assert error.action == action
    assert error.message.endswith(".")
    assert error.provider is not None
    assert error.provider.code == name
    assert error.provider.message == "Connection with id: '1' was wrong."
    assert error.provider.request_id == "r-1"
    assert (error.retry_at is not None) == (action == "wait")


@time_machine.travel("2026-03-01T12:00:00Z", tick=False)
def test_too_early_says_when_to_come_back() -> None:
    told = from_answer(406, said("ConnectionCannotBeRefreshed", next_refresh_possible_at="2026-03-01T12:40:00Z"))
    assert told.retry_at == dt.datetime(2026, 3, 1, 12, 40, tzinfo=dt.UTC)
    untold = from_answer(406, said("ConnectionCannotBeRefreshed", next_refresh_possible_at=None))
    assert untold.retry_at == dt.datetime(2026, 3, 1, 13, 0, tzinfo=dt.UTC)


def test_the_flat_shape_of_older_versions_is_read() -> None:
    body = b'{"error_class":"InvalidCredentials","error_message":"m","request":{}}'
    error = from_answer(406, body)
    assert isinstance(error, ours.CredentialsRejected)
    assert error.provider is not None
    assert error.provider.message == "m"


def test_an_unknown_class_keeps_salt_edge_s_words_and_is_tried_again() -> None:
    error = from_answer(400, said("ErrorOfNextYear"))
    assert type(error) is ours.UnknownProviderError
    said_so = "The provider answered with an error. “Connection with id: '1' was wrong.”"
    assert (error.message, error.action) == (said_so, "retry")


@pytest.mark.parametrize(("status", "kind"), [(500, ours.ProviderDown), (429, ours.RateLimited)])
def test_an_unknown_class_goes_by_a_status_that_says_more(status: int, kind: type[ours.FeedError]) -> None:
    assert type(from_answer(status, said("ErrorOfNextYear"))) is kind


@pytest.mark.parametrize("body", [b"[]", b"{", b'{"error": 5}', b'{"error": {"class": 7}}', b"{}"])
def test_a_failure_without_salt_edge_s_words_goes_by_its_status(body: bytes) -> None:
    assert isinstance(from_answer(500, body), ours.ProviderDown)
    assert isinstance(from_answer(400, body), ours.InvalidResponse)


def test_the_address_of_a_visit_does_not_come_along() -> None:
    error = from_class("ErrorOfNextYear", "see https://www.saltedge.com/connect?token=abc.def-1 there")
    assert error.provider is not None
    assert error.provider.message == "see https://www.saltedge.com/connect?token=[secret] there"
    assert "abc.def" not in error.message
