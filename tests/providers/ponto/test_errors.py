"""Ponto's errors as ours: one row of the tables, one test."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest
import time_machine

from providers import errors as ours
from providers.http import Answer
from providers.ponto import errors

EXPECTED: dict[str, tuple[type[ours.FeedError], str]] = {
    "accountRecentlySynchronized": (ours.RateLimited, "wait"),
    "authorizationInvalid": (ours.ConsentExpired, "update_credentials"),
    "resourceNotFound": (ours.NotFound, "none"),
}
OAUTH_EXPECTED: dict[str, tuple[type[ours.FeedError], str]] = {
    "invalid_grant": (ours.ConsentExpired, "update_credentials"),
    "invalid_client": (ours.ProviderMisconfigured, "contact_support"),
    "unauthorized_client": (ours.ProviderMisconfigured, "contact_support"),
    "invalid_request": (ours.ProviderMisconfigured, "contact_support"),
    "invalid_scope": (ours.ProviderMisconfigured, "contact_support"),
    "unsupported_grant_type": (ours.ProviderMisconfigured, "contact_support"),
    "unsupported_response_type": (ours.ProviderMisconfigured, "contact_support"),
    "server_error": (ours.ProviderDown, "retry"),
    "temporarily_unavailable": (ours.ProviderDown, "retry"),
}
STATUS_EXPECTED: dict[int, tuple[type[ours.FeedError], str]] = {
    400: (ours.ProviderMisconfigured, "contact_support"),
    401: (ours.SecretExpired, "update_credentials"),
    403: (ours.ProviderMisconfigured, "contact_support"),
    404: (ours.NotFound, "none"),
    429: (ours.RateLimited, "wait"),
}


def said(status: int, *told: dict[str, object]) -> Answer:
    return Answer(status, msgspec.json.encode({"errors": told}), {"ibanity-request-id": "request-1"})


def test_every_row_of_the_tables_has_its_test() -> None:
    assert set(EXPECTED) == set(errors.ERRORS)
    assert set(OAUTH_EXPECTED) == set(errors.OAUTH_ERRORS)
    assert set(STATUS_EXPECTED) == set(errors.BY_STATUS)


@pytest.mark.parametrize("code", list(EXPECTED))
def test_a_code_becomes_what_the_caller_does_next(code: str) -> None:
    error = errors.from_answer(said(400, {"code": code, "detail": "It is so."}))
    assert (type(error), error.action) == EXPECTED[code]
    assert error.message.endswith(".")
    assert error.provider is not None
    assert (error.provider.code, error.provider.message) == (code, "It is so.")
    assert error.provider.request_id == "request-1"


@pytest.mark.parametrize("code", list(OAUTH_EXPECTED))
def test_a_code_of_the_oauth_server(code: str) -> None:
    told = {"error": code, "error_description": "It is so.", "error_hint": "Look."}
    error = errors.from_oauth_answer(Answer(400, msgspec.json.encode(told)))
    assert (type(error), error.action) == OAUTH_EXPECTED[code]
    assert error.provider is not None
    assert (error.provider.code, error.provider.message) == (code, "It is so.")


@pytest.mark.parametrize("status", list(STATUS_EXPECTED))
def test_an_unknown_code_goes_by_the_status(status: int) -> None:
    error = errors.from_answer(said(status, {"code": "ofNextYear", "detail": "It is so."}))
    assert (type(error), error.action) == STATUS_EXPECTED[status]
    assert error.provider is not None
    assert error.provider.code == "ofNextYear"


@pytest.mark.parametrize(("status", "kind"), [(418, ours.UnknownProviderError), (500, ours.ProviderDown)])
def test_any_other_status(status: int, kind: type[ours.FeedError]) -> None:
    assert type(errors.from_answer(said(status))) is kind


@time_machine.travel("2026-03-01T12:00:00Z", tick=False)
def test_a_limit_says_when_to_come_back() -> None:
    assert errors.from_answer(said(429)).retry_at == dt.datetime(2026, 3, 1, 12, 1, tzinfo=dt.UTC)


@pytest.mark.parametrize("body", [b"[]", b"{", b'{"errors": 5}'])
def test_a_failure_without_ponto_s_words_goes_by_its_status(body: bytes) -> None:
    assert isinstance(errors.from_answer(Answer(500, body)), ours.ProviderDown)
    assert isinstance(errors.from_answer(Answer(401, body)), ours.SecretExpired)
    assert isinstance(errors.from_answer(Answer(400, body)), ours.InvalidResponse)


def test_the_oauth_server_may_fail_as_the_api_does() -> None:
    assert isinstance(errors.from_oauth_answer(said(401)), ours.ProviderMisconfigured)
    assert isinstance(errors.from_oauth_answer(said(429)), ours.RateLimited)


@pytest.mark.parametrize("body", ['{"a": 1}', '"<html>"', "null", "[1]"])
def test_what_the_bank_itself_said_is_never_shown(body: str) -> None:
    response = msgspec.Raw(b'{"financialInstitutionResponse":{"body":' + body.encode() + b"}}")
    told = {"errors": [{"code": "authorizationInvalid", "meta": response}]}
    error = errors.from_answer(Answer(400, msgspec.json.encode(told)))
    assert type(error) is ours.ConsentExpired
    assert "html" not in f"{error!r} {error.provider}"


def test_a_reading_that_failed_for_a_reason_of_the_bank_may_pass() -> None:
    error = errors.from_synchronization([errors.ApiError(code="ofNextYear", detail="The bank said no.")])
    assert (type(error), error.action) == (ours.InstitutionDown, "retry")
    mixed = [errors.ApiError(code="ofNextYear"), errors.ApiError(code="authorizationInvalid")]
    assert type(errors.from_synchronization(mixed)) is ours.ConsentExpired
    assert type(errors.from_synchronization([])) is ours.InstitutionDown


def test_a_token_in_ponto_s_words_does_not_come_along() -> None:
    token = "MoH3" * 12
    error = errors.from_answer(said(400, {"code": "x", "detail": f"no such token {token} here"}))
    assert error.provider is not None
    assert error.provider.message == "no such token [secret] here"
