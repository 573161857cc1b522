"""Which transaction is which line.

Within an account the provider's id says it. Ids of another connection, or none at all, say nothing; there a line is
known by currency, amount and booking date **and by how many of them there are**: two equal coffees stay two lines,
whoever tells of them again. A line known this way takes the new id over, so that from then on the id says it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone

from connections.models import Account
from foundation.money import to_units
from statements.models import Journal, RemovedLine, ReviewItem, StatementLine
from statements.staging import TABLE

_LINE = StatementLine._meta.db_table
_REMOVED = RemovedLine._meta.db_table
# Ids looked up in one query; SQLite allows 32,766 values in one.
_CHUNK = 5_000

# A staged row ``s`` and the line ``l`` it stands for; one parameter, the journal. That an id is there is said for both
# sides, or the partial index on the lines is of no use.
KNOWN = (
    "l.journal_id = %s AND l.transaction_id = s.transaction_id AND l.transaction_id <> '' AND s.transaction_id <> ''"
)
IS_NEW = f"NOT EXISTS (SELECT 1 FROM {_LINE} l WHERE {KNOWN})"  # noqa: S608
_NOT_GONE = (
    f"(l.transaction_id = '' OR NOT EXISTS (SELECT 1 FROM {ReviewItem._meta.db_table} r "  # noqa: S608
    "WHERE r.line_id = l.id AND r.kind = 'removed'))"
)
_FACTS = ("currency", "amount", "booking_date")
_PARTITION = "PARTITION BY {0}.currency, {0}.amount, {0}.booking_date"
# A line that was booked on a later, open day is known by the bank's own day.
_DAY = {_LINE: "COALESCE(l.original_date, l.booking_date)", _REMOVED: "l.booking_date"}


def booked_ids(journal: Journal, ids: list[str]) -> set[str]:
    """Those of these ids that have a line in the journal."""
    lines = StatementLine.objects.filter(journal=journal)
    return {
        transaction_id
        for start in range(0, len(ids), _CHUNK)
        for transaction_id in lines.filter(transaction_id__in=ids[start : start + _CHUNK]).values_list(
            "transaction_id", flat=True
        )
    }


def drop_removed(journal: Journal, account: Account | None, *, namespace: str = "") -> int:
    """Leaves out what a person has taken out of the books before; gives how many that were.

    A memory of another account's id, or without one, stands for one transaction with its facts, and from then on is
    known by the new id.
    """
    if not RemovedLine.objects.filter(journal=journal).exists():
        return 0
    # Those known by their id go first, or another memory would be given an id that is remembered already.
    count = _drop_remembered(journal)
    pairs = _pairs(journal, account, table=_REMOVED, namespace=namespace)
    _hand_over(_REMOVED, account, pairs)
    return count + _drop_remembered(journal) + _drop_unnamed(account, pairs)


def _drop_remembered(journal: Journal) -> int:
    """Rows with a remembered id leave the stage; the memory keeps up with what the bank says of them by now."""
    facts = ", ".join(f"{name} = s.{name}" for name in _FACTS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {_REMOVED} AS l SET {facts} FROM {TABLE} s WHERE {KNOWN}",  # noqa: S608
            [journal.pk],
        )
        cursor.execute(
            f"DELETE FROM {TABLE} WHERE transaction_id <> '' AND transaction_id IN "  # noqa: S608
            f"(SELECT transaction_id FROM {_REMOVED} WHERE journal_id = %s)",
            [journal.pk],
        )
        return int(cursor.rowcount)


def adopt(
    journal: Journal,
    account: Account | None,
    *,
    has_missing_ids: bool,
    told_everything: bool = False,
    namespace: str = "",
) -> int:
    """Finds lines whose ids say nothing here by their facts and their number; gives how many rows are known so.

    Lines entered by hand are never taken for the bank's without a person saying so. A file (no ``account``) never
    renames what a provider has named: the feed knows its lines by those ids. A line that a connection did not know
    when it ``told_everything`` is not what it tells of as new later on.
    """
    # First, since the bank may have moved what it changed to a day on which nothing else lies.
    contradicted = _contradicted(journal, account)
    _hand_over(_LINE, account, contradicted)
    if not has_missing_ids and not _has_other_ids(journal, account):
        return len(contradicted)
    condition = "AND l.origin <> 'hand'" if told_everything else f"AND l.origin <> 'hand' AND {_NOT_GONE}"
    pairs = _pairs(journal, account, table=_LINE, condition=condition, namespace=namespace)
    _hand_over(_LINE, account, pairs)
    _drop_unnamed(account, pairs)
    return len(contradicted) + len(pairs)


def suspected(journal: Journal) -> dict[int, int]:
    """Staged row -> line entered by hand that may be the same: equal facts, each hand-made line for one row."""
    by_hand = StatementLine.objects.filter(journal=journal, origin=StatementLine.Origin.HAND, transaction_id="")
    if not by_hand.exists():
        return {}
    pairs = _pairs(journal, None, table=_LINE, condition="AND l.origin = 'hand' AND l.transaction_id = ''")
    return {pair.row: pair.there for pair in pairs}


def vanished(journal: Journal, account: Account | None, *, complete_from: dt.date | None) -> list[int]:
    """Lines without an id that the bank no longer tells of, though it told of everything since ``complete_from``.

    Two equal lines of which one is still told of: one of them is given.
    """
    if complete_from is None or account is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT e.id FROM (SELECT l.id, l.currency, l.amount, {_DAY[_LINE]} AS booking_date, "  # noqa: S608
            f"ROW_NUMBER() OVER (PARTITION BY l.currency, l.amount, {_DAY[_LINE]} ORDER BY l.id) AS nth FROM {_LINE} l "
            f"WHERE l.journal_id = %s AND l.account_id = %s AND l.transaction_id = '' AND {_DAY[_LINE]} >= %s) e "
            f"WHERE e.nth > (SELECT COUNT(*) FROM {TABLE} s WHERE s.transaction_id = '' AND s.currency = e.currency "
            f"AND s.amount = e.amount AND s.booking_date = e.booking_date)",
            [journal.pk, account.pk, complete_from.isoformat()],
        )
        return [int(row[0]) for row in cursor.fetchall()]


def left_behind(journal: Journal, account: Account | None, *, complete_from: dt.date | None) -> list[int]:
    """Lines that an earlier connection brought and that this one, which told of everything since then, does not know.

    To be asked after ``adopt``: what this connection does know carries its ids by then.
    """
    if complete_from is None or account is None:
        return []
    others = StatementLine.objects.filter(
        journal=journal, origin=StatementLine.Origin.FEED, booking_date__gte=complete_from, account__isnull=False
    )
    return list(others.exclude(account=account).values_list("pk", flat=True))


def _has_other_ids(journal: Journal, account: Account | None) -> bool:
    """Whether lines that another account's provider named, or nobody, lie on the days of rows that seem new."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT MIN(s.booking_date), MAX(s.booking_date) FROM {TABLE} s WHERE {IS_NEW}",  # noqa: S608
            [journal.pk],
        )
        first_day, last_day = cursor.fetchone()
    if first_day is None:
        return False
    there = StatementLine.objects.filter(journal=journal, booking_date__range=(first_day, last_day))
    return there.exclude(account=account).exists() if account else there.exists()


class _Pair(NamedTuple):
    """A staged row with its id, and the row that is there for it with the account that named it."""

    row: int
    there: int
    identifier: str
    account_id: int | None


def _contradicted(journal: Journal, account: Account | None) -> list[_Pair]:
    """Lines that the bank has changed since, and the rows that tell of them as they are at the bank now.

    The books keep the old facts until a person decides, so that only the review knows the new ones.
    """
    if account is None:
        return []
    items = ReviewItem.objects.filter(journal=journal, kind=ReviewItem.Kind.CHANGED).exclude(line=None)
    pairs: list[_Pair] = []
    for item in items.exclude(line__account=account).order_by("-pk"):
        taken = {pair.row for pair in pairs}
        row = next((row for row in _rows_like(journal, item.after) if row[0] not in taken), None)
        if row is not None and item.line_id not in {pair.there for pair in pairs}:
            pairs.append(_Pair(row=row[0], there=item.line_id or 0, identifier=row[1], account_id=None))
    return pairs


def _rows_like(journal: Journal, facts: dict[str, Any]) -> list[tuple[int, str]]:
    """Staged rows, new and with an id, of which these facts are told."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT s.row_id, s.transaction_id FROM {TABLE} s WHERE s.transaction_id <> '' AND s.currency = %s "  # noqa: S608
            f"AND s.amount = %s AND s.booking_date = %s AND {IS_NEW} ORDER BY s.row_id",
            [facts["currency"], to_units(Decimal(facts["amount"])), facts["booking_date"], journal.pk],
        )
        return [(int(row_id), str(identifier)) for row_id, identifier in cursor.fetchall()]


def _pairs(
    journal: Journal, account: Account | None, *, table: str, condition: str = "", namespace: str = ""
) -> list[_Pair]:
    """The n-th new one of equal facts and the n-th that is there, in ``table``.

    Of ``table`` those count that nothing staged names by id and whose own id says nothing here: another account's,
    none, or, for a file, one that does not begin with the file's ``namespace``.
    """
    others = "l.transaction_id = ''"
    parameters: list[int | str] = [journal.pk, journal.pk]
    if account is not None:
        others += " OR l.account_id IS NULL OR l.account_id <> %s"
        parameters.append(account.pk)
    elif namespace:
        others += " OR l.account_id IS NOT NULL OR SUBSTR(l.transaction_id, 1, %s) <> %s"
        parameters += [len(namespace), namespace]
    else:
        others += " OR 1 = 1"
    facts = " AND ".join(f"e.{name} = u.{name}" for name in _FACTS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT u.row_id, e.id, u.transaction_id, e.account_id FROM "  # noqa: S608
            f"(SELECT s.row_id, s.transaction_id, s.currency, s.amount, s.booking_date, "
            f"ROW_NUMBER() OVER ({_PARTITION.format('s')} ORDER BY s.row_id) AS nth FROM {TABLE} s WHERE {IS_NEW}) u "
            f"JOIN (SELECT l.id, l.account_id, l.currency, l.amount, {_DAY[table]} AS booking_date, "
            f"ROW_NUMBER() OVER (PARTITION BY l.currency, l.amount, {_DAY[table]} ORDER BY l.id) AS nth FROM {table} l "
            f"WHERE l.journal_id = %s {condition} AND ({others}) "
            # The day a line was moved to is later than its own, so that this bound holds for both.
            f"AND l.booking_date >= (SELECT MIN(booking_date) FROM {TABLE}) "
            # Asked only of lines with an id: rows without one are all the same in the index, and each would read all.
            f"AND (l.transaction_id = '' OR NOT EXISTS "
            f"(SELECT 1 FROM {TABLE} o WHERE o.transaction_id = l.transaction_id AND o.transaction_id <> ''))) e "
            f"ON {facts} AND e.nth = u.nth",
            parameters,
        )
        return [_Pair(*row) for row in cursor.fetchall()]


def _takes_name(account: Account | None, pair: _Pair) -> bool:
    """Whether what is there takes over the staged row's id: not where a file would rename a provider's line."""
    return bool(pair.identifier) and (account is not None or pair.account_id is None)


def _hand_over(table: str, account: Account | None, pairs: list[_Pair]) -> None:
    """The rows of ``table`` take over the ids they are known by now."""
    named = [(pair.identifier, pair.there) for pair in pairs if _takes_name(account, pair)]
    with connection.cursor() as cursor:
        # An id that moves between two rows must be free before it is taken.
        for chunk in _chunks(named):
            listed = ", ".join(str(pk) for _identifier, pk in chunk)
            cursor.execute(f"UPDATE {table} SET transaction_id = '' WHERE id IN ({listed})")  # noqa: S608
        for chunk in _chunks(named):
            values: list[str | int | None] = [value for row in chunk for value in row]
            cursor.execute(
                f"WITH v(identifier, id) AS (VALUES {', '.join(['(%s, %s)'] * len(chunk))}) "  # noqa: S608
                f"UPDATE {table} AS l SET transaction_id = v.identifier, account_id = %s FROM v WHERE l.id = v.id",
                [*values, account.pk if account else None],
            )
    if table == _LINE:
        _close_removals([pk for _identifier, pk in named])


def _chunks(rows: list[tuple[str, int]]) -> Iterator[list[tuple[str, int]]]:
    return (rows[start : start + _CHUNK] for start in range(0, len(rows), _CHUNK))


def _close_removals(line_ids: list[int]) -> None:
    """A bank that tells of a line again has not taken it back: what was asked about that is answered."""
    for start in range(0, len(line_ids), _CHUNK):
        told_of_again = ReviewItem.objects.open().filter(
            kind=ReviewItem.Kind.REMOVED, line__in=line_ids[start : start + _CHUNK]
        )
        told_of_again.update(decision=ReviewItem.Decision.KEEP, decided_at=timezone.now())


def _drop_unnamed(account: Account | None, pairs: list[_Pair]) -> int:
    """Rows that are known, but not by their id, leave the stage; gives how many."""
    rows = [pair.row for pair in pairs if not _takes_name(account, pair)]
    with connection.cursor() as cursor:
        for start in range(0, len(rows), _CHUNK):
            listed = ", ".join(str(row_id) for row_id in rows[start : start + _CHUNK])
            cursor.execute(f"DELETE FROM {TABLE} WHERE row_id IN ({listed})")  # noqa: S608
    return len(rows)
