"""Plaid's wire: keys, fields, errors, request ids, numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver

from tests.sandbox.conftest import KEYS, Caller

SYNC = "/transactions/sync"
GET = "/transactions/get"


@pytest.mark.django_db
def test_keys_are_taken_from_headers_or_body(api: Caller) -> None:
    in_body = {"client_id": KEYS["PLAID-CLIENT-ID"], "secret": KEYS["PLAID-SECRET"]}
    asked = {"query": "demo", "country_codes": ["US"]}
    assert api.ask("/institutions/search", asked).status == 200
    assert api.ask("/institutions/search", asked | in_body, headers={}).status == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "MISSING_FIELDS"),
        (KEYS | {"PLAID-SECRET": "Sandbox-Secret"}, "INVALID_API_KEYS"),
        (KEYS | {"PLAID-CLIENT-ID": "somebody-else"}, "INVALID_API_KEYS"),
    ],
)
def test_without_the_right_keys_nothing_is_told(api: Caller, headers: dict[str, str], code: str) -> None:
    answer = api.ask("/institutions/search", {"query": "demo", "country_codes": ["US"]}, headers=headers)
    assert (answer.status, answer.body["error_code"]) == (400, code)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("route", "body", "code"),
    [
        ("/accounts/get", {}, "MISSING_FIELDS"),
        ("/accounts/get", {"access_token": None}, "MISSING_FIELDS"),
        ("/accounts/get", {"access_token": 5}, "INVALID_FIELD"),
        ("/accounts/get", {"access_token": "x", "acount_ids": []}, "UNKNOWN_FIELDS"),
        (SYNC, {"access_token": "x", "count": 501}, "INVALID_FIELD"),
        (SYNC, {"access_token": "x", "count": 0}, "INVALID_FIELD"),
        (SYNC, {"access_token": "x", "options": {"include": True}}, "INVALID_FIELD"),
        (GET, {"access_token": "x", "start_date": "2026-02-30", "end_date": "2026-03-01"}, "INVALID_FIELD"),
        ("/institutions/get", {"count": 10, "offset": 0, "country_codes": ["ZZ"]}, "INVALID_FIELD"),
        ("/institutions/get", {"count": 10, "offset": 0, "country_codes": []}, "INVALID_FIELD"),
        ("/link/token/get", {}, "MISSING_FIELDS"),
    ],
)
def test_fields_are_checked(api: Caller, route: str, body: dict[str, Any], code: str) -> None:
    assert api.error(route, **body) == (400, "INVALID_REQUEST", code)


@pytest.mark.django_db
def test_all_missing_fields_are_named(api: Caller) -> None:
    message = api.ask("/link/token/create", {}).body["error_message"]
    assert message == "the following required fields are missing: client_name, language, country_codes"


@pytest.mark.django_db
@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff"])
def test_a_body_that_is_no_json_object_is_refused(client: Client, content: bytes) -> None:
    answer = client.post("/plaid/accounts/get", data=content, content_type="application/json", headers=KEYS)
    assert answer.status_code == 400
    assert answer.json()["error_code"] == "INVALID_BODY"


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["", "nope", "accounts/get/", "transactions/recurring/get"])
def test_a_path_that_is_none_of_plaids_is_not_found(api: Caller, path: str) -> None:
    assert api.error(f"/{path}") == (404, "INVALID_REQUEST", "NOT_FOUND")


@pytest.mark.django_db
def test_only_post_is_understood(client: Client) -> None:
    answer = client.get("/plaid/accounts/get")
    assert (answer.status_code, answer.json()["error_type"]) == (404, "INVALID_REQUEST")


def test_an_error_has_every_field_of_plaids_errors(api: Caller, db: None) -> None:
    body = api.ask("/accounts/get", {"access_token": "access-sandbox-none"}).body
    assert body["error_type"] == "INVALID_INPUT"
    assert body["error_code"] == "INVALID_ACCESS_TOKEN"
    assert {"error_message", "display_message", "request_id", "documentation_url", "suggested_action"} <= body.keys()


def test_tokens_are_compared_letter_by_letter(api: Caller, link: Callable[..., dict[str, Any]]) -> None:
    token = link("quiet_bank")["access_token"]
    assert api.error("/accounts/get", access_token=token.upper())[2] == "INVALID_ACCESS_TOKEN"


def test_every_answer_has_a_request_id_of_its_own(api: Caller, link: Callable[..., dict[str, Any]]) -> None:
    token = link("quiet_bank")["access_token"]
    seen = {api("/item/get", access_token=token)["request_id"] for _ in range(3)}
    assert len(seen) == 3


def test_amounts_are_exact_json_numbers(client: Client, link: Callable[..., dict[str, Any]]) -> None:
    token = link("many_currencies_bank", days=730)["access_token"]
    body = {"access_token": token, "count": 500}
    text = client.post(f"/plaid{SYNC}", data=body, content_type="application/json", headers=KEYS).content.decode()
    amounts = re.findall(r'"amount":([^,]+),', text)
    assert len(amounts) == 500
    assert all(re.fullmatch(r"-?\d+(\.\d{2,3})?", amount) for amount in amounts)


def test_no_route_is_left_without_a_view() -> None:
    known = {str(pattern.pattern) for pattern in get_resolver("sandbox.plaid.urls").url_patterns}
    assert {"link/token/create", "transactions/sync", "item/remove", "institutions/get", "hl/<str:hosted_id>"} <= known
