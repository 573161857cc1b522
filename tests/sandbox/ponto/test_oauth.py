"""Permissions: the page, codes that are good once, refresh tokens that rotate, and what comes back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from sandbox.ponto.tokens import GRACE
from tests.sandbox.conftest import Answer
from tests.sandbox.ponto.conftest import Ponto, approve

Shared = Callable[..., dict[str, Any]]
Control = Callable[..., Answer]


def test_a_code_is_good_once_and_for_its_opener(ponto: Ponto) -> None:
    code = ponto.walk("Quiet Bank", approve("quiet_bank.1"))["code"]
    assert ponto.exchange(code, verifier="w" * 43)[1]["error"] == "invalid_grant"
    assert ponto.exchange(code, redirect="https://evil.example/")[1]["error"] == "invalid_grant"
    status, told = ponto.exchange(code)
    assert (status, told["token_type"], told["expires_in"]) == (200, "bearer", 1799)
    assert ponto.exchange(code)[1]["error"] == "invalid_grant"
    assert ponto.exchange("")[1]["error"] == "invalid_grant"


def test_who_leaves_comes_back_with_an_error_and_the_state(ponto: Ponto) -> None:
    answer = ponto.walk("Quiet Bank", {"action": "cancel"})
    assert (answer["error"], answer["state"]) == ("access_denied", "state-of-eight")
    answer = ponto.walk("Down Bank", {"action": "cancel"})
    assert answer["error"] == "temporarily_unavailable"


@pytest.mark.parametrize(
    "change",
    [{"client_id": "x"}, {"redirect_uri": "javascript:x"}, {"code_challenge_method": "plain"}, {"state": "short"}],
)
def test_a_page_with_a_wrong_address_is_refused(client: Client, db: None, change: dict[str, str]) -> None:
    good = {
        "client_id": "sandbox-client-id",
        "redirect_uri": "https://app.example/",
        "response_type": "code",
        "state": "state-of-eight",
        "code_challenge": "c" * 43,
        "code_challenge_method": "S256",
    }
    assert client.get("/ponto/oauth2/auth", query_params=good).status_code == 302
    assert client.get("/ponto/oauth2/auth", query_params={**good, **change}).status_code == 400


def test_a_refresh_token_that_was_spent_and_followed_is_refused(ponto: Ponto, shared: Shared) -> None:
    first = shared("Quiet Bank", "quiet_bank.1")
    status, second = ponto.renew(first["refresh_token"])
    assert status == 200
    assert second["refresh_token"] != first["refresh_token"]
    ponto.get("/accounts", second["access_token"])
    status, told = ponto.renew(first["refresh_token"])
    assert (status, told["error"]) == (400, "invalid_grant")
    # The one that followed stays good.
    assert ponto.renew(second["refresh_token"])[0] == 200


def test_one_whose_answer_was_lost_is_taken_once_more_for_a_while(
    ponto: Ponto, shared: Shared, control: Control
) -> None:
    first = shared("Quiet Bank", "quiet_bank.1")
    lost = ponto.renew(first["refresh_token"])[1]
    status, again = ponto.renew(first["refresh_token"])
    assert status == 200
    assert ponto.error("GET", "/accounts", token=lost["access_token"])[0] == 401
    assert ponto.renew(lost["refresh_token"])[1]["error"] == "invalid_grant"
    ponto.get("/accounts", again["access_token"])
    ponto.renew(again["refresh_token"])
    control("POST", "clock", seconds=int(GRACE.total_seconds()) + 1)
    assert ponto.renew(again["refresh_token"])[1]["error"] == "invalid_grant"


def test_a_strict_server_takes_none_twice(ponto: Ponto, shared: Shared, control: Control) -> None:
    first = shared("Quiet Bank", "quiet_bank.1")
    ponto.renew(first["refresh_token"])
    armed = control("POST", "faults", kind="shape", name="strict_rotation", route="/oauth2/token", times=None)
    assert armed.status == 200
    assert ponto.renew(first["refresh_token"])[1]["error"] == "invalid_grant"


def test_an_access_token_ends_after_half_an_hour(ponto: Ponto, shared: Shared, control: Control) -> None:
    told = shared("Quiet Bank", "quiet_bank.1")
    ponto.get("/accounts", told["access_token"])
    control("POST", "clock", seconds=1799)
    assert ponto.error("GET", "/accounts", token=told["access_token"])[0] == 401


def test_a_revoked_permission_opens_nothing(ponto: Ponto, shared: Shared, client: Client) -> None:
    told = shared("Quiet Bank", "quiet_bank.1")
    form = {"token": told["refresh_token"]}
    answer = client.post("/ponto/oauth2/revoke", data=form, headers={"Authorization": "Basic eDp5"})
    assert answer.status_code == 401
    assert ponto.get("/userinfo", told["access_token"])["onboardingComplete"] is True
    owner = ponto.get("/userinfo", told["access_token"])["sub"]
    assert ponto.error("DELETE", f"/organizations/{owner}/integration", token=told["access_token"])[0] == 403
    assert ponto.ask("DELETE", f"/organizations/{owner}/integration", token=ponto.own_token())[0] == 200
    assert ponto.error("GET", "/accounts", token=told["access_token"])[0] == 401
    assert ponto.renew(told["refresh_token"])[1]["error"] == "invalid_grant"


def test_an_own_integration_sees_its_accounts_without_a_page(client: Client, ponto: Ponto) -> None:
    basic = "Basic c2FuZGJveC1jdXN0b20taWQ6c2FuZGJveC1jdXN0b20tc2VjcmV0"
    # In the query, as its users write it.
    answer = client.post("/ponto/oauth2/token?grant_type=client_credentials", headers={"Authorization": basic})
    told = answer.json()
    assert "refresh_token" not in told
    found = ponto.get("/accounts?page[limit]=100", told["access_token"])["data"]
    assert len({row["relationships"]["financialInstitution"]["data"]["id"] for row in found}) == 2
