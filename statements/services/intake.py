"""Takes transactions into a journal: each once, in its period, and nothing silently.

A line is known by (journal, the provider's id). Where ids cannot say it, because there are none or because another
connection gave the ones that are stored, a line is known by currency, amount and booking date, and by how many of
them there are (``statements.services.identity``). What is known with another amount, currency or day is not written
over: it goes to review, as does what the provider takes back, what falls into the locked period, what is in another
currency than the journal, and what a person has entered by hand before.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from connections.models import Account
from foundation.money import from_units
from providers.types import BalanceData, TransactionData
from statements.models import Journal, LineTrace, Statement, StatementLine, SyncRun
from statements.periods import Period
from statements.services import balances, identity, reviews
from statements.services.calendars import calendar_of
from statements.services.identity import IS_NEW, KNOWN
from statements.staging import COPIED, DAYS, TABLE, Spool, spooled, stage, stage_days

_LINE = StatementLine._meta.db_table
_STATEMENT = Statement._meta.db_table
_TRACE = LineTrace._meta.db_table


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
    run: SyncRun | None,
    *,
    transactions: Spool | Iterable[TransactionData],
    removed: Iterable[str] = (),
    bank: BalanceData | None = None,
    account: Account | None = None,
    origin: str = StatementLine.Origin.FEED,
    namespace: str = "",
    complete_from: dt.date | None = None,
    covered_from: dt.date | None = None,
) -> Intake:
    """Stores posted transactions as lines of their statements; gives the counts. Must be called inside a transaction.

    The journal's row must be locked by the caller. ``account`` is whose ids these are; of a file, ``namespace`` is
    what its ids begin with. ``removed`` are ids that the provider took back; ``bank`` is the balance it gave with them.
    ``complete_from`` says that from this day on the transactions are all there are: what is in the books without an id,
    or from an earlier connection, and is not among them is gone at the bank.
    ``covered_from`` is the first day that was asked for and given. Raises ``InvalidResponse`` for an amount that
    cannot be kept, before anything is stored.
    """
    spool = transactions if isinstance(transactions, Spool) else spooled(transactions)
    stage(spool)
    seen = spool.count - _drop_repeated()
    gone = _match(journal, account, spool=spool, complete_from=complete_from, namespace=namespace)
    changed = reviews.propose_vanished(journal, run, line_ids=gone) if gone else 0
    skipped = _drop_skipped(journal)
    held = reviews.hold(journal, run)
    removed = list(removed)
    changed += _review_changes(journal, run) + _review_removals(journal, run, removed=removed)
    # Where the bank takes back or corrects something too, its balance does not tell what the new lines are.
    evidence = None if changed or removed else bank
    changed += _update_texts(journal, run)
    is_history = complete_from is not None or origin != StatementLine.Origin.FEED
    if held.first_locked and not is_history:
        balances.know_earlier(journal, held.first_locked)
    touched = _stage_periods(journal)
    if touched:
        _place_before_opening(journal, evidence, otherwise=is_history)
    balances.ensure_statements(journal, touched)
    new = _insert(journal, run, account=account, origin=origin) if touched else 0
    if balances.fix_opening(journal, bank, held=held.locked, covered_from=covered_from) or touched:
        balances.rechain(journal, touched=touched)
    known = seen - new - held.count - skipped
    return Intake(seen=seen, new=new, known=known, changed=changed, held=held.count, skipped=skipped)


def _match(
    journal: Journal, account: Account | None, *, spool: Spool, complete_from: dt.date | None, namespace: str
) -> list[int]:
    """Finds out which rows are known where ids alone do not say it; gives the lines that are gone at the bank."""
    # Asked while all that came is still there to be compared with.
    gone = identity.vanished(journal, account, complete_from=complete_from)
    identity.drop_removed(journal, account, namespace=namespace)
    identity.adopt(
        journal,
        account,
        has_missing_ids=spool.has_missing_ids,
        told_everything=complete_from is not None,
        namespace=namespace,
    )
    return gone + identity.left_behind(journal, account, complete_from=complete_from)


def _place_before_opening(journal: Journal, evidence: BalanceData | None, *, otherwise: bool) -> None:
    """New rows before the journal's known point are older history, or came late and change what follows."""
    if journal.opening_date is None or journal.opening_balance is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT SUM(s.amount), SUM(CASE WHEN s.booking_date < %s THEN s.amount END) FROM {TABLE} s WHERE {IS_NEW}",  # noqa: S608
            [journal.opening_date.isoformat(), journal.pk],
        )
        total, earlier = (from_units(units or 0) for units in cursor.fetchone())
    if earlier and not balances.is_history(journal, evidence, total=total, earlier=earlier, otherwise=otherwise):
        balances.move_opening(journal, earlier)


def _drop_repeated() -> int:
    """Of one id only the last row stays; gives how many went."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM {TABLE} WHERE transaction_id <> '' GROUP BY transaction_id HAVING COUNT(*) > 1 LIMIT 1"  # noqa: S608
        )
        if cursor.fetchone() is None:
            return 0
        cursor.execute(
            f"DELETE FROM {TABLE} WHERE transaction_id <> '' AND row_id NOT IN "  # noqa: S608
            f"(SELECT MAX(row_id) FROM {TABLE} GROUP BY transaction_id)"
        )
        return int(cursor.rowcount)


def _drop_skipped(journal: Journal) -> int:
    """What is new and lies before the first day a person chose is left out; gives how many that were."""
    if journal.first_day is None:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {TABLE} AS s WHERE s.booking_date < %s AND {IS_NEW}",  # noqa: S608
            [journal.first_day.isoformat(), journal.pk],
        )
        return int(cursor.rowcount)


_SAME_FACTS = "l.amount = s.amount AND l.currency = s.currency AND l.booking_date = s.booking_date"


def _review_changes(journal: Journal, run: SyncRun | None) -> int:
    """Known lines that come with another amount, currency or day: the line stays, a person decides."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT l.id, s.booking_date, s.amount, s.currency FROM {TABLE} s JOIN {_LINE} l ON {KNOWN} "  # noqa: S608
            f"WHERE NOT ({_SAME_FACTS})",
            [journal.pk],
        )
        rows = cursor.fetchall()
    return reviews.propose_changes(journal, run, facts=rows) if rows else 0


def _review_removals(journal: Journal, run: SyncRun | None, *, removed: Iterable[str]) -> int:
    ids = identity.booked_ids(journal, list(removed))
    return reviews.propose_removals(journal, run, ids=ids) if ids else 0


# What the provider may correct without asking: the words, the value date, its mark, and its own JSON.
_TEXTS = ("value_date", "counterparty_name", "counterparty_account", "remittance", "kind", "is_flagged_duplicate")


def _update_texts(journal: Journal, run: SyncRun | None) -> int:
    """Takes over what the provider words otherwise now; what the lines said before is kept. Gives how many."""
    differs = " OR ".join(
        # Written out, since the two databases spell a comparison that minds NULL differently.
        f"l.{name} <> s.{name} OR (l.{name} IS NULL) <> (s.{name} IS NULL)"
        for name in _TEXTS
    )
    same_line = f"{KNOWN} AND {_SAME_FACTS} AND ({differs})"
    values = ", ".join(f"{name} = s.{name}" for name in (*_TEXTS, "raw"))
    kept = ", ".join(f"l.{name}" for name in _TEXTS)
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_TRACE} (line_id, run_id, replaced_at, {', '.join(_TEXTS)}) "  # noqa: S608
            f"SELECT l.id, %s, %s, {kept} FROM {TABLE} s JOIN {_LINE} l ON {same_line}",
            [run.pk if run else None, now, journal.pk],
        )
        cursor.execute(f"UPDATE {_LINE} AS l SET {values} FROM {TABLE} s WHERE {same_line}", [journal.pk])  # noqa: S608
        return int(cursor.rowcount)


def _stage_periods(journal: Journal) -> list[Period]:
    """Says for each new row's day in which period it lies; gives those periods, earliest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT s.booking_date FROM {TABLE} s WHERE {IS_NEW}",  # noqa: S608
            [journal.pk],
        )
        days = sorted(_date(row[0]) for row in cursor.fetchall())
    if not days:
        return []
    calendar = calendar_of(journal, first_day=days[0])
    periods = {day: calendar.period_of(day) for day in days}
    stage_days({day: period.first_day for day, period in periods.items()})
    return sorted(set(periods.values()), key=lambda period: period.first_day)


def _insert(journal: Journal, run: SyncRun | None, *, account: Account | None, origin: str) -> int:
    columns = ", ".join(COPIED)
    values = ", ".join(f"s.{name}" for name in COPIED)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_LINE} (journal_id, statement_id, run_id, account_id, origin, {columns}) "  # noqa: S608
            f"SELECT %s, st.id, %s, %s, %s, {values} FROM {TABLE} s "
            f"JOIN {DAYS} d ON d.booking_date = s.booking_date "
            f"JOIN {_STATEMENT} st ON st.journal_id = %s AND st.first_day = d.period_start "
            f"WHERE {IS_NEW} ORDER BY s.booking_date, s.row_id",
            [
                journal.pk,
                run.pk if run else None,
                account.pk if account else None,
                origin,
                journal.pk,
                journal.pk,
            ],
        )
        return int(cursor.rowcount)


def _date(value: dt.date | str) -> dt.date:
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(value)
