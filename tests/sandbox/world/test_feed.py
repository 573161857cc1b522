"""The feed: replaying changes gives exactly what is visible."""

from __future__ import annotations

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.world import feed
from sandbox.world.feed import Change, Glance, Look
from sandbox.world.ledger import Entry, ledger
from tests.sandbox.conftest import NOON

KEYS = st.sampled_from(["demo_business_bank.1", "pending_tips_bank.2", "late_payments_bank.1", "corrections_bank.1"])
DAYS = st.lists(st.integers(0, 900), min_size=1, max_size=5, unique=True)
FIRST = dt.date(2024, 3, 1)


def replayed(known: dict[str, Entry], changes: tuple[Change, ...]) -> dict[str, Entry]:
    """A reader's books after some changes; each change must be one it can make."""
    for change in changes:
        if change.kind == "removed":
            known.pop(change.entry.id)
        else:
            assert (change.entry.id in known) == (change.kind == "modified")
            known[change.entry.id] = change.entry
    return known


@settings(deadline=None)
@given(key=KEYS, days=DAYS)
def test_reading_in_steps_ends_with_what_is_visible(key: str, days: list[int]) -> None:
    known: dict[str, Entry] = {}
    before: Look | None = None
    for back in sorted(days, reverse=True):
        now = Look(NOON - dt.timedelta(days=back), FIRST)
        known = replayed(known, feed.changes((Glance(key, before),), now))
        before = now
        assert known == {entry.id: entry for entry in ledger(key).visible(now.at, first=FIRST)}


@settings(deadline=None)
@given(key=KEYS, back=st.integers(0, 300), further=st.integers(1, 700))
def test_a_look_further_back_adds_what_is_older(key: str, back: int, further: int) -> None:
    month = Look(NOON - dt.timedelta(days=back), NOON.date() - dt.timedelta(days=back + 30))
    whole = Look(NOON, month.first - dt.timedelta(days=further))
    known = replayed({}, feed.changes((Glance(key, None),), month))
    known = replayed(known, feed.changes((Glance(key, month),), whole))
    assert known == {entry.id: entry for entry in ledger(key).visible(NOON, first=whole.first)}


def test_changes_come_in_the_order_the_bank_made_them() -> None:
    before, now = Look(NOON - dt.timedelta(days=60), FIRST), Look(NOON, FIRST)
    changes = feed.changes((Glance("pending_tips_bank.1", before), Glance("pending_tips_bank.2", before)), now)
    assert [change.moment for change in changes] == sorted(change.moment for change in changes)
    assert {change.kind for change in changes} == {"added", "removed"}


def test_a_posted_one_comes_before_its_pending_one_goes() -> None:
    before, now = Look(NOON - dt.timedelta(days=3), FIRST), Look(NOON, FIRST)
    changes = feed.changes((Glance("pending_tips_bank.2", before),), now)
    places = {(change.kind, change.entry.id): place for place, change in enumerate(changes)}
    pairs = [
        (places["added", change.entry.id], places["removed", change.entry.pending_id])
        for change in changes
        if change.kind == "added" and ("removed", change.entry.pending_id) in places
    ]
    assert pairs
    assert all(added < removed for added, removed in pairs)


def test_two_looks_at_the_same_moment_see_no_change() -> None:
    look = Look(NOON, FIRST)
    assert feed.changes((Glance("demo_business_bank.1", look),), look) == ()
