"""Transactions by cursor and by date: complete, in order, repeatable, and what the truth says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.conftest import Answer, Caller, Reading

Link = Callable[..., dict[str, Any]]
Control = Callable[..., Answer]


def books(readings: list[Reading]) -> dict[str, dict[str, Any]]:
    """What a reader holds after all these changes, page by page, as Plaid says to apply them."""
    known: dict[str, dict[str, Any]] = {}
    for reading in readings:
        for kind in ("added", "modified"):
            known |= {row["transaction_id"]: row for row in reading.rows(kind)}
        for gone in reading.ids("removed"):
            known.pop(gone, None)
    return known


def true_posted(control: Control, item: dict[str, Any]) -> dict[str, Decimal]:
    """Ids and amounts of what is truly posted, + in and − out."""
    accounts = control("GET", "truth", item_id=item["item_id"]).body["accounts"]
    return {row["id"]: Decimal(row["amount"]) for account in accounts for row in account["transactions"]}


def posted(known: dict[str, dict[str, Any]]) -> dict[str, Decimal]:
    return {key: -row["amount"] for key, row in known.items() if not row["pending"]}


@pytest.mark.parametrize("bank", ["demo_business_bank", "many_currencies_bank", "credit_card_bank", "corrections_bank"])
def test_all_pages_together_are_the_truth(api: Caller, link: Link, control: Control, bank: str) -> None:
    item = link(bank, days=730)
    reading = api.read_all(item["access_token"])
    assert len(reading.ids("added")) == len(set(reading.ids("added")))
    assert posted(books([reading])) == true_posted(control, item)


@pytest.mark.parametrize("bank", ["demo_business_bank", "pending_tips_bank", "late_payments_bank", "corrections_bank"])
def test_reading_on_from_the_cursor_stays_with_the_truth(api: Caller, link: Link, control: Control, bank: str) -> None:
    item = link(bank, days=365)
    readings = [api.read_all(item["access_token"])]
    for days in (1, 3, 9, 30):
        control("POST", "clock", days=days)
        readings.append(api.read_all(item["access_token"], cursor=readings[-1].cursor, count=7))
        assert posted(books(readings)) == true_posted(control, item)
    later = books(readings[1:])
    assert later
    fresh = books([api.read_all(item["access_token"])])
    assert books(readings) == fresh


def test_pending_ones_are_removed_and_posted_ones_name_them_sometimes(
    api: Caller, link: Link, control: Control
) -> None:
    item = link("pending_tips_bank")
    first = api.read_all(item["access_token"])
    pending = {row["transaction_id"] for row in first.rows("added") if row["pending"]}
    assert pending
    control("POST", "clock", days=14)
    second = api.read_all(item["access_token"], cursor=first.cursor)
    assert pending <= set(second.ids("removed"))
    named = {row["pending_transaction_id"] for row in second.rows("added") if not row["pending"]}
    assert None in named
    assert pending & named


def test_corrected_ones_come_as_modified_under_the_same_id(api: Caller, link: Link, control: Control) -> None:
    item = link("corrections_bank")
    first = api.read_all(item["access_token"])
    modified: list[str] = []
    reading = first
    for _ in range(10):
        control("POST", "clock", days=2)
        reading = api.read_all(item["access_token"], cursor=reading.cursor)
        modified += reading.ids("modified")
    assert modified


def test_money_out_is_positive(api: Caller, link: Link) -> None:
    rows = api.read_all(link("demo_business_bank", days=365)["access_token"]).rows("added")
    signs = {row["name"].split()[0]: row["amount"] > 0 for row in rows}
    assert signs["Salary"] is signs["Rent"] is True
    assert signs["Interest"] is False


def test_a_page_asked_for_twice_is_the_same_page(api: Caller, link: Link, control: Control) -> None:
    token = link("busy_street_bank", days=60)["access_token"]
    first = api("/transactions/sync", access_token=token, count=100)
    again = {"access_token": token, "count": 100, "cursor": first["next_cursor"]}
    one = api("/transactions/sync", **again)
    control("POST", "clock", days=2)
    two = api("/transactions/sync", **again)
    assert {**one, "request_id": ""} == {**two, "request_id": ""}
    assert one["has_more"] is True


def test_balances_of_the_last_page_agree_with_the_pages(api: Caller, link: Link, control: Control) -> None:
    item = link("busy_street_bank", days=120)
    [account] = control("GET", "truth", item_id=item["item_id"]).body["accounts"]
    reading = api.read_all(item["access_token"])
    [told] = reading.pages[-1]["accounts"]
    total = sum(posted(books([reading])).values())
    assert Decimal(account["opening_balance"]) + total == told["balances"]["current"]


def test_the_order_is_that_of_the_changes_and_the_counts_hold(api: Caller, link: Link) -> None:
    reading = api.read_all(link("late_payments_bank", days=200)["access_token"], count=50)
    sizes = [sum(len(page[kind]) for kind in ("added", "modified", "removed")) for page in reading.pages]
    assert all(size == 50 for size in sizes[:-1])
    dates = [row["date"] for row in reading.rows("added")]
    assert dates != sorted(dates), "late ones come after younger ones"


def test_an_account_has_a_stream_of_its_own(api: Caller, link: Link) -> None:
    token = link("demo_business_bank", days=200)["access_token"]
    ids = [account["account_id"] for account in api("/accounts/get", access_token=token)["accounts"]]
    whole = set(api.read_all(token).ids("added"))
    parts = [api.read_all(token, account_id=account_id) for account_id in ids]
    for account_id, part in zip(ids, parts, strict=True):
        assert {row["account_id"] for row in part.rows("added")} == {account_id}
    assert {key for part in parts for key in part.ids("added")} == whole
    mixed = {"access_token": token, "cursor": parts[0].cursor, "options": {"account_id": ids[1]}}
    assert api.error("/transactions/sync", **mixed) == (400, "INVALID_REQUEST", "INVALID_FIELD")
    strange = {"access_token": token, "options": {"account_id": "nobody"}}
    assert api.error("/transactions/sync", **strange)[2] == "INVALID_ACCOUNT_ID"


@pytest.mark.parametrize("cursor", ["nonsense", "W10=", "!!", "é"])
def test_a_cursor_that_is_none_is_refused(api: Caller, link: Link, cursor: str) -> None:
    body = {"access_token": link("quiet_bank")["access_token"], "cursor": cursor}
    assert api.error("/transactions/sync", **body) == (400, "INVALID_REQUEST", "INVALID_FIELD")


def test_anothers_cursor_is_refused(api: Caller, link: Link) -> None:
    cursor = api.read_all(link("quiet_bank")["access_token"]).cursor
    body = {"access_token": link("quiet_bank")["access_token"], "cursor": cursor}
    assert api.error("/transactions/sync", **body)[2] == "INVALID_FIELD"


def test_cursors_fit_into_256_letters_and_now_skips_the_past(api: Caller, link: Link, control: Control) -> None:
    item = link("demo_business_bank", days=730)
    token = item["access_token"]
    account_id = api("/accounts/get", access_token=token)["accounts"][0]["account_id"]
    control("POST", "clock", days=1)
    known = api.read_all(token, account_id=account_id)
    control("POST", "clock", days=20)
    options = {"account_id": account_id}
    page = api("/transactions/sync", access_token=token, cursor=known.cursor, count=1, options=options)
    assert len(page["next_cursor"]) <= 256
    now = api.read_all(token, cursor="now")
    assert now.ids("added") == []


def test_the_text_of_the_bank_is_told_when_asked_for(api: Caller, link: Link) -> None:
    token = link("many_currencies_bank")["access_token"]
    assert {row["original_description"] for row in api.read_all(token).rows("added")} == {None}
    told = [row["original_description"] for row in api.read_all(token, include_original_description=True).rows("added")]
    assert all(told)
    assert [text for text in told if " GBP " in text or " CHF " in text], "the other currency is in the text"


@pytest.mark.parametrize("days", [1, 30, 90, 730])
def test_history_reaches_as_far_back_as_was_asked_for(api: Caller, link: Link, days: int) -> None:
    rows = api.read_all(link("busy_street_bank", days=days)["access_token"]).rows("added")
    first = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=days)
    assert min(row["date"] for row in rows) >= first.isoformat()
    assert min(row["date"] for row in rows) <= (first + dt.timedelta(days=4)).isoformat()


def test_an_account_without_transactions_is_left_out(api: Caller, link: Link) -> None:
    page = api("/transactions/sync", access_token=link("dormant_bank")["access_token"])
    assert (page["accounts"], page["added"], page["has_more"]) == ([], [], False)
    assert page["next_cursor"]


class TestSlowStart:
    """Nothing at first, then a month, then everything."""

    def test_not_ready_is_no_error_and_no_cursor(self, api: Caller, link: Link) -> None:
        token = link("slow_start_bank")["access_token"]
        page = api("/transactions/sync", access_token=token)
        assert (page["transactions_update_status"], page["next_cursor"]) == ("NOT_READY", "")
        assert page["added"] == page["accounts"] == []
        assert api("/item/get", access_token=token)["status"]["transactions"]["last_successful_update"] is None
        dates = {"start_date": "2026-01-01", "end_date": "2026-02-01"}
        assert api.error("/transactions/get", access_token=token, **dates)[2] == "PRODUCT_NOT_READY"

    def test_the_rest_of_the_history_follows_the_last_month(self, api: Caller, link: Link, control: Control) -> None:
        item = link("slow_start_bank", days=365)
        control("POST", "clock", seconds=6)
        month = api.read_all(item["access_token"])
        assert month.pages[-1]["transactions_update_status"] == "INITIAL_UPDATE_COMPLETE"
        control("POST", "clock", seconds=6)
        rest = api.read_all(item["access_token"], cursor=month.cursor)
        assert rest.pages[-1]["transactions_update_status"] == "HISTORICAL_UPDATE_COMPLETE"
        assert len(rest.ids("added")) > len(month.ids("added")) > 0
        assert posted(books([month, rest])) == true_posted(control, item)

    def test_history_that_arrives_between_two_pages_is_a_mutation(
        self, api: Caller, link: Link, control: Control
    ) -> None:
        token = link("slow_start_bank", days=365)["access_token"]
        control("POST", "clock", seconds=6)
        page = api("/transactions/sync", access_token=token, count=5)
        assert page["has_more"] is True
        control("POST", "clock", seconds=6)
        error = api.error("/transactions/sync", access_token=token, count=5, cursor=page["next_cursor"])
        assert error == (400, "TRANSACTIONS_ERROR", "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION")
        assert api.read_all(token).pages[-1]["transactions_update_status"] == "HISTORICAL_UPDATE_COMPLETE"


def test_by_date_it_pages_the_same_transactions_newest_first(api: Caller, link: Link, control: Control) -> None:
    item = link("demo_business_bank", days=120)
    today = dt.datetime.now(dt.UTC).date()
    dates = {"start_date": (today - dt.timedelta(days=500)).isoformat(), "end_date": today.isoformat()}
    rows: list[dict[str, Any]] = []
    total = 1
    while len(rows) < total:
        options = {"count": 100, "offset": len(rows)}
        page = api("/transactions/get", access_token=item["access_token"], options=options, **dates)
        rows, total = rows + page["transactions"], page["total_transactions"]
    assert [row["date"] for row in rows] == sorted((row["date"] for row in rows), reverse=True)
    by_cursor = books([api.read_all(item["access_token"])])
    assert {row["transaction_id"]: row for row in rows} == by_cursor
    assert posted(by_cursor) == true_posted(control, item)


def test_by_date_only_the_days_and_accounts_asked_for(api: Caller, link: Link) -> None:
    token = link("demo_business_bank", days=120)["access_token"]
    today = dt.datetime.now(dt.UTC).date()
    start, end = (today - dt.timedelta(days=40)).isoformat(), (today - dt.timedelta(days=20)).isoformat()
    account_id = api("/accounts/get", access_token=token)["accounts"][0]["account_id"]
    options = {"account_ids": [account_id], "count": 500}
    page = api("/transactions/get", access_token=token, start_date=start, end_date=end, options=options)
    assert page["transactions"]
    assert all(start <= row["date"] <= end and row["account_id"] == account_id for row in page["transactions"])
    swapped = {"access_token": token, "start_date": end, "end_date": start}
    assert api.error("/transactions/get", **swapped) == (400, "INVALID_REQUEST", "INVALID_FIELD")
