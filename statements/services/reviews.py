"""Keeps what a person has to decide; the same fact twice is one item."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from foundation.money import from_units
from providers.types import TransactionData
from statements.models import Journal, ReviewItem, StatementLine, SyncRun

Kind = ReviewItem.Kind


def hold(journal: Journal, run: SyncRun, *, kind: str, transactions: Iterable[TransactionData]) -> int:
    """Keeps transactions that may not be booked now, whole; gives how many were not kept already."""
    return _keep(
        journal,
        [
            ReviewItem(
                journal=journal,
                run=run,
                kind=kind,
                transaction_id=data.id,
                after={
                    **_facts(data.booking_date, amount=str(data.amount), currency=data.currency),
                    "value_date": data.value_date.isoformat() if data.value_date else None,
                    "counterparty_name": data.counterparty.name,
                    "counterparty_account": data.counterparty.account_number,
                    "remittance": data.remittance,
                    "kind": data.kind,
                    "raw": bytes(data.raw).decode(),
                },
            )
            for data in transactions
        ],
    )


def propose_changes(journal: Journal, run: SyncRun, *, facts: Sequence[tuple[int, Any, int, str]]) -> int:
    """Keeps changes of amount, currency or day that the provider makes to booked lines.

    ``facts`` are rows of (line id, booking date, amount in ten-thousandths, currency). Gives how many are new.
    """
    lines = StatementLine.objects.in_bulk([row[0] for row in facts])
    return _keep(
        journal,
        [
            ReviewItem(
                journal=journal,
                run=run,
                kind=Kind.CHANGED,
                line=lines[line_id],
                transaction_id=lines[line_id].transaction_id,
                before=_line_facts(lines[line_id]),
                after=_facts(day, amount=str(from_units(units)), currency=currency),
            )
            for line_id, day, units, currency in facts
        ],
    )


def propose_removals(journal: Journal, run: SyncRun, *, ids: set[str]) -> int:
    """Keeps that the provider took booked lines back; the lines stay. Gives how many are new."""
    lines = StatementLine.objects.filter(journal=journal, transaction_id__in=ids)
    return _keep(
        journal,
        [
            ReviewItem(
                journal=journal,
                run=run,
                kind=Kind.REMOVED,
                line=line,
                transaction_id=line.transaction_id,
                before=_line_facts(line),
            )
            for line in lines
        ],
    )


def _keep(journal: Journal, items: list[ReviewItem]) -> int:
    for item in items:
        item.fingerprint = _fingerprint(item)
    there = set(
        ReviewItem.objects.filter(journal=journal, fingerprint__in=[item.fingerprint for item in items]).values_list(
            "kind", "fingerprint"
        )
    )
    fresh = [item for item in items if (str(item.kind), item.fingerprint) not in there]
    ReviewItem.objects.bulk_create(fresh)
    return len(fresh)


def _fingerprint(item: ReviewItem) -> str:
    """Names the fact itself: which transaction, and what is now said of it."""
    said = [str(item.after.get(name, "")) for name in ("booking_date", "amount", "currency")]
    return hashlib.sha256("\x00".join([item.transaction_id, *said]).encode()).hexdigest()


def _line_facts(line: StatementLine) -> dict[str, Any]:
    return _facts(line.booking_date, amount=str(line.amount), currency=line.currency)


def _facts(day: dt.date | str, *, amount: str, currency: str) -> dict[str, Any]:
    text = day if isinstance(day, str) else day.isoformat()
    return {"booking_date": text, "amount": amount, "currency": currency}
