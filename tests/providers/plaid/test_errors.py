"""Plaid's error codes as ours: one row of the table, one test."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest
import time_machine

from providers import errors as ours
from providers.plaid.errors import ERRORS, from_answer

EXPECTED: dict[str, tuple[type[ours.FeedError], str]] = {
    "ITEM_LOGIN_REQUIRED": (ours.ConsentExpired, "update_credentials"),
    "ITEM_LOCKED": (ours.CredentialsRejected, "update_credentials"),
    "ITEM_NOT_FOUND": (ours.ConnectionGone, "reconnect"),
    "ITEM_NOT_SUPPORTED": (ours.NotSupported, "none"),
    "NO_ACCOUNTS": (ours.NotSupported, "none"),
    "PRODUCTS_NOT_SUPPORTED": (ours.NotSupported, "none"),
    "MFA_NOT_SUPPORTED": (ours.CredentialsRejected, "update_credentials"),
    "INSUFFICIENT_CREDENTIALS": (ours.CredentialsRejected, "update_credentials"),
    "INVALID_CREDENTIALS": (ours.CredentialsRejected, "update_credentials"),
    "INVALID_MFA": (ours.CredentialsRejected, "update_credentials"),
    "USER_SETUP_REQUIRED": (ours.CredentialsRejected, "update_credentials"),
    "USER_INPUT_TIMEOUT": (ours.CredentialsRejected, "update_credentials"),
    "ACCESS_NOT_GRANTED": (ours.ConsentExpired, "update_credentials"),
    "ADDITIONAL_CONSENT_REQUIRED": (ours.ConsentExpired, "update_credentials"),
    "PRODUCT_NOT_READY": (ours.NotReady, "wait"),
    "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION": (ours.PagesChanged, "retry"),
    "INSTITUTION_DOWN": (ours.InstitutionDown, "retry"),
    "INSTITUTION_NOT_RESPONDING": (ours.InstitutionDown, "retry"),
    "INSTITUTION_NOT_AVAILABLE": (ours.InstitutionDown, "retry"),
    "INSTITUTION_NO_LONGER_SUPPORTED": (ours.InstitutionRetired, "disable_auto_sync"),
    "INSTITUTION_REGISTRATION_REQUIRED": (ours.ProviderMisconfigured, "contact_support"),
    "INTERNAL_SERVER_ERROR": (ours.ProviderDown, "retry"),
    "PLANNED_MAINTENANCE": (ours.ProviderDown, "retry"),
    "INVALID_ACCESS_TOKEN": (ours.ConnectionGone, "reconnect"),
    "INVALID_PUBLIC_TOKEN": (ours.LinkExpired, "none"),
    "INVALID_LINK_TOKEN": (ours.LinkExpired, "none"),
    "INVALID_ACCOUNT_ID": (ours.NotFound, "none"),
    "INVALID_INSTITUTION": (ours.InstitutionRetired, "disable_auto_sync"),
    "INVALID_API_KEYS": (ours.ProviderMisconfigured, "contact_support"),
    "UNAUTHORIZED_ENVIRONMENT": (ours.ProviderMisconfigured, "contact_support"),
    "INVALID_PRODUCT": (ours.ProviderMisconfigured, "contact_support"),
    "MISSING_FIELDS": (ours.ProviderMisconfigured, "contact_support"),
    "UNKNOWN_FIELDS": (ours.ProviderMisconfigured, "contact_support"),
    "INVALID_FIELD": (ours.ProviderMisconfigured, "contact_support"),
    "INVALID_BODY": (ours.ProviderMisconfigured, "contact_support"),
    "INVALID_HEADERS": (ours.ProviderMisconfigured, "contact_support"),
    "NOT_FOUND": (ours.ProviderMisconfigured, "contact_support"),
}


def said(**fields: object) -> bytes:
    told: dict[str, object] = {
        "error_type": "ITEM_ERROR",
        "error_code": "X",
        "error_message": "m",
        "display_message": None,
        "causes": [],
    }
    return msgspec.json.encode({**told, "request_id": "HNTDNrA8F1shFEW", **fields})


def test_every_row_of_the_table_has_its_test() -> None:
    assert set(EXPECTED) == set(ERRORS)


@pytest.mark.parametrize("code", list(EXPECTED))
def test_a_code_becomes_what_the_caller_does_next(code: str) -> None:
    kind, action = EXPECTED[code]
    error = from_answer(400, said(error_code=code, error_message="the provided thing is wrong"))
    assert type(error) is kind
    assert error.action == action
    assert error.message.endswith(".")
    assert error.provider is not None
    assert error.provider.code == code
    assert error.provider.message == "the provided thing is wrong"
    assert error.provider.request_id == "HNTDNrA8F1shFEW"


@pytest.mark.parametrize("code", ["TRANSACTIONS_LIMIT", "ACCOUNTS_LIMIT", "RATE_LIMIT", "A_LIMIT_OF_NEXT_YEAR"])
@time_machine.travel("2026-03-01T12:00:00Z", tick=False)
def test_every_limit_says_when_to_come_back(code: str) -> None:
    error = from_answer(429, said(error_type="RATE_LIMIT_EXCEEDED", error_code=code))
    assert isinstance(error, ours.RateLimited)
    assert error.retry_at == dt.datetime(2026, 3, 1, 12, 1, tzinfo=dt.UTC)


def test_not_ready_says_when_to_come_back() -> None:
    error = from_answer(400, said(error_code="PRODUCT_NOT_READY"))
    assert error.retry_at is not None
    assert error.retry_at > dt.datetime.now(dt.UTC)


@pytest.mark.parametrize("status", [500, 503])
def test_an_unknown_code_with_a_server_error_is_a_provider_that_is_down(status: int) -> None:
    assert isinstance(from_answer(status, said(error_type="NEW", error_code="NEW")), ours.ProviderDown)


def test_an_unknown_code_of_a_known_type_goes_by_the_type() -> None:
    assert isinstance(from_answer(400, said(error_type="API_ERROR", error_code="NEW")), ours.ProviderDown)


def test_an_unknown_code_keeps_plaid_s_words_for_people() -> None:
    error = from_answer(400, said(error_type="NEW_ERROR", error_code="NEW", display_message="Please call your bank."))
    assert type(error) is ours.UnknownProviderError
    assert error.message == "The provider answered with an error. “Please call your bank.”"
    assert error.provider is not None
    assert error.provider.code == "NEW"


@pytest.mark.parametrize(
    ("reason", "words"), [("OAUTH_CONSENT_EXPIRED", "expired"), ("OAUTH_USER_REVOKED", "withdrawn"), ("NEW", "sign-in")]
)
def test_a_sign_in_that_ended_says_why(reason: str, words: str) -> None:
    error = from_answer(400, said(error_code="ITEM_LOGIN_REQUIRED", error_code_reason=reason))
    assert words in error.message


@pytest.mark.parametrize("body", [b"[]", b"{", b'{"error_code": 5}', b"{}"])
def test_a_failure_without_plaid_s_words_goes_by_its_status(body: bytes) -> None:
    assert isinstance(from_answer(500, body), ours.ProviderDown)
    assert isinstance(from_answer(400, body), ours.InvalidResponse)


def test_a_token_in_plaid_s_words_does_not_come_along() -> None:
    error = from_answer(400, said(error_message="no item for access-production-1234-abcd here"))
    assert error.provider is not None
    assert error.provider.message == "no item for [secret] here"
    assert "1234" not in error.message
