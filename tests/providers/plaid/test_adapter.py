"""Plaid's routes: what is asked, in which order, and what comes of each answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest
import time_machine

from providers.errors import (
    ConnectionGone,
    ConsentExpired,
    InstitutionDown,
    InvalidResponse,
    NotReady,
    PagesChanged,
    ProviderDown,
)
from providers.plaid.adapter import PlaidAdapter
from providers.types import EndUser
from tests.providers.plaid import payload
from tests.providers.plaid.wire_plaid import (
    WirePlaid,
    failure,
    institution_status,
    item,
    page,
)
from tests.providers.wire import Said

ACCOUNT = "BxBXxLj1m4HMXBm9WZZmCWVbPjX16EHwv99vp"
TOKEN = "access-sandbox-1"
USER = EndUser(ip="192.0.2.7", agent="Firefox")
NOW = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)


@pytest.fixture
def frozen() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


# --- transport -------------------------------------------------------------------------------------------------------
def test_every_call_carries_keys_and_version(plaid: WirePlaid, adapter: PlaidAdapter) -> None:
    plaid.on("/accounts/get", payload("accounts"))
    adapter.accounts(TOKEN)
    headers = plaid.wire.seen[0].headers
    assert headers["PLAID-CLIENT-ID"] == "id-1"
    assert headers["PLAID-SECRET"] == "secret-1"
    assert headers["Plaid-Version"] == "2020-09-14"
    assert plaid.calls("/accounts/get") == [{"access_token": TOKEN}]


def test_html_in_the_place_of_plaid_is_a_provider_that_is_down(plaid: WirePlaid, adapter: PlaidAdapter) -> None:
    plaid.on("/accounts/get", Said(status=503, body=b"<html>", headers={"Content-Type": "text/html"}))
    with pytest.raises(ProviderDown):
        adapter.accounts(TOKEN)


# --- institutions ----------------------------------------------------------------------------------------------------
def test_the_directory_is_read_to_its_end(plaid: WirePlaid, adapter: PlaidAdapter) -> None:
    first = {**msgspec.json.decode(payload("institutions")), "total": 3}
    second = {"institutions": [{"institution_id": "ins_3", "name": "Third", "country_codes": ["US"]}], "total": 3}
    plaid.on("/institutions/get", first, second)
    ids = [[each.id for each in told] for told in adapter.institutions()]
    assert ids == [["plaid:ins_117650", "plaid:ins_2"], ["plaid:ins_3"]]
    assert [call["offset"] for call in plaid.calls("/institutions/get")] == [0, 2]
    assert plaid.calls("/institutions/get")[0]["count"] == 500


def test_a_directory_that_ends_early_does_not_go_round_for_ever(plaid: WirePlaid, adapter: PlaidAdapter) -> None:
    plaid.on("/institutions/get", {"institutions": [], "total": 9})
    with pytest.raises(InvalidResponse):
        list(adapter.institutions())


# --- refresh ---------------------------------------------------------------------------------------------------------
def test_a_connection_with_its_history_is_ready(plaid: WirePlaid, adapter: PlaidAdapter) -> None:
    plaid.on("/item/get", item())
    plaid.on("/transactions/sync", page())
    assert adapter.refresh(TOKEN, user=None).status == "ready"
    assert plaid.calls("/transactions/refresh") == []
    assert plaid.calls("/transactions/sync")[0]["count"] == 1


@pytest.mark.usefixtures("frozen")
@pytest.mark.parametrize(
    ("status", "connected_at", "answer"),
    [
        ("NOT_READY", "2020-01-01T00:00:00Z", "working"),
        ("INITIAL_UPDATE_COMPLETE", "2026-03-01T11:30:00Z", "working"),
        ("INITIAL_UPDATE_COMPLETE", "2026-03-01T10:30:00Z", "ready"),
        ("INITIAL_UPDATE_COMPLETE", None, "ready"),
        ("HISTORICAL_UPDATE_COMPLETE", "2026-03-01T11:59:00Z", "ready"),
        ("A_STATUS_OF_NEXT_YEAR", None, "ready"),
    ],
)
def test_readiness_is_known_from_a_look_at_the_transactions(
    plaid: WirePlaid, adapter: PlaidAdapter, status: str, connected_at: str | None, answer: str
) -> None:
    plaid.on("/item/get", item(created_at=connected_at))
    plaid.on("/transactions/sync", page(transactions_update_status=status, next_cursor=""))
    told = adapter.refresh(TOKEN, user=None)
    assert told.status == answer
    assert (told.retry_at is not None) == (answer == "working")


@pytest.mark.parametrize("code", ["PRODUCTS_NOT_SUPPORTED", "INVALID_PRODUCT", "TRANSACTIONS_LIMIT"])
def test_a_present_user_has_the_bank_read_where_that_can_be_had(
    plaid: WirePlaid, adapter: PlaidAdapter, code: str
) -> None:
    plaid.on("/item/get", item())
    plaid.on("/transactions/sync", page())
    kind = "RATE_LIMIT_EXCEEDED" if code.endswith("LIMIT") else "ITEM_ERROR"
    plaid.on("/transactions/refresh", failure(code, error_type=kind))
    assert adapter.refresh(TOKEN, user=USER).status == "ready"
    assert plaid.calls("/transactions/refresh") == [{"access_token": TOKEN}]


def test_a_refresh_that_fails_for_the_bank_is_told(plaid: WirePlaid, adapter: PlaidAdapter) -> None:
    plaid.on("/item/get", item())
    plaid.on("/transactions/refresh", failure("INSTITUTION_DOWN", error_type="INSTITUTION_ERROR"))
    with pytest.raises(InstitutionDown):
        adapter.refresh(TOKEN, user=USER)


@pytest.mark.usefixtures("frozen")
def test_what_was_read_a_moment_ago_is_not_asked_of_the_bank_again(plaid: WirePlaid, adapter: PlaidAdapter) -> None:
    plaid.on("/item/get", item(status={"transactions": {"last_successful_update": "2026-03-01T11:59:30Z"}}))
    plaid.on("/transactions/sync", page())
    assert adapter.refresh(TOKEN, user=USER).status == "ready"
    assert plaid.calls("/transactions/refresh") == []


def test_a_bank_that_confirms_each_reading_needs_somebody_there(plaid: WirePlaid, adapter: PlaidAdapter) -> None:
    plaid.on("/item/get", item(update_type="user_present_required"))
    plaid.on("/transactions/sync", page())
    plaid.on("/transactions/refresh", {})
    assert adapter.refresh(TOKEN, user=None).status == "user_present"
    assert adapter.refresh(TOKEN, user=USER).status == "ready"


def test_an_item_in_error_says_so_instead_of_giving_old_data(plaid: WirePlaid, adapter: PlaidAdapter) -> None:
    plaid.on("/item/get", item(error={"error_type": "ITEM_ERROR", "error_code": "ITEM_LOGIN_REQUIRED"}))
    with pytest.raises(ConsentExpired):
        adapter.refresh(TOKEN, user=None)


# --- transactions ----------------------------------------------------------------------------------------------------
def read(adapter: PlaidAdapter, position: str = "", limit: int = 500) -> Any:
    return adapter.transactions(TOKEN, ACCOUNT, position=position, first_day=dt.date(2026, 1, 1), limit=limit)


def test_a_page_has_what_is_posted_and_what_was_taken_back(plaid: WirePlaid, adapter: PlaidAdapter) -> None:
    plaid.on("/transactions/sync", payload("sync_page"))
    told = read(adapter)
    assert [row.id for row in told.transactions] == [
        "lPNjeW1nR6CDn5okmGQ6hEpMo4lLNoSrzqDje",
        "in-1",
        "out-meta",
        "mod-1",
    ]
    assert {row.status for row in told.transactions} == {"posted"}
    assert told.removed == ("no86Eox18VHMvaOVL7gPUM9ap3aR1LsAVZ5nc",)
    assert told.position.startswith("tVUUL15")
    assert not told.has_more
    assert told.balance is not None
    assert told.balance.booked == Decimal("110.94")
    assert plaid.calls("/transactions/sync") == [
        {
            "access_token": TOKEN,
            "count": 500,
            "options": {"include_original_description": True, "account_id": ACCOUNT},
        }
    ]


def test_the_cursor_goes_back_as_it_came(plaid: WirePlaid, adapter: PlaidAdapter) -> None:
    plaid.on("/transactions/sync", page(next_cursor="c/2+==", has_more=True))
    assert read(adapter, limit=7).position == "c/2+=="
    read(adapter, position="c/2+==", limit=9999)
    first, second = plaid.calls("/transactions/sync")
    assert "cursor" not in first
    assert (first["count"], second["count"], second["cursor"]) == (7, 500, "c/2+==")


def test_the_last_page_has_the_balance_even_without_transactions(plaid: WirePlaid, adapter: PlaidAdapter) -> None:
    plaid.on("/transactions/sync", page(has_more=True), page())
    told = msgspec.json.decode(payload("accounts"))
    told["accounts"][1]["account_id"] = ACCOUNT
    plaid.on("/accounts/get", told)
    assert read(adapter).balance is None
    assert read(adapter).balance.booked == Decimal("-410.50")
    assert plaid.calls("/accounts/get") == [{"access_token": TOKEN, "options": {"account_ids": [ACCOUNT]}}]


def test_not_ready_is_an_error_and_never_an_empty_page(plaid: WirePlaid, adapter: PlaidAdapter) -> None:
    plaid.on("/transactions/sync", page(transactions_update_status="NOT_READY", next_cursor=""))
    with pytest.raises(NotReady) as caught:
        read(adapter)
    assert caught.value.retry_at is not None


def test_pages_that_changed_are_told_so_that_all_are_read_again(plaid: WirePlaid, adapter: PlaidAdapter) -> None:
    code = "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION"
    plaid.on("/transactions/sync", failure(code, error_type="TRANSACTIONS_ERROR"))
    with pytest.raises(PagesChanged):
        read(adapter, position="c")


@pytest.mark.usefixtures("frozen")
def test_pending_transactions_of_two_weeks_over_all_pages(plaid: WirePlaid, adapter: PlaidAdapter) -> None:
    rows = msgspec.json.decode(payload("sync_page"))["added"]
    plaid.on(
        "/transactions/get",
        {"accounts": [], "transactions": rows[:2], "total_transactions": 4},
        {"accounts": [], "transactions": rows[2:], "total_transactions": 4},
    )
    (found,) = adapter.pending(TOKEN, ACCOUNT)
    assert (found.id, found.amount, found.status) == ("pending-1", Decimal("-4.50"), "pending")
    first, second = plaid.calls("/transactions/get")
    assert (first["start_date"], first["end_date"]) == ("2026-02-15", "2026-03-02")
    assert (first["options"]["offset"], second["options"]["offset"]) == (0, 2)
    assert first["options"]["account_ids"] == [ACCOUNT]


# --- health and end --------------------------------------------------------------------------------------------------
def test_the_state_of_an_item(plaid: WirePlaid, adapter: PlaidAdapter) -> None:
    plaid.on("/item/get", item())
    health = adapter.health(TOKEN)
    assert health.unattended
    assert health.error is None
    assert health.consent_expires_at == dt.datetime(2026, 12, 24, 15, tzinfo=dt.UTC)
    assert health.last_success_at == dt.datetime(2026, 2, 28, 15, 53, tzinfo=dt.UTC)


def test_the_state_of_a_broken_item_is_told_without_failing(plaid: WirePlaid, adapter: PlaidAdapter) -> None:
    error = {"error_type": "ITEM_ERROR", "error_code": "ITEM_LOCKED", "error_message": "m"}
    plaid.on("/item/get", item(error=error, update_type="user_present_required"))
    health = adapter.health(TOKEN)
    assert not health.unattended
    assert health.error is not None
    assert health.error.code == "credentials_rejected"


def test_a_bank_that_nobody_can_read_is_told_though_the_item_is_good(plaid: WirePlaid, adapter: PlaidAdapter) -> None:
    plaid.on("/item/get", item())
    plaid.on("/institutions/get_by_id", institution_status("DOWN"), failure("INVALID_INSTITUTION"))
    told = [adapter.health(TOKEN).error, adapter.health(TOKEN).error]
    assert [error.code for error in told if error] == ["institution_down", "institution_retired"]


def test_an_item_plaid_does_not_know_is_gone(plaid: WirePlaid, adapter: PlaidAdapter) -> None:
    plaid.on("/item/get", failure("INVALID_ACCESS_TOKEN", error_type="INVALID_INPUT"))
    with pytest.raises(ConnectionGone):
        adapter.health(TOKEN)


def test_ending_an_item_twice_is_no_error(plaid: WirePlaid, adapter: PlaidAdapter) -> None:
    plaid.on("/item/remove", {}, failure("ITEM_NOT_FOUND"))
    adapter.revoke(TOKEN)
    adapter.revoke(TOKEN)
    assert plaid.calls("/item/remove") == [{"access_token": TOKEN}] * 2
