"""How scenario banks differ from an ordinary one: holds, copies, limits, accounts that change."""

from __future__ import annotations

import datetime as dt

from sandbox.world import accounts, aging, copies, readings
from sandbox.world.directory import find
from sandbox.world.ledger import ledger
from sandbox.world.scenarios import NEW_NAME, SCENARIOS, Scenario
from sandbox.world.zones import zone

NOON = dt.datetime(2026, 6, 17, 12, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


def scenario(key: str) -> Scenario:
    return next(row for row in SCENARIOS if row.key == key)


def test_every_scenario_bank_has_a_bic_of_its_own() -> None:
    banks = [find(row.key) for row in SCENARIOS]
    assert len({bank.bic for bank in banks if bank}) == len(SCENARIOS)


def test_a_hold_told_as_booked_counts_until_the_real_booking_takes_its_place() -> None:
    book = ledger("booked_holds_bank.1")
    shown = book.published(None, NOON)
    holds = [entry for entry in shown if entry.id.endswith("p")]
    assert holds
    assert not any(entry.is_pending or entry.pending_id for entry in shown)
    assert all(entry.vanishes for entry in holds)
    assert book.booked(NOON) == book.account.opening + sum(entry.amount for entry in book.visible(NOON))


def test_copies_are_of_posted_entries_and_only_at_the_bank_that_has_them() -> None:
    owner = accounts.account("flagged_copies_bank.1")
    entries = ledger(owner.key).visible(NOON)
    found = list(copies.copies(entries, owner))
    originals = {f"{entry.id}c": entry for entry in entries}
    assert 0.1 < len(found) / len(entries) < 0.3
    assert all(originals[copy.id].amount == copy.amount and not originals[copy.id].is_pending for copy in found)
    other = accounts.account("quiet_bank.1")
    assert list(copies.copies(ledger(other.key).visible(NOON), other)) == []


def test_an_account_is_closed_a_minute_after_linking() -> None:
    operating, savings = accounts.accounts_of("closing_account_bank")
    assert not aging.is_closed(savings, linked_at=NOON, now=NOON)
    assert aging.is_closed(savings, linked_at=NOON, now=NOON + MINUTE)
    assert not aging.is_closed(operating, linked_at=NOON, now=NOON + MINUTE)


def test_an_account_is_renamed_a_minute_after_linking() -> None:
    operating, savings = accounts.accounts_of("renaming_bank")
    assert aging.as_called(operating, linked_at=NOON, now=NOON) == operating
    assert aging.as_called(operating, linked_at=NOON, now=NOON + MINUTE).name == NEW_NAME
    assert aging.as_called(savings, linked_at=NOON, now=NOON + MINUTE) == savings


def test_how_often_a_bank_may_be_read() -> None:
    day, hour = dt.timedelta(days=1), dt.timedelta(hours=1)
    assert readings.next_at(scenario("quiet_bank"), [NOON, NOON]) is None
    assert readings.next_at(scenario("once_a_day_bank"), []) is None
    assert readings.next_at(scenario("once_a_day_bank"), [NOON]) == NOON + day
    assert readings.next_at(scenario("too_early_bank"), [NOON, NOON + hour]) == NOON + 2 * hour


def test_days_have_the_zone_of_the_bank_s_country() -> None:
    assert NOON.astimezone(zone("NL")).hour == 14
    assert NOON.astimezone(zone("XX")).hour == 12
