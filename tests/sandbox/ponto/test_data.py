"""What an organization shares, as Ponto tells it: accounts, lists, synchronizations, and its messages."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from sandbox.ponto import webhooks
from sandbox.world.ledger import ledger
from tests.sandbox.conftest import Answer
from tests.sandbox.ponto.conftest import Ponto, approve

Shared = Callable[..., dict[str, Any]]
Control = Callable[..., Answer]


def accounts(ponto: Ponto, token: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ponto.get("/accounts?page[limit]=100", token)["data"]
    return found


def whole(ponto: Ponto, path: str, token: str) -> list[dict[str, Any]]:
    """Every row of a list, following its links."""
    rows: list[dict[str, Any]] = []
    while path:
        page = ponto.get(path, token)
        rows += page["data"]
        path = page["links"].get("next", "").partition("/ponto")[2].replace("%5B", "[").replace("%5D", "]")
    return rows


def synchronize(ponto: Ponto, token: str, account_id: str, **changes: Any) -> tuple[int, dict[str, Any]]:
    attributes = {
        "resourceType": "account",
        "resourceId": account_id,
        "subtype": "accountTransactions",
        "customerIpAddress": "192.0.2.7",
        **changes,
    }
    body = {"data": {"type": "synchronization", "attributes": attributes}}
    return ponto.ask("POST", "/synchronizations", token=token, body=body)


# --- lists -----------------------------------------------------------------------------------------------------------
def test_transactions_are_those_of_the_world_newest_first(ponto: Ponto, shared: Shared) -> None:
    token = shared("Equal Payments Bank", "equal_payments_bank.1")["access_token"]
    (account,) = accounts(ponto, token)
    rows = whole(ponto, f"/accounts/{account['id']}/transactions?page[limit]=100", token)
    posted = [
        entry for entry in ledger("equal_payments_bank.1").visible(dt.datetime.now(dt.UTC)) if not entry.is_pending
    ]
    first = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=730)
    expected = sorted(Decimal(entry.amount).scaleb(-2) for entry in posted if entry.date >= first)
    assert sorted(Decimal(row["attributes"]["amount"]) for row in rows) == expected
    assert len({row["id"] for row in rows}) == len(rows)
    moments = [row["attributes"]["createdAt"] for row in rows[:1] + rows[-1:]]
    assert moments[0] > moments[1]
    # Two equal payments share what the bank says of them, and nothing else.
    digests = [row["attributes"]["digest"] for row in rows]
    assert len(set(digests)) < len(digests)


def test_days_come_in_the_ways_that_banks_write_them(ponto: Ponto, shared: Shared) -> None:
    token = shared("Demo Business Bank", "demo_business_bank.1")["access_token"]
    (account,) = accounts(ponto, token)
    rows = whole(ponto, f"/accounts/{account['id']}/transactions?page[limit]=100", token)
    written = [row["attributes"]["executionDate"] for row in rows]
    assert any(text.endswith("T10:25:00.000Z") for text in written)
    assert any(text[10:13] in ("T22", "T23") for text in written)
    zone = ZoneInfo("Europe/Amsterdam")
    days = {dt.datetime.fromisoformat(text).astimezone(zone).date() for text in written}
    posted = {
        entry.date for entry in ledger("demo_business_bank.1").visible(dt.datetime.now(dt.UTC)) if not entry.is_pending
    }
    assert days <= posted


@pytest.mark.parametrize("style", ["page[limit]={}", "limit={}"])
def test_pages_lead_on_in_the_words_they_were_asked_in(ponto: Ponto, shared: Shared, style: str) -> None:
    token = shared("Quiet Bank", "quiet_bank.1")["access_token"]
    (account,) = accounts(ponto, token)
    path = f"/accounts/{account['id']}/transactions?"
    page = ponto.get(path + style.format(3), token)
    assert page["meta"]["paging"] == {"limit": 3, "after": None, "before": None}
    assert style.format(3) in page["links"]["next"].replace("%5B", "[").replace("%5D", "]")
    rows = whole(ponto, path + style.format(7), token)
    assert rows == whole(ponto, path + style.format(100), token)
    before = rows[5]["id"]
    assert ponto.get(f"{path}limit=5&before={before}", token)["data"] == rows[:5]
    assert ponto.error("GET", f"{path}limit=101", token=token)[0] == 400
    assert ponto.error("GET", f"{path}after=unknown", token=token) == (404, "resourceNotFound")


def test_lists_come_in_other_shapes_when_asked_to(ponto: Ponto, shared: Shared, control: Control) -> None:
    token = shared("Quiet Bank", "quiet_bank.1")["access_token"]
    (account,) = accounts(ponto, token)
    path, route = f"/accounts/{account['id']}/transactions?page[limit]=2", "/accounts/{id}/transactions"
    control("POST", "faults", kind="shape", name="short_links", route=route)
    assert "?limit=2&after=" in ponto.get(path, token)["links"]["next"]
    control("POST", "faults", kind="shape", name="no_paging", route=route)
    assert "meta" not in ponto.get(path, token)
    control("POST", "faults", kind="shape", name="bare_rows", route=route)
    assert set(ponto.get(path, token)["data"][0]["attributes"]) == {"amount", "currency", "executionDate"}


def test_a_counterparty_is_filled_in_later(ponto: Ponto, shared: Shared, control: Control) -> None:
    told = shared("Busy Street Bank", "busy_street_bank.1")
    blank: set[str] = set()
    for _ in range(30):
        told = ponto.renew(told["refresh_token"])[1]
        rows = newest(ponto, told["access_token"])
        blank = {key for key, name in rows.items() if not name}
        if blank:
            break
        control("POST", "clock", seconds=3 * 3600)
    assert blank
    control("POST", "clock", seconds=7 * 3600)
    told = ponto.renew(told["refresh_token"])[1]
    later = newest(ponto, told["access_token"])
    assert all(later[key] for key in blank)


def newest(ponto: Ponto, token: str) -> dict[str, str]:
    """The counterparties of the newest transactions, by id."""
    (account,) = accounts(ponto, token)
    rows = ponto.get(f"/accounts/{account['id']}/transactions?page[limit]=100", token)["data"]
    return {row["id"]: row["attributes"]["counterpartName"] for row in rows}


# --- synchronizations ------------------------------------------------------------------------------------------------
def test_a_synchronization_needs_a_person_and_goes_its_way(ponto: Ponto, shared: Shared, control: Control) -> None:
    token = shared("Long Reading Bank", "long_reading_bank.1")["access_token"]
    (account,) = accounts(ponto, token)
    assert synchronize(ponto, token, account["id"], customerIpAddress="nobody")[0] == 400
    assert synchronize(ponto, token, account["id"], subtype="everything")[0] == 400
    assert synchronize(ponto, token, "unknown")[0] == 404
    status, made = synchronize(ponto, token, account["id"])
    assert (status, made["data"]["attributes"]["status"]) == (201, "pending")
    path = f"/synchronizations/{made['data']['id']}"
    seen = [ponto.get(path, token)["data"]["attributes"]["status"]]
    for _ in range(2):
        control("POST", "clock", seconds=5)
        seen.append(ponto.get(path, token)["data"]["attributes"]["status"])
    assert seen == ["pending", "running", "success"]
    assert accounts(ponto, token)[0]["meta"]["latestSynchronization"]["id"] == made["data"]["id"]
    assert ponto.get(f"{path}/updated-transactions", token)["data"] == []


def test_one_too_early_is_refused_by_name(ponto: Ponto, shared: Shared) -> None:
    token = shared("Too Early Bank", "too_early_bank.1")["access_token"]
    (account,) = accounts(ponto, token)
    assert synchronize(ponto, token, account["id"])[0] == 201
    status, told = synchronize(ponto, token, account["id"])
    assert (status, told["errors"][0]["code"]) == (400, "accountRecentlySynchronized")


def test_pending_ones_are_known_to_who_asked_for_them(ponto: Ponto, shared: Shared) -> None:
    token = shared("Pending Tips Bank", "pending_tips_bank.1", "pending_tips_bank.2")["access_token"]
    found = 0
    for account in accounts(ponto, token):
        path = f"/accounts/{account['id']}/pending-transactions?page[limit]=100"
        found += len(ponto.get(path, token)["data"])
        synchronize(ponto, token, account["id"])
        assert ponto.get(path, token)["data"] == []
        synchronize(ponto, token, account["id"], subtype="accountTransactionsWithUnsettled")
        found -= len(ponto.get(path, token)["data"])
    assert found == 0


def test_a_permission_that_ends_shows_in_the_latest_synchronization(
    ponto: Ponto, shared: Shared, control: Control
) -> None:
    told = shared("Short Consent Bank", "short_consent_bank.1")
    control("POST", "clock", days=6)
    token = ponto.renew(told["refresh_token"])[1]["access_token"]
    (account,) = accounts(ponto, token)
    latest = account["meta"]["latestSynchronization"]["attributes"]
    assert (latest["status"], latest["errors"][0]["code"]) == ("error", "authorizationInvalid")
    body = {"data": {"type": "reauthorizationRequest", "attributes": {"redirectUri": "https://app.example/back?s=1"}}}
    status, made = ponto.ask("POST", f"/accounts/{account['id']}/reauthorization-requests", token=token, body=body)
    assert status == 201
    page = "/ponto" + made["data"]["links"]["redirect"].partition("/ponto")[2]
    ponto._client.post(page, {"action": "sign_in", "user": "anna", "password": "right"})
    assert ponto._client.post(page, {"action": "approve"})["Location"] == "https://app.example/back?s=1"
    (account,) = accounts(ponto, token)
    assert account["meta"]["latestSynchronization"]["attributes"]["status"] == "success"


# --- sharing ---------------------------------------------------------------------------------------------------------
def test_one_permission_holds_accounts_of_several_banks(ponto: Ponto, shared: Shared) -> None:
    first = shared("Quiet Bank", "quiet_bank.1")["access_token"]
    second = shared("Dormant Bank", "dormant_bank.1", "quiet_bank.1")["access_token"]
    assert len(accounts(ponto, first)) == len(accounts(ponto, second)) == 2
    banks = ponto.get("/financial-institutions", second)["data"]
    assert {bank["attributes"]["name"] for bank in banks} == {"Quiet Bank", "Dormant Bank"}
    # Who takes a tick away takes the account away from all.
    ponto.exchange(ponto.walk("Dormant Bank", approve("dormant_bank.1"))["code"])
    assert [row["attributes"]["description"] for row in accounts(ponto, first)] == ["Reserve account"]
    (account,) = accounts(ponto, first)
    assert ponto.ask("DELETE", f"/accounts/{account['id']}", token=first)[0] == 200
    assert accounts(ponto, second) == []


def test_new_numbers_after_each_sign_in(ponto: Ponto, shared: Shared) -> None:
    before = accounts(ponto, shared("New Numbers Bank", "new_numbers_bank.1")["access_token"])
    after = accounts(ponto, shared("New Numbers Bank", "new_numbers_bank.1")["access_token"])
    assert before[0]["id"] != after[0]["id"]
    assert before[0]["attributes"]["reference"] == after[0]["attributes"]["reference"]


def test_banks_change_their_accounts(ponto: Ponto, shared: Shared, control: Control) -> None:
    token = shared("Closing Account Bank", "closing_account_bank.1", "closing_account_bank.2")["access_token"]
    other = shared("Renaming Bank", "renaming_bank.1", "closing_account_bank.2")["access_token"]
    control("POST", "clock", seconds=61)
    told = {row["attributes"]["description"]: row["attributes"]["deprecated"] for row in accounts(ponto, other)}
    assert told == {"Savings account": True, "Renamed account": False}
    assert len(accounts(ponto, token)) == 2


def test_a_signature_is_checked_when_there_is_one(ponto: Ponto) -> None:
    headers = {"Digest": "SHA-512=" + base64.b64encode(hashlib.sha512(b"other").digest()).decode()}
    status, told = ponto.ask("GET", "/financial-institutions", headers={"Signature": 'created="1"', **headers})
    assert (status, told["errors"][0]["code"]) == (401, "invalidSignature")


def test_the_keys_are_published_with_padding(client: Client, db: None) -> None:
    (key,) = client.get("/ponto/webhooks/keys").json()["keys"]
    assert key["n"].endswith("=")
    assert (key["use"], key["status"], key["kid"]) == ("sig", "ACTIVE", webhooks.published_keys()["keys"][0]["kid"])
