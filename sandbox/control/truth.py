"""The true posted ledger, for tests to hold stored lines against; amounts are texts, + in and − out everywhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from sandbox.plaid import items, tokens
from sandbox.plaid.models import Item
from sandbox.plaid.render import money
from sandbox.world import accounts
from sandbox.world.accounts import Account, exponent
from sandbox.world.ledger import Entry, ledger


def of_item(*, item_id: str, access_token: str, now: dt.datetime) -> dict[str, Any] | None:
    """What is posted on an Item's accounts, as far back as it was asked for, under the ids the Item shows."""
    item = (
        Item.objects.filter(item_id=item_id).first()
        if item_id
        else Item.objects.filter(access_token=access_token).first()
    )
    if item is None:
        return None
    first = items.first_day(item)
    told = [
        {
            "account_id": row.account_id,
            **_account(owner, now=now, first=first, named=lambda key: tokens.seen_by(item.item_id, key)),
        }
        for row, owner in items.ticked(item, now=now)
    ]
    return {"now": now, "item_id": item.item_id, "first_day": first, "accounts": told}


def of_institution(institution: str, *, account: str, now: dt.datetime) -> dict[str, Any] | None:
    """All that was ever posted at an institution (its id, with or without Plaid's prefix), under the world's ids.

    ``account`` picks one by its number (``1``) or its whole key.
    """
    bank = institution.removeprefix(items.PREFIX)
    try:
        found = accounts.accounts_of(bank)
    except KeyError:
        return None
    wanted = [one for one in found if not account or account in (one.key, one.key.rpartition(".")[2])]
    if not wanted:
        return None
    told = [_account(one, now=now, first=None, named=str) for one in wanted]
    return {"now": now, "institution": bank, "accounts": told}


def _account(owner: Account, *, now: dt.datetime, first: dt.date | None, named: Callable[[str], str]) -> dict[str, Any]:
    book = ledger(owner.key)
    posted = [entry for entry in book.visible(now, first=first) if not entry.is_pending]
    booked = book.booked(now)
    return {
        "account": owner.key,
        "name": owner.name,
        "kind": owner.kind,
        "currency": owner.currency,
        "number": owner.number,
        "mask": owner.mask,
        # What stood on the account before the first transaction listed here.
        "opening_balance": str(money(booked - sum(entry.amount for entry in posted), owner.exponent)),
        "balance": str(money(booked, owner.exponent)),
        "transactions": [_transaction(entry, owner, named=named) for entry in posted],
    }


def _transaction(entry: Entry, owner: Account, *, named: Callable[[str], str]) -> dict[str, Any]:
    original = entry.original_amount
    return {
        "id": named(entry.id),
        "booking_date": entry.date,
        "amount": str(money(entry.amount, owner.exponent)),
        "currency": owner.currency,
        "original_amount": None if original is None else str(money(original, exponent(entry.original_currency))),
        "original_currency": entry.original_currency,
        "counterparty": entry.party.name,
        "text": entry.text,
        "kind": entry.kind,
        "appeared_at": entry.appears,
    }
