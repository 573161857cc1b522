"""One account's movements as its bank shows them through time: what is visible at a moment, what stands booked.

A movement is decided on one day and shown as entries: one that is posted; or a pending one that vanishes when a
posted one of its own takes its place; or one that comes days late. An entry never changes. It appears at a moment,
and may vanish at a later one, so that everything one can ask is a question about two moments.
"""

from __future__ import annotations

import datetime as dt
import random
import threading
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import accumulate, chain

import msgspec

from sandbox.world import lives
from sandbox.world.accounts import Account, account, accounts_of
from sandbox.world.chance import pick, source
from sandbox.world.lives import Draft
from sandbox.world.parties import Party

# The day the world begins. All that is ever booked counts from here, so that a balance is one sum.
FIRST_DAY = dt.date(2023, 1, 2)
# Banks publish four times a day: between two of these moments nothing changes. In UTC.
PUBLISHING_HOURS = (5, 11, 15, 21)
_DAY = dt.timedelta(days=1)


class Entry(msgspec.Struct, frozen=True, gc=False):
    """Something a bank shows on an account from ``appears`` until ``vanishes`` (``None``: for good).

    ``date`` is the booking date, of a pending one the day it happened; ``occurred`` is when it was paid. ``amount`` is
    in the smallest unit of the account's currency, ``original_amount`` in that of ``original_currency``, both + in.
    ``pending_id`` names the pending entry that a posted one came from, where the bank knows.
    """

    id: str
    is_pending: bool
    amount: int
    date: dt.date
    occurred: dt.date
    appears: dt.datetime
    kind: str
    party: Party
    text: str
    by_card: bool
    vanishes: dt.datetime | None = None
    original_amount: int | None = None
    original_currency: str = ""
    pending_id: str = ""

    def is_visible(self, at: dt.datetime) -> bool:
        return self.appears <= at and (self.vanishes is None or at < self.vanishes)


@lru_cache(maxsize=96)
def ledger(account_key: str) -> Ledger:
    """The ledger of the account with this key. Raises ``KeyError`` for one that is not there."""
    return Ledger(account(account_key))


class Ledger:
    """All entries of one account, made as far as they were ever asked for."""

    def __init__(self, owner: Account) -> None:
        self.account = owner
        self._lock = threading.Lock()
        self._through = FIRST_DAY - _DAY
        self._total = owner.opening
        self._internal: dict[dt.date, list[Draft]] = {}
        self._book = _Book(())

    def visible(self, at: dt.datetime, *, first: dt.date | None = None) -> list[Entry]:
        """What the bank shows at this moment, oldest news first; from the booking date ``first`` on if given."""
        shown = self.published(None, at)
        return [entry for entry in shown if entry.is_visible(at) and (first is None or entry.date >= first)]

    def published(self, after: dt.datetime | None, until: dt.datetime) -> list[Entry]:
        """The entries that appeared after one moment and not after the other, in the order they appeared in."""
        book = self._made_until(until)
        return book.appearing[_position(book.appearances, after) : bisect_right(book.appearances, until)]

    def vanished(self, after: dt.datetime, until: dt.datetime) -> list[Entry]:
        """The entries that vanished after one moment and not after the other, in the order they vanished in."""
        book = self._made_until(until)
        return book.vanishing[bisect_right(book.vanishings, after) : bisect_right(book.vanishings, until)]

    def booked(self, at: dt.datetime) -> int:
        """The booked balance: the opening balance and every posted entry visible at this moment. Smallest units."""
        return self.account.opening + self._made_until(at).posted.at(at)

    def pending(self, at: dt.datetime) -> int:
        """The sum of the pending entries visible at this moment, in smallest units."""
        return self._made_until(at).pending.at(at)

    def internal_transfers(self, day: dt.date) -> list[Draft]:
        """What was decided on this day, which is made already, to move between this and the operating account."""
        return self._internal.get(day, [])

    def make(self, through: dt.date) -> None:
        """Makes the days that are missing up to ``through``; readers see the old book until the new one is whole."""
        if through <= self._through:
            return
        for sibling in self._siblings():
            sibling.make(through)
        with self._lock:
            made = [entry for day in _days(self._through + _DAY, through) for entry in self._entries_of(day)]
            if made:
                self._book = _Book(chain(self._book.appearing, made))
            # Last of all: who sees the day as made must find it in the book. It never goes back, for who waited here
            # may have asked for less than was made meanwhile.
            self._through = max(self._through, through)

    def _made_until(self, at: dt.datetime) -> _Book:
        self.make(at.astimezone(dt.UTC).date())
        return self._book

    def _entries_of(self, day: dt.date) -> Iterator[Entry]:
        rng = source("day", self.account.key, day.toordinal())
        decided = lives.drafts(self.account, day, rng=rng, total=self._total)
        self._internal[day] = [draft for draft in decided if draft.is_internal]
        decided.extend(self._from_siblings(day))
        for number, draft in enumerate(decided):
            entries = _shown(
                draft, day, entry_id=f"{self.account.key}/{day:%Y%m%d}/{number}", rng=rng, owner=self.account
            )
            self._total += sum(entry.amount for entry in entries if entry.vanishes is None)
            yield from entries

    def _from_siblings(self, day: dt.date) -> Iterator[Draft]:
        """The other halves of transfers with the holder's other accounts, which all go over the operating account."""
        for sibling in self._siblings():
            for draft in sibling.internal_transfers(day):
                yield lives.mirrored(draft, sibling.account)

    def _siblings(self) -> Iterator[Ledger]:
        if self.account.kind != "operating":
            return
        for other in accounts_of(self.account.institution.id):
            if other.kind in ("savings", "card") and other.currency == self.account.currency:
                yield ledger(other.key)


class _Sums:
    """A sum through time: what all changes up to a moment come to."""

    def __init__(self, changes: Iterable[tuple[dt.datetime, int]]) -> None:
        ordered = sorted(changes)
        self._moments = [moment for moment, _ in ordered]
        self._sums = list(accumulate(amount for _, amount in ordered))

    def at(self, moment: dt.datetime) -> int:
        position = bisect_right(self._moments, moment)
        return self._sums[position - 1] if position else 0


class _Book:
    """Entries in the orders that questions need."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.appearing = sorted(entries, key=lambda entry: (entry.appears, entry.date, entry.id))
        self.appearances = [entry.appears for entry in self.appearing]
        leaving = [(entry.vanishes, entry) for entry in self.appearing if entry.vanishes is not None]
        leaving.sort(key=lambda item: (item[0], item[1].date, item[1].id))
        self.vanishing = [entry for _, entry in leaving]
        self.vanishings = [moment for moment, _ in leaving]
        self.posted = _Sums(self._changes(is_pending=False))
        self.pending = _Sums(self._changes(is_pending=True))

    def _changes(self, *, is_pending: bool) -> Iterator[tuple[dt.datetime, int]]:
        for entry in self.appearing:
            if entry.is_pending == is_pending:
                yield entry.appears, entry.amount
                if entry.vanishes is not None:
                    yield entry.vanishes, -entry.amount


def _shown(draft: Draft, day: dt.date, *, entry_id: str, rng: random.Random, owner: Account) -> list[Entry]:
    """The entries through which the bank shows a movement decided on ``day``."""
    habits = owner.institution.scenario.habits
    if draft.by_card and rng.random() < habits.pending:
        return _pending_first(draft, day, entry_id=entry_id, rng=rng, owner=owner)
    is_late = rng.random() < habits.late and not draft.is_internal
    booked_on = _weekday_from(day)
    appears = _publishing(booked_on + dt.timedelta(days=2 + int(rng.random() * 8)) if is_late else booked_on, rng)
    entry = _entry(draft, day, entry_id=entry_id, date=booked_on, appears=appears)
    fate = rng.random()
    if draft.is_internal or fate >= habits.amended + habits.withdrawn:
        return [entry]
    return _corrected(entry, is_withdrawn=fate < habits.withdrawn, rng=rng)


def _pending_first(draft: Draft, day: dt.date, *, entry_id: str, rng: random.Random, owner: Account) -> list[Entry]:
    """A pending entry, and the posted one that takes its place one to five days later, if it does not just vanish."""
    habits = owner.institution.scenario.habits
    appears = _publishing(day, rng)
    settled_on = _weekday_from(day + dt.timedelta(days=1 + int(rng.random() * 4)))
    settles = _publishing(settled_on, rng)
    pending = msgspec.structs.replace(
        _entry(draft, day, entry_id=f"{entry_id}p", date=day, appears=appears),
        is_pending=not habits.holds_are_booked,
        vanishes=settles,
    )
    if rng.random() < habits.vanishing:
        return [pending]
    if rng.random() < habits.tips:
        tipped = round(draft.amount * (1.08 + rng.random() * 0.17))
        draft = msgspec.structs.replace(draft, amount=tipped, original_amount=None, original_currency="")
    posted = _entry(draft, day, entry_id=entry_id, date=settled_on, appears=settles)
    if rng.random() < habits.unmatched or habits.holds_are_booked:
        return [pending, posted]
    return [pending, msgspec.structs.replace(posted, pending_id=pending.id)]


def _corrected(entry: Entry, *, is_withdrawn: bool, rng: random.Random) -> list[Entry]:
    """A posted entry that the bank takes back, or shows again under the same id with another amount."""
    corrected_at = _publishing(entry.appears.date() + dt.timedelta(days=1 + int(rng.random() * 4)), rng)
    before = msgspec.structs.replace(entry, vanishes=corrected_at)
    if is_withdrawn:
        return [before]
    amount = round(entry.amount * (0.9 + rng.random() * 0.08)) or entry.amount
    return [before, msgspec.structs.replace(entry, amount=amount, appears=corrected_at)]


def _entry(draft: Draft, day: dt.date, *, entry_id: str, date: dt.date, appears: dt.datetime) -> Entry:
    return Entry(
        id=entry_id,
        is_pending=False,
        amount=draft.amount,
        date=date,
        occurred=day,
        appears=appears,
        kind=draft.kind,
        party=draft.party,
        text=draft.text,
        by_card=draft.by_card,
        original_amount=draft.original_amount,
        original_currency=draft.original_currency,
    )


def last_publishing(now: dt.datetime) -> dt.datetime:
    """The last moment up to ``now`` at which banks published."""
    today = now.astimezone(dt.UTC).replace(minute=0, second=0, microsecond=0)
    moments = [today.replace(hour=hour) - dt.timedelta(days=days) for days in (1, 0) for hour in PUBLISHING_HOURS]
    return max(moment for moment in moments if moment <= now)


def _publishing(day: dt.date, rng: random.Random) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, pick(rng, PUBLISHING_HOURS), tzinfo=dt.UTC)


def _weekday_from(day: dt.date) -> dt.date:
    """``day``, or the Monday after it: banks post on weekdays."""
    return day + dt.timedelta(days=max(0, 7 - day.weekday()) if day.weekday() >= 5 else 0)


def _days(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    return (first + dt.timedelta(days=number) for number in range((last - first).days + 1))


def _position(moments: list[dt.datetime], after: dt.datetime | None) -> int:
    return 0 if after is None else bisect_right(moments, after)
