"""Rows on their way into the books: spooled while the network is read, then a temporary table inside one transaction.

Both databases take tens of thousands of rows a second this way, where going through the models takes a fraction of
that. One text format (PostgreSQL's COPY) is spooled, on disk once it is large, so that memory stays flat however much
arrives. One set of SQL reads the table afterwards; only the filling differs: COPY on PostgreSQL, executemany on SQLite.
"""

from __future__ import annotations

import datetime as dt
import re
import tempfile
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import islice
from types import TracebackType
from typing import Any

from django.db import connection

from foundation.money import to_units
from providers.errors import InvalidResponse
from providers.types import TransactionData

TABLE = "incoming_line"
DAYS = "incoming_day"
_TYPES = {
    # In the order in which they came: what is said last of one id counts.
    "row_id": "bigint NOT NULL",
    "transaction_id": "varchar(255) NOT NULL",
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
    "is_flagged_duplicate": "boolean NOT NULL",
    "raw": "text NOT NULL",
}
COLUMNS = tuple(_TYPES)
# What a staged row and a line have in common.
COPIED = COLUMNS[1:]
_IN_MEMORY = 4 * 1024 * 1024
_CHUNK = 2_000


class Spool:
    """Posted transactions of one account, kept aside until all its pages are there. To be closed, or used ``with``.

    ``count`` is how many there are, ``first_day`` the earliest booking date among them.
    """

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed by close()
        self.count = 0
        self.first_day: dt.date | None = None
        self.has_missing_ids = False

    def add(self, transactions: Iterable[TransactionData]) -> None:
        """Keeps these too. Raises ``InvalidResponse`` for an amount that cannot be kept exactly."""
        lines = []
        for data in transactions:
            self.count += 1
            if not data.id:
                self.has_missing_ids = True
            if self.first_day is None or data.booking_date < self.first_day:
                self.first_day = data.booking_date
            lines.append(spooled_line(self.count, data))
        self._file.write("".join(lines).encode())

    def read(self) -> Any:
        """The file of all rows, from its beginning."""
        self._file.seek(0)
        return self._file

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def spooled(transactions: Iterable[TransactionData]) -> Spool:
    """A spool of these transactions."""
    spool = Spool()
    spool.add(transactions)
    return spool


def stage(spool: Spool) -> None:
    """Fills the table with the spool's rows alone. Must be called inside ``transaction.atomic``."""
    if not connection.in_atomic_block:
        raise RuntimeError("staging needs a transaction around it")
    columns = ", ".join(f"{name} {kind}" for name, kind in _TYPES.items())
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS {TABLE} ({columns})")
        # For the planner: right after a first import it knows nothing of the lines' table yet, and without an index
        # on this side it compares every row with every row.
        cursor.execute(f"CREATE INDEX IF NOT EXISTS {TABLE}_by_id ON {TABLE} (transaction_id)")
        cursor.execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS {DAYS} (booking_date date, period_start date)")
        if connection.vendor == "postgresql":
            # Emptied for good: rows that were only deleted would be walked over at every fetch of this session.
            cursor.execute(f"TRUNCATE {TABLE}, {DAYS}")
            cursor.copy_expert(f"COPY {TABLE} ({', '.join(COLUMNS)}) FROM STDIN", spool.read())
            cursor.execute(f"ANALYZE {TABLE}")
        else:
            cursor.execute(f"DELETE FROM {TABLE}")  # noqa: S608
            _insert(cursor, spool)


def stage_days(periods: dict[dt.date, dt.date]) -> None:
    """Says in which period each booking date lies: day -> the period's first day."""
    rows = [(day.isoformat(), start.isoformat()) for day, start in periods.items()]
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {DAYS}")  # noqa: S608
        for begin in range(0, len(rows), _CHUNK // 2):
            chunk = rows[begin : begin + _CHUNK // 2]
            marks = ", ".join(["(%s, %s)"] * len(chunk))
            cursor.execute(f"INSERT INTO {DAYS} VALUES {marks}", [value for row in chunk for value in row])  # noqa: S608


def _insert(cursor: Any, spool: Spool) -> None:
    marks = ", ".join(["%s"] * len(COLUMNS))
    rows = _parsed(spool.read())
    while chunk := list(islice(rows, _CHUNK)):
        cursor.executemany(f"INSERT INTO {TABLE} VALUES ({marks})", chunk)  # noqa: S608


def _parsed(lines: Iterable[bytes]) -> Iterator[tuple[Any, ...]]:
    """Spooled lines as values again; SQLite keeps dates as their texts and truth as 0 and 1."""
    for line in lines:
        values = line.decode()[:-1].split("\t")
        yield tuple(
            None if value == _NULL else _unescaped(value) if name in _TEXTS else _FROM.get(name, str)(value)
            for name, value in zip(COLUMNS, values, strict=True)
        )


def spooled_line(row_id: int, data: TransactionData) -> str:
    """One transaction as a line of COPY's text, its fields those of ``COLUMNS``. Raises ``InvalidResponse``."""
    other = data.counterparty
    original = data.original_amount
    flag = "t" if data.is_flagged_duplicate else "f"
    return (
        f"{row_id}\t{_escaped(data.id)}\t{data.booking_date}\t{data.value_date or _NULL}\t{_units(data.amount)}\t"
        f"{data.currency}\t{_NULL if original is None else _units(original)}\t{_escaped(data.original_currency[:3])}\t"
        f"{_escaped(other.name[:255])}\t{_escaped(other.account_number[:64])}\t{_escaped(data.remittance)}\t"
        f"{_escaped(data.kind[:64])}\t{flag}\t{_escaped(bytes(data.raw).decode())}\n"
    )


def _units(amount: Decimal) -> int:
    try:
        return to_units(amount)
    except ValueError as error:
        raise InvalidResponse(f"The provider sent an amount that cannot be kept: {error}.") from error


_NULL = r"\N"
_TEXTS = {
    "transaction_id",
    "original_currency",
    "counterparty_name",
    "counterparty_account",
    "remittance",
    "kind",
    "raw",
}
_FROM: dict[str, Any] = {"row_id": int, "amount": int, "original_amount": int, "is_flagged_duplicate": "t".__eq__}
# COPY's text format: the backslash and what would end a field or a line. PostgreSQL keeps no NUL in a text.
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": ""})
_ESCAPE = re.compile(r"\\[\\tnr]")
_ESCAPED = {"\\\\": "\\", "\\t": "\t", "\\n": "\n", "\\r": "\r"}


def _escaped(text: str) -> str:
    # Nearly all texts are plain, and looking is several times faster than translating.
    return text if text.isprintable() and "\\" not in text else text.translate(_ESCAPES)


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda found: _ESCAPED[found.group()], text)
