"""The ledger: repeatable, exact, plausible, and new every day."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.world import accounts
from sandbox.world.ledger import FIRST_DAY, PUBLISHING_HOURS, Entry, Ledger, ledger
from sandbox.world.scenarios import SCENARIOS
from tests.sandbox.conftest import NOON

ALL_ACCOUNTS = [account.key for scenario in SCENARIOS for account in accounts.accounts_of(scenario.key)]
TWO_YEARS = dt.timedelta(days=730)
MOMENTS = st.integers(0, 4 * 365 * 24).map(
    lambda hours: dt.datetime(2023, 1, 1, tzinfo=dt.UTC) + dt.timedelta(hours=hours)
)


def posted(key: str, *, since: dt.date | None = None) -> list[Entry]:
    return [entry for entry in ledger(key).visible(NOON, first=since) if not entry.is_pending]


def made_anew(key: str) -> Ledger:
    return Ledger(accounts.account(key))


def test_a_days_movements_do_not_depend_on_when_one_asks() -> None:
    at_once = made_anew("demo_business_bank.1").visible(NOON)
    stepwise = made_anew("demo_business_bank.1")
    for days in range(900, -1, -75):
        stepwise.visible(NOON - dt.timedelta(days=days))
    assert stepwise.visible(NOON) == at_once
    beyond = made_anew("demo_business_bank.1")
    beyond.visible(NOON + dt.timedelta(days=200))
    assert beyond.visible(NOON) == at_once


def test_who_asks_while_a_ledger_is_being_made_is_told_the_truth() -> None:
    key, early = "demo_business_bank.3", NOON - dt.timedelta(days=1000)
    book, seen = made_anew(key), set()
    with ThreadPoolExecutor(max_workers=1) as pool:
        making = pool.submit(book.visible, NOON)
        while not making.done():
            seen.add(book.booked(early))
        seen.add(book.booked(early))
    assert seen == {made_anew(key).booked(early)}


@settings(deadline=None)
@given(at=MOMENTS, key=st.sampled_from(ALL_ACCOUNTS))
def test_the_booked_balance_is_the_opening_balance_and_every_visible_posted_entry(at: dt.datetime, key: str) -> None:
    book = ledger(key)
    visible = book.visible(at)
    assert book.booked(at) == book.account.opening + sum(entry.amount for entry in visible if not entry.is_pending)
    assert book.pending(at) == sum(entry.amount for entry in visible if entry.is_pending)


@settings(deadline=None)
@given(at=MOMENTS, key=st.sampled_from(ALL_ACCOUNTS))
def test_what_is_visible_is_unique_and_never_from_tomorrow(at: dt.datetime, key: str) -> None:
    visible = ledger(key).visible(at)
    assert len({entry.id for entry in visible}) == len(visible)
    assert all(entry.appears <= at and entry.date <= entry.appears.date() for entry in visible)
    assert all(entry.amount != 0 for entry in visible)


@pytest.mark.parametrize("key", [key for key in ALL_ACCOUNTS if not key.startswith("dormant")])
def test_tomorrow_brings_new_ones(key: str) -> None:
    fortnight = NOON + dt.timedelta(days=31)
    known = {entry.id for entry in ledger(key).visible(NOON)}
    assert {entry.id for entry in ledger(key).visible(fortnight)} - known


def test_a_dormant_account_has_nothing_and_keeps_its_balance() -> None:
    book = ledger("dormant_bank.1")
    assert book.visible(NOON) == []
    assert book.booked(NOON) == book.account.opening > 0


def test_history_is_three_years_at_least() -> None:
    assert dt.date(2026, 1, 2) - FIRST_DAY >= dt.timedelta(days=3 * 365)
    assert min(entry.date for entry in posted("demo_business_bank.1")) <= FIRST_DAY + dt.timedelta(days=7)


@pytest.mark.parametrize("key", [key for key in ALL_ACCOUNTS if accounts.account(key).kind != "card"])
def test_balances_drift_nowhere(key: str) -> None:
    book = ledger(key)
    weekly = [book.booked(NOON - dt.timedelta(days=days)) for days in range(0, 1200, 7)]
    assert min(weekly) > 0
    assert max(weekly) < 3 * book.account.opening


@pytest.mark.parametrize("key", ["credit_card_bank.1", "demo_business_bank.4"])
def test_a_card_is_owed_within_its_limit(key: str) -> None:
    book = ledger(key)
    weekly = [book.booked(NOON - dt.timedelta(days=days)) for days in range(0, 1200, 7)]
    assert max(weekly) <= 0
    assert min(weekly) > -(book.account.limit or 0)


def test_the_demo_has_between_one_and_three_thousand_lines_in_two_years() -> None:
    since = (NOON - TWO_YEARS).date()
    found = [entry for one in accounts.accounts_of("demo_business_bank") for entry in posted(one.key, since=since)]
    assert 1000 < len(found) < 3000
    assert {"rent", "salary", "settlement", "supplier", "tax", "fee", "interest", "customer"} <= {e.kind for e in found}


def test_the_busy_street_has_clearly_more_than_ten_thousand() -> None:
    assert len(posted("busy_street_bank.1", since=(NOON - TWO_YEARS).date())) > 11_000


def test_salaries_are_paid_on_the_last_weekday_and_settlements_on_weekdays() -> None:
    kinds = defaultdict(list)
    for entry in posted("demo_business_bank.1"):
        kinds[entry.kind].append(entry)
    assert all(entry.date.day >= 26 and entry.date.weekday() < 5 for entry in kinds["salary"])
    assert all(entry.date.weekday() < 5 for entry in kinds["settlement"])
    assert {entry.date.month for entry in kinds["tax"]} == {1, 4, 7, 10}


def test_equal_payments_of_one_day_have_ids_of_their_own() -> None:
    same = Counter((entry.date, entry.amount, entry.text) for entry in posted("equal_payments_bank.1"))
    assert sum(1 for count in same.values() if count > 1) > 200


def test_late_ones_appear_days_after_their_booking_date() -> None:
    late = [entry for entry in posted("late_payments_bank.1") if (entry.appears.date() - entry.date).days >= 2]
    assert len(late) > 300
    assert max((entry.appears.date() - entry.date).days for entry in late) <= 9


def test_pending_ones_post_under_new_ids_with_another_amount_or_day_or_vanish() -> None:
    shown = ledger("pending_tips_bank.2").published(None, NOON)
    pending = {entry.id: entry for entry in shown if entry.is_pending}
    matched = [entry for entry in shown if entry.pending_id]
    assert all(entry.id not in pending and entry.pending_id in pending for entry in matched)
    assert all(pending[entry.pending_id].vanishes == entry.appears for entry in matched)
    assert [entry for entry in matched if entry.amount != pending[entry.pending_id].amount]
    assert [entry for entry in matched if entry.date != pending[entry.pending_id].date]
    by_movement = {entry.id for entry in shown}
    assert [key for key in pending if key.removesuffix("p") not in by_movement], "some vanish for good"
    assert [e for e in shown if not e.is_pending and f"{e.id}p" in pending and not e.pending_id], "some are unmatched"


def test_some_payments_are_made_in_another_currency() -> None:
    abroad = [entry for entry in posted("many_currencies_bank.1") if entry.original_amount is not None]
    assert len({entry.original_currency for entry in abroad}) >= 4
    assert all(entry.original_currency != "EUR" for entry in abroad)
    assert all((entry.original_amount or 0) * entry.amount > 0 for entry in abroad)


def test_corrections_change_an_amount_under_the_same_id_or_take_it_back() -> None:
    shown = ledger("corrections_bank.1").published(None, NOON)
    versions = defaultdict(list)
    for entry in shown:
        versions[entry.id].append(entry)
    corrected = [found for found in versions.values() if len(found) == 2]
    assert len(corrected) > 50
    assert all(first.vanishes == second.appears and first.amount != second.amount for first, second in corrected)
    assert [entry for entry in shown if not entry.is_pending and entry.vanishes and len(versions[entry.id]) == 1]


def test_transfers_between_own_accounts_have_two_equal_sides() -> None:
    other = {(entry.date, -entry.amount) for entry in posted("demo_business_bank.1") if entry.kind == "transfer"}
    for key in ("demo_business_bank.2", "demo_business_bank.4"):
        own = {(entry.date, entry.amount) for entry in posted(key) if entry.kind == "transfer"}
        assert own
        assert own <= other


def test_between_two_publishing_hours_nothing_changes() -> None:
    book = ledger("busy_street_bank.1")
    hours = {entry.appears.hour for entry in book.published(None, NOON)}
    assert hours == set(PUBLISHING_HOURS)
    assert book.visible(NOON) == book.visible(NOON + dt.timedelta(minutes=170))
