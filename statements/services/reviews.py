"""Keeps what a person has to decide; the same fact twice is one item."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from foundation.money import from_units
from statements.models import Journal, ReviewItem, StatementLine, SyncRun
from statements.services import identity
from statements.staging import COPIED, TABLE

Kind = ReviewItem.Kind
_TEXTS = ("original_currency", "counterparty_name", "counterparty_account", "remittance", "kind", "raw")


@dataclass(frozen=True)
class Held:
    """How many staged rows wait for a decision; of the locked ones among them the sum and the earliest day."""

    count: int = 0
    locked: Decimal = Decimal(0)
    first_locked: dt.date | None = None


def hold(journal: Journal, run: SyncRun | None) -> Held:
    """Takes out of the stage what may not be booked now, and keeps it, whole, for a decision.

    That is what is new and in another currency than the journal, or in the locked period, or perhaps there already by
    hand. What is kept already is not kept twice.
    """
    lock_date = journal.company.lock_date
    suspects = identity.suspected(journal)
    reasons = ["s.currency <> %s"]
    parameters: list[str] = [journal.currency]
    if lock_date:
        reasons.append("s.booking_date <= %s")
        parameters.append(lock_date.isoformat())
    if suspects:
        reasons.append(f"s.row_id IN ({', '.join(map(str, suspects))})")
    columns = ", ".join(f"s.{name}" for name in ("row_id", *COPIED))
    where = f"({' OR '.join(reasons)}) AND {identity.IS_NEW}"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {TABLE} s WHERE {where}", [*parameters, journal.pk])  # noqa: S608
        rows = [dict(zip(("row_id", *COPIED), row, strict=True)) for row in cursor.fetchall()]
        if rows:
            cursor.execute(f"DELETE FROM {TABLE} AS s WHERE {where}", [*parameters, journal.pk])  # noqa: S608
    items = [_held(journal, run, row=row, lock_date=lock_date, suspects=suspects) for row in rows]
    _tell_equal_ones_apart(items)
    _keep(journal, items)
    locked = [item.after for item in items if item.kind == Kind.LOCKED]
    return Held(
        count=len(items),
        locked=sum((Decimal(after["amount"]) for after in locked), Decimal(0)),
        first_locked=min((_date(after["booking_date"]) for after in locked), default=None),
    )


def _tell_equal_ones_apart(items: Iterable[ReviewItem]) -> None:
    """What has no id is known by its facts and by how many there are, here too."""
    seen: Counter[tuple[str, ...]] = Counter()
    for item in items:
        if not item.transaction_id:
            facts = tuple(str(item.after[name]) for name in ("booking_date", "amount", "currency"))
            seen[facts] += 1
            item.after["nth"] = seen[facts]


def _held(
    journal: Journal, run: SyncRun | None, *, row: dict[str, Any], lock_date: dt.date | None, suspects: dict[int, int]
) -> ReviewItem:
    day = _date(row["booking_date"])
    if row["currency"] != journal.currency:
        kind = Kind.CURRENCY
    elif lock_date and day <= lock_date:
        kind = Kind.LOCKED
    else:
        kind = Kind.SUSPECTED
    original = row["original_amount"]
    return ReviewItem(
        journal=journal,
        run=run,
        kind=kind,
        line_id=suspects.get(row["row_id"]) if kind == Kind.SUSPECTED else None,
        transaction_id=row["transaction_id"],
        after={
            **_facts(day, amount=str(from_units(row["amount"])), currency=row["currency"]),
            "value_date": _date(row["value_date"]).isoformat() if row["value_date"] else None,
            "original_amount": None if original is None else str(from_units(original)),
            **{name: row[name] for name in _TEXTS},
        },
    )


def propose_changes(journal: Journal, run: SyncRun | None, *, facts: Sequence[tuple[int, Any, int, str]]) -> int:
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


def propose_removals(journal: Journal, run: SyncRun | None, *, ids: set[str]) -> int:
    """Keeps that the provider took booked lines back; the lines stay. Gives how many are new."""
    return _propose_gone(journal, run, StatementLine.objects.filter(journal=journal, transaction_id__in=ids))


def propose_vanished(journal: Journal, run: SyncRun | None, *, line_ids: Sequence[int]) -> int:
    """Keeps that the bank no longer tells of lines that have no id; the lines stay. Gives how many are new."""
    return _propose_gone(journal, run, StatementLine.objects.filter(journal=journal, pk__in=line_ids))


def _propose_gone(journal: Journal, run: SyncRun | None, lines: Iterable[StatementLine]) -> int:
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
    # What has no id is told apart by the line it is about, or by which of several equal ones it is.
    named = item.transaction_id or f"line {item.line_id}, {item.after.get('nth', '')}"
    return hashlib.sha256("\x00".join([named, *said]).encode()).hexdigest()


def _line_facts(line: StatementLine) -> dict[str, Any]:
    return _facts(line.booking_date, amount=str(line.amount), currency=line.currency)


def _date(value: dt.date | str) -> dt.date:
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(value)


def _facts(day: dt.date | str, *, amount: str, currency: str) -> dict[str, Any]:
    text = day if isinstance(day, str) else day.isoformat()
    return {"booking_date": text, "amount": amount, "currency": currency}
