"""What changed on some accounts between two looks at them, in the order the bank made the changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

from sandbox.world.ledger import Entry, ledger

Kind = Literal["added", "modified", "removed"]
# An entry that takes another's place comes just before the other one goes, so that a page may end between the two.
_ORDER: dict[Kind, int] = {"added": 0, "modified": 1, "removed": 2}


class Look(NamedTuple):
    """A look at accounts: at which moment, and from which booking date on."""

    at: dt.datetime
    first: dt.date


class Glance(NamedTuple):
    """One account, and the look that its holder's reader had before; ``None`` if it is the first."""

    account_key: str
    before: Look | None


class Change(NamedTuple):
    """One change on one account. A removed entry is the one that was there."""

    kind: Kind
    account_key: str
    moment: dt.datetime
    entry: Entry


@lru_cache(maxsize=16)
def changes(glances: tuple[Glance, ...], now: Look) -> tuple[Change, ...]:
    """All changes on the accounts from each one's look before to ``now``, oldest first.

    What came and went in between is not told. A first look tells all that is visible. The result is kept: a reader
    asks for the same changes again for each of its pages.
    """
    found = [change for glance in glances for change in _changes_of(glance.account_key, glance.before, now=now)]
    found.sort(key=lambda change: (change.moment, _ORDER[change.kind], change.entry.date, change.entry.id))
    return tuple(found)


def _changes_of(account_key: str, before: Look | None, *, now: Look) -> Iterator[Change]:
    book = ledger(account_key)
    if before is None:
        for entry in book.visible(now.at, first=now.first):
            yield Change("added", account_key, entry.appears, entry)
        return
    gone = {
        entry.id: entry
        for entry in book.vanished(before.at, now.at)
        if entry.appears <= before.at and entry.date >= before.first
    }
    for entry in book.published(before.at, now.at):
        if entry.date >= now.first and entry.is_visible(now.at):
            kind: Kind = "modified" if gone.pop(entry.id, None) else "added"
            yield Change(kind, account_key, entry.appears, entry)
    for entry in gone.values():
        yield Change("removed", account_key, entry.vanishes or now.at, entry)
    if now.first < before.first:
        yield from _further_back(account_key, before, now=now)


def _further_back(account_key: str, before: Look, *, now: Look) -> Iterator[Change]:
    """What was there before already, but too old for the look before."""
    for entry in ledger(account_key).visible(now.at, first=now.first):
        if entry.date < before.first and entry.appears <= before.at:
            yield Change("added", account_key, entry.appears, entry)
