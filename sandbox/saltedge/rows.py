"""Accounts and transactions of a connection under Salt Edge's ids, as its last reading found them.

Posted rows keep their ids and come in the order in which the bank showed them. Pending ones have other ids after each
reading. Copies that are flagged leave the list of posted ones for that of duplicated ones.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Literal, NamedTuple

from sandbox.saltedge import connections, errors, numbers
from sandbox.saltedge.models import Connection
from sandbox.saltedge.render import NATURES
from sandbox.world import accounts, aging
from sandbox.world.accounts import Account
from sandbox.world.copies import copies
from sandbox.world.ledger import Entry, ledger

Kind = Literal["posted", "pending", "duplicated"]
POSTED: Kind = "posted"
PENDING: Kind = "pending"
DUPLICATED: Kind = "duplicated"


class Seen(NamedTuple):
    """An account with its number."""

    number: str
    owner: Account
    is_closed: bool


class Row(NamedTuple):
    """A transaction with its number. ``is_copied`` for one that the provider found twice and flagged."""

    number: str
    entry: Entry
    is_copied: bool


class _View(NamedTuple):
    """What a reader sees: whose, through what, as of which moment, from which booking date on."""

    name: str
    account_key: str
    at: dt.datetime
    first: dt.date


def accounts_of(row: Connection, *, now: dt.datetime) -> list[Seen]:
    """The accounts the holder chose, as far as they were asked for, by their numbers.

    One with another name is another account.
    """
    at = connections.read_at(row, now=now) or row.linked_at
    found = []
    for key in row.account_keys:
        known = accounts.account(key)
        if row.natures is not None and NATURES[known.kind] not in row.natures:
            continue
        owner = aging.as_called(known, linked_at=row.linked_at, now=at)
        name = f"{row.connection_id}/{row.numbering}/{key}/{owner.name}"
        is_closed = aging.is_closed(known, linked_at=row.linked_at, now=at)
        found.append(Seen(numbers.of_account(name), owner, is_closed))
    return sorted(found, key=lambda seen: numbers.order(seen.number))


def account(row: Connection, number: str, *, now: dt.datetime) -> Seen:
    """The account with this number. Raises ``AccountNotFound``."""
    for seen in accounts_of(row, now=now):
        if seen.number == number:
            return seen
    raise errors.not_found("Account", number)


def transactions(row: Connection, seen: Seen, *, kind: Kind, now: dt.datetime) -> list[Row]:
    """The rows of an account, by their numbers; none before the bank was read."""
    view = _view(row, seen, now=now)
    if view is None:
        return []
    if kind == PENDING:
        latest = row.attempts.filter(ends_at__lte=now).last()
        return list(_pending(view, latest.attempt_id if latest else ""))
    marks = dict(row.marks.values_list("transaction_id", "is_duplicated"))
    is_wanted = kind == DUPLICATED
    return [one for one in _booked(view) if marks.get(one.number, one.is_copied) is is_wanted]


def _view(row: Connection, seen: Seen, *, now: dt.datetime) -> _View | None:
    at, first = connections.read_at(row, now=now), connections.first_day(row)
    if at is None:
        # The first reading is going on: the last month is there before the rest.
        began = row.attempts.first()
        if began is None or connections.stage(began, now=now) != "fetch_recent":
            return None
        at = began.started_at
        first = max(first, (at - dt.timedelta(days=connections.RECENT_DAYS)).date())
    return _View(f"{row.connection_id}/{row.numbering}/{seen.number}", seen.owner.key, at, first)


@lru_cache(maxsize=32)
def _booked(view: _View) -> tuple[Row, ...]:
    """Posted rows and flagged copies. A corrected one keeps the number of its first showing."""
    book = ledger(view.account_key)
    shown: dict[str, dt.datetime] = {}
    for entry in book.published(None, view.at):
        shown.setdefault(entry.id, entry.appears)
    booked = [one for one in book.visible(view.at, first=view.first) if not one.is_pending and not _is_hold(one)]
    found = [Row(numbers.of_row(f"{view.name}/{one.id}", shown[one.id]), one, is_copied=False) for one in booked]
    found.extend(
        Row(numbers.of_row(f"{view.name}/{one.id}", one.appears), one, is_copied=True)
        for one in copies(booked, book.account)
        if one.appears <= view.at
    )
    return tuple(sorted(found, key=lambda row: numbers.order(row.number)))


@lru_cache(maxsize=32)
def _pending(view: _View, attempt_id: str) -> tuple[Row, ...]:
    book = ledger(view.account_key)
    held = [one for one in book.visible(view.at, first=view.first) if one.is_pending or _is_hold(one)]
    found = [Row(numbers.of_row(f"{attempt_id}/{one.id}", view.at), one, is_copied=False) for one in held]
    return tuple(sorted(found, key=lambda row: numbers.order(row.number)))


def _is_hold(entry: Entry) -> bool:
    """Whether the bank calls a hold booked: Salt Edge keeps it pending for some days (``custom_pendings_period``)."""
    return not entry.is_pending and entry.id.endswith("p")
