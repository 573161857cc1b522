"""Rows on their way into the books: a temporary table that lives as long as the transaction around it.

Both databases take tens of thousands of rows a second this way, where going through the models takes a fraction of
that. One set of SQL reads the table afterwards; only the filling differs: COPY on PostgreSQL, executemany on SQLite.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable
from typing import NamedTuple

from django.db import connection

TABLE = "incoming_line"
_TYPES = {
    # The key is for the planner: right after a first import it knows nothing of the lines' table yet, and without an
    # index on this side it compares every row with every row.
    "transaction_id": "varchar(255) NOT NULL PRIMARY KEY",
    "period_start": "date NOT NULL",
    "booking_date": "date NOT NULL",
    "value_date": "date",
    "amount": "bigint NOT NULL",
    "currency": "varchar(3) NOT NULL",
    "original_amount": "bigint",
    "original_currency": "varchar(3) NOT NULL",
    "counterparty_name": "varchar(255) NOT NULL",
    "counterparty_account": "varchar(64) NOT NULL",
    "remittance": "text NOT NULL",
    "kind": "varchar(64) NOT NULL",
    "raw": "text NOT NULL",
}
COLUMNS = tuple(_TYPES)


class IncomingLine(NamedTuple):
    """One posted transaction as it is staged; the fields are the table's columns, amounts in ten-thousandths."""

    transaction_id: str
    period_start: dt.date
    booking_date: dt.date
    value_date: dt.date | None
    amount: int
    currency: str
    original_amount: int | None
    original_currency: str
    counterparty_name: str
    counterparty_account: str
    remittance: str
    kind: str
    raw: str


def stage(rows: Iterable[IncomingLine]) -> None:
    """Fills the table with these rows alone. Must be called inside ``transaction.atomic``."""
    if not connection.in_atomic_block:
        raise RuntimeError("staging needs a transaction around it")
    columns = ", ".join(f"{name} {kind}" for name, kind in _TYPES.items())
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS {TABLE} ({columns})")
        cursor.execute(f"DELETE FROM {TABLE}")  # noqa: S608
    if connection.vendor == "postgresql":
        _copy(rows)
    else:
        _insert(rows)


def _copy(rows: Iterable[IncomingLine]) -> None:
    text = io.StringIO()
    for row in rows:
        text.write("\t".join(_NULL if value is None else str(value).translate(_ESCAPES) for value in row))
        text.write("\n")
    text.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {TABLE} ({', '.join(COLUMNS)}) FROM STDIN", text)
        cursor.execute(f"ANALYZE {TABLE}")


def _insert(rows: Iterable[IncomingLine]) -> None:
    marks = ", ".join(["%s"] * len(COLUMNS))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {TABLE} VALUES ({marks})", [_for_sqlite(row) for row in rows])  # noqa: S608


def _for_sqlite(row: IncomingLine) -> tuple[str | int | None, ...]:
    """SQLite has no dates; they are kept as Django keeps them, in ISO's spelling, which sorts as the days do."""
    return tuple(value.isoformat() if isinstance(value, dt.date) else value for value in row)


_NULL = r"\N"
# COPY's text format: the backslash and what would end a field or a line. PostgreSQL keeps no NUL in a text.
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": ""})
