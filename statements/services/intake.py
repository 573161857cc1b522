"""Takes transactions into a journal: each once, in its period, and nothing silently.

A line is known by (journal, the provider's id). What is known with another amount, currency or day is not written
over: it goes to review, as does what the provider takes back, what falls into the locked period, and what is in
another currency than the journal.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import connection

from foundation.money import to_units
from providers.errors import InvalidResponse
from providers.types import BalanceData, TransactionData
from statements.models import Journal, ReviewItem, Statement, StatementLine, SyncRun
from statements.periods import Period, period_of
from statements.services import balances, reviews
from statements.staging import TABLE, IncomingLine, stage

_LINE = StatementLine._meta.db_table
_STATEMENT = Statement._meta.db_table
# Ids looked up in one query; SQLite allows 32,766 values in one.
_CHUNK = 5_000


@dataclass(frozen=True)
class Intake:
    """What became of the transactions: ``seen`` = ``new`` + ``known`` + ``held`` + ``skipped``.

    ``changed`` counts the known ones whose text was updated or that went to review; ``held`` wait for a decision;
    ``skipped`` lie before the first day.
    """

    seen: int = 0
    new: int = 0
    known: int = 0
    changed: int = 0
    held: int = 0
    skipped: int = 0


def take_in(
    journal: Journal,
    run: SyncRun,
    *,
    transactions: Iterable[TransactionData],
    removed: Iterable[str],
    bank: BalanceData | None,
) -> Intake:
    """Stores posted transactions as lines of their statements; gives the counts. Must be called inside a transaction.

    The journal's row must be locked by the caller. ``removed`` are ids that the provider took back, ``bank`` the
    balance it gave with them. Raises ``InvalidResponse`` for a transaction without an id, before anything is stored.
    """
    found = _sort(journal, _once_each(transactions))
    stage(_rows(found.bookable, journal.period))
    changed = _review_changes(journal, run) + _review_removals(journal, run, removed=removed) + _update_texts(journal)
    fresh = _periods_of_new(journal)
    balances.ensure_statements(journal, fresh)
    new = _insert(journal, run)
    balances.fix_opening(journal, bank, held=sum((data.amount for data in found.locked), Decimal(0)))
    balances.rechain(journal, touched=fresh)
    reviews.hold(journal, run, kind=ReviewItem.Kind.LOCKED, transactions=found.locked)
    reviews.hold(journal, run, kind=ReviewItem.Kind.CURRENCY, transactions=found.foreign)
    held = len(found.locked) + len(found.foreign)
    known = len(found.bookable) - new
    return Intake(
        seen=len(found.bookable) + held + found.skipped,
        new=new,
        known=known,
        changed=changed,
        held=held,
        skipped=found.skipped,
    )


@dataclass
class _Sorted:
    """Transactions by what may become of them."""

    bookable: list[TransactionData] = field(default_factory=list)
    locked: list[TransactionData] = field(default_factory=list)
    foreign: list[TransactionData] = field(default_factory=list)
    skipped: int = 0


def _once_each(transactions: Iterable[TransactionData]) -> dict[str, TransactionData]:
    """By id; what the provider says last of one id counts."""
    by_id = {}
    for transaction in transactions:
        if not transaction.id:
            raise InvalidResponse("The provider sent a transaction without an id.")
        by_id[transaction.id] = transaction
    return by_id


def _sort(journal: Journal, transactions: dict[str, TransactionData]) -> _Sorted:
    lock_date = journal.company.lock_date
    outside = [
        transaction.id
        for transaction in transactions.values()
        if transaction.currency != journal.currency or (lock_date and transaction.booking_date <= lock_date)
    ]
    booked = _booked_ids(journal, outside)
    result = _Sorted()
    for transaction in transactions.values():
        if transaction.id in booked:
            result.bookable.append(transaction)
        elif journal.first_day and transaction.booking_date < journal.first_day:
            result.skipped += 1
        elif transaction.currency != journal.currency:
            result.foreign.append(transaction)
        elif lock_date and transaction.booking_date <= lock_date:
            result.locked.append(transaction)
        else:
            result.bookable.append(transaction)
    return result


def _booked_ids(journal: Journal, ids: list[str]) -> set[str]:
    lines = StatementLine.objects.filter(journal=journal)
    return {
        transaction_id
        for start in range(0, len(ids), _CHUNK)
        for transaction_id in lines.filter(transaction_id__in=ids[start : start + _CHUNK]).values_list(
            "transaction_id", flat=True
        )
    }


def _rows(transactions: list[TransactionData], kind: str) -> Iterator[IncomingLine]:
    starts: dict[dt.date, dt.date] = {}
    for data in transactions:
        start = starts.get(data.booking_date)
        if start is None:
            start = starts[data.booking_date] = period_of(data.booking_date, kind).first_day
        original = data.original_amount
        yield IncomingLine(
            transaction_id=data.id,
            period_start=start,
            booking_date=data.booking_date,
            value_date=data.value_date,
            amount=_units(data.amount),
            currency=data.currency,
            original_amount=None if original is None else _units(original),
            original_currency=data.original_currency[:3],
            counterparty_name=data.counterparty.name[:255],
            counterparty_account=data.counterparty.account_number[:64],
            remittance=data.remittance,
            kind=data.kind[:64],
            raw=bytes(data.raw).decode(),
        )


def _units(amount: Decimal) -> int:
    try:
        return to_units(amount)
    except ValueError as error:
        raise InvalidResponse(f"The provider sent an amount that cannot be kept: {error}.") from error


_SAME_FACTS = "l.amount = s.amount AND l.currency = s.currency AND l.booking_date = s.booking_date"
_KNOWN = f"FROM {TABLE} s JOIN {_LINE} l ON l.journal_id = %s AND l.transaction_id = s.transaction_id"


def _review_changes(journal: Journal, run: SyncRun) -> int:
    """Known lines that come with another amount, currency or day: the line stays, a person decides."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT l.id, s.booking_date, s.amount, s.currency {_KNOWN} WHERE NOT ({_SAME_FACTS})",
            [journal.pk],
        )
        rows = cursor.fetchall()
    return reviews.propose_changes(journal, run, facts=rows) if rows else 0


def _review_removals(journal: Journal, run: SyncRun, *, removed: Iterable[str]) -> int:
    ids = _booked_ids(journal, list(removed))
    return reviews.propose_removals(journal, run, ids=ids) if ids else 0


# What the provider may correct without asking: the words, the value date, and its own JSON.
_TEXTS = ("value_date", "counterparty_name", "counterparty_account", "remittance", "kind")


def _update_texts(journal: Journal) -> int:
    differs = " OR ".join(
        # Written out, since the two databases spell a comparison that minds NULL differently.
        f"l.{name} <> s.{name} OR (l.{name} IS NULL) <> (s.{name} IS NULL)"
        for name in _TEXTS
    )
    values = ", ".join(f"{name} = s.{name}" for name in (*_TEXTS, "raw"))
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {_LINE} AS l SET {values} FROM {TABLE} s "  # noqa: S608
            f"WHERE l.journal_id = %s AND l.transaction_id = s.transaction_id AND {_SAME_FACTS} AND ({differs})",
            [journal.pk],
        )
        return int(cursor.rowcount)


_IS_NEW = (
    f"NOT EXISTS (SELECT 1 FROM {_LINE} l WHERE l.journal_id = %s AND l.transaction_id = s.transaction_id"  # noqa: S608
    " AND l.transaction_id <> '')"
)


def _periods_of_new(journal: Journal) -> list[Period]:
    """The periods that new lines fall into, earliest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT s.period_start FROM {TABLE} s WHERE {_IS_NEW} ORDER BY 1",  # noqa: S608
            [journal.pk],
        )
        starts = [row[0] for row in cursor.fetchall()]
    days = [start if isinstance(start, dt.date) else dt.date.fromisoformat(start) for start in starts]
    return [period_of(day, journal.period) for day in days]


_COPIED = (
    "transaction_id",
    "booking_date",
    "value_date",
    "amount",
    "currency",
    "original_amount",
    "original_currency",
    "counterparty_name",
    "counterparty_account",
    "remittance",
    "kind",
    "raw",
)


def _insert(journal: Journal, run: SyncRun) -> int:
    columns = ", ".join(_COPIED)
    values = ", ".join(f"s.{name}" for name in _COPIED)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_LINE} (journal_id, statement_id, run_id, {columns}) "  # noqa: S608
            f"SELECT %s, st.id, %s, {values} FROM {TABLE} s "
            f"JOIN {_STATEMENT} st ON st.journal_id = %s AND st.first_day = s.period_start "
            f"WHERE {_IS_NEW} ORDER BY s.booking_date, s.transaction_id",
            [journal.pk, run.pk, journal.pk, journal.pk],
        )
        return int(cursor.rowcount)
