"""Transactions of an Item: by cursor (what changed since) and by date.

A cursor says everything by itself: the look before, the look that is being paged through, and how many changes of
it were told. So a page asked for twice is the same page, at any time and by any worker.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from typing import Any, NamedTuple

import msgspec

from sandbox.plaid import errors, items, render
from sandbox.plaid.models import Item, ItemAccount
from sandbox.plaid.requests import GetOptions, SyncOptions, TransactionsGet, TransactionsSync
from sandbox.world import feed
from sandbox.world.accounts import Account
from sandbox.world.feed import Change, Glance, Look
from sandbox.world.ledger import Entry, ledger

Ticked = list[tuple[ItemAccount, Account]]


class Cursor(NamedTuple):
    """Where a reader is. ``now`` is ``None`` when everything up to ``before`` was told."""

    item_id: str
    account_id: str
    before: Look | None
    now: Look | None
    offset: int

    def dump(self) -> str:
        return base64.urlsafe_b64encode(msgspec.json.encode(self)).decode()

    @classmethod
    def load(cls, text: str) -> Cursor:
        """Raises ``INVALID_FIELD`` for what is no cursor."""
        try:
            return msgspec.json.decode(base64.urlsafe_b64decode(text), type=cls)
        except (binascii.Error, msgspec.DecodeError, ValueError) as error:
            raise errors.invalid_field("cursor not associated with access_token") from error


def changed(item: Item, asked: TransactionsSync, *, now: dt.datetime) -> dict[str, Any]:
    """``/transactions/sync``: one page of what changed since the cursor."""
    options = asked.options or SyncOptions()
    items.initialise(item, options.days_requested)
    ticked = items.ticked(item, [options.account_id] if options.account_id else None, now=now)
    readiness = items.readiness(item, now=now)
    if readiness.status == "NOT_READY":
        return _page(readiness.status, next_cursor="", has_more=False)
    look = Look(now, readiness.first)
    cursor = _cursor(item, asked.cursor or "", account_id=options.account_id or "", look=look)
    until = cursor.now or _not_before(look, cursor.before)
    changes = feed.changes(_glances(ticked, cursor.before), until)
    page = changes[cursor.offset : cursor.offset + asked.count]
    told = cursor.offset + len(page)
    has_more = told < len(changes)
    following = (
        cursor._replace(now=until, offset=told) if has_more else cursor._replace(before=until, now=None, offset=0)
    )
    return _page(
        readiness.status,
        next_cursor=following.dump(),
        has_more=has_more,
        accounts=[render.account(row, owner, at=until.at) for row, owner in ticked if _has_any(owner, until)],
        **_rendered(page, item, ticked=ticked, with_original=bool(options.include_original_description)),
    )


def dated(item: Item, asked: TransactionsGet, *, now: dt.datetime) -> dict[str, Any]:
    """``/transactions/get``: one page of what is visible now between two dates, newest first."""
    options = asked.options or GetOptions()
    items.initialise(item, options.days_requested)
    if asked.start_date > asked.end_date:
        raise errors.invalid_field("start_date must be before end_date")
    readiness = items.readiness(item, now=now)
    if readiness.status == "NOT_READY":
        raise errors.product_not_ready()
    ticked = items.ticked(item, options.account_ids, now=now)
    found: list[tuple[Entry, Account, ItemAccount]] = [
        (entry, owner, row)
        for row, owner in ticked
        for entry in ledger(owner.key).visible(now, first=max(readiness.first, asked.start_date))
        if entry.date <= asked.end_date
    ]
    found.sort(key=lambda one: (one[0].date, one[0].appears, one[0].id), reverse=True)
    page = found[options.offset : options.offset + options.count]
    with_original = bool(options.include_original_description)
    return {
        "accounts": [render.account(row, owner, at=now) for row, owner in ticked],
        "total_transactions": len(found),
        "transactions": [
            render.transaction(entry, owner, row=row, item_id=item.item_id, with_original=with_original)
            for entry, owner, row in page
        ],
    }


def _cursor(item: Item, text: str, *, account_id: str, look: Look) -> Cursor:
    """The caller's cursor; a new one for a first call; one that has told all for ``now``, which skips the past."""
    if text == "now":
        return Cursor(item.item_id, account_id, look, None, 0)
    if not text:
        return Cursor(item.item_id, account_id, None, None, 0)
    cursor = Cursor.load(text)
    if (cursor.item_id, cursor.account_id) != (item.item_id, account_id):
        raise errors.invalid_field("cursor not associated with access_token")
    if cursor.now is not None and cursor.now.first != look.first:
        # The rest of the history arrived between two pages.
        raise errors.mutation()
    return cursor


def _not_before(look: Look, before: Look | None) -> Look:
    """A clock that was moved back takes nothing back that was told."""
    return look if before is None else look._replace(at=max(look.at, before.at))


def _glances(ticked: Ticked, before: Look | None) -> tuple[Glance, ...]:
    """An account that was ticked after the look before is seen for the first time."""
    return tuple(Glance(owner.key, before if before and row.ticked_at <= before.at else None) for row, owner in ticked)


def _rendered(page: tuple[Change, ...], item: Item, *, ticked: Ticked, with_original: bool) -> dict[str, Any]:
    known = {owner.key: (row, owner) for row, owner in ticked}
    told: dict[str, list[dict[str, Any]]] = {"added": [], "modified": [], "removed": []}
    for change in page:
        row, owner = known[change.account_key]
        if change.kind == "removed":
            told["removed"].append(render.removed(change.entry, row, item_id=item.item_id))
        else:
            told[change.kind].append(
                render.transaction(change.entry, owner, row=row, item_id=item.item_id, with_original=with_original)
            )
    return told


def _has_any(owner: Account, look: Look) -> bool:
    """Whether an account has transactions; Plaid leaves one without out of the answer."""
    return any(entry.date >= look.first for entry in reversed(ledger(owner.key).published(None, look.at)))


def _page(status: str, *, next_cursor: str, has_more: bool, **lists: list[dict[str, Any]]) -> dict[str, Any]:
    empty: dict[str, list[dict[str, Any]]] = {"accounts": [], "added": [], "modified": [], "removed": []}
    return {
        "transactions_update_status": status,
        **empty,
        **lists,
        "next_cursor": next_cursor,
        "has_more": has_more,
    }
