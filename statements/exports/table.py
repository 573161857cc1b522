"""Lines as a table: CSV, and a spreadsheet whose amounts are numbers. Neither runs what a payer wrote as a formula."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from statements.exports.extract import Extract
from statements.models import StatementLine

# Names that the import of CSV files knows, so that what goes out can come in again.
HEADER = (
    "Booking date",
    "Value date",
    "Amount",
    "Currency",
    "Balance",
    "Counterparty",
    "Counterparty account",
    "Remittance information",
    "Type",
    "Original amount",
    "Original currency",
    "Transaction ID",
)
_AMOUNTS = ("Amount", "Balance", "Original amount")
_DATES = ("Booking date", "Value date")
_WIDTHS = (12, 12, 14, 9, 14, 32, 26, 60, 18, 14, 9, 40)
# A spreadsheet takes a text that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_ROWS_PER_SHEET = 1_000_000
# Control characters, which a spreadsheet's XML cannot hold.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def write_csv(extract: Extract) -> Iterator[bytes]:
    """UTF-8 with a mark at the beginning, since spreadsheets take it for another encoding without."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    yield b"\xef\xbb\xbf"
    writer.writerow(HEADER)
    for line, balance in extract.lines():
        writer.writerow([_written(value) for value in _cells(line, balance)])
        if buffer.tell() > 60_000:
            yield _drained(buffer)
    yield _drained(buffer)


def write_xlsx(extract: Extract) -> IO[bytes]:
    """The spreadsheet as a temporary file, at its beginning; written row by row, so that memory stays flat."""
    book = Workbook(write_only=True)
    sheet, row = _sheet(book, number=1)
    for place, (line, balance) in enumerate(extract.lines()):
        if place and place % _ROWS_PER_SHEET == 0:
            sheet, row = _sheet(book, number=place // _ROWS_PER_SHEET + 1)
        for cell, value in zip(row, _cells(line, balance), strict=True):
            _fill(cell, value)
        sheet.append(row)
    file = tempfile.TemporaryFile()  # noqa: SIM115  # the answer that streams it closes it
    book.save(file)
    file.seek(0)
    return file


def _cells(line: StatementLine, balance: Decimal | None) -> tuple[str | Decimal | dt.date | None, ...]:
    return (
        line.booking_date,
        line.value_date,
        line.amount,
        line.currency,
        balance,
        line.counterparty_name,
        line.counterparty_account,
        line.remittance,
        line.kind,
        line.original_amount,
        line.original_currency,
        line.transaction_id,
    )


def _written(value: str | Decimal | dt.date | None) -> str:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if value else ""


def _drained(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode("utf-8", "replace")


def _sheet(book: Workbook, *, number: int) -> tuple[Any, list[Any]]:
    """A new sheet with its head, and the cells of a row: each row is written at once, so the next one reuses them."""
    sheet: Any = book.create_sheet("Lines" if number == 1 else f"Lines {number}")
    sheet.freeze_panes = "A2"
    for place, width in enumerate(_WIDTHS):
        sheet.column_dimensions["ABCDEFGHIJKL"[place]].width = width
    head = [WriteOnlyCell(sheet, value=name) for name in HEADER]
    for cell in head:
        cell.font = Font(bold=True)
    sheet.append(head)
    row = [WriteOnlyCell(sheet) for _name in HEADER]
    for name, cell in zip(HEADER, row, strict=True):
        if name in _AMOUNTS:
            cell.number_format = "#,##0.00##"
        elif name in _DATES:
            cell.number_format = "yyyy-mm-dd"
    return sheet, row


def _fill(cell: Any, value: str | Decimal | dt.date | None) -> None:
    if isinstance(value, str):
        cell.value = _UNWRITABLE.sub("", value)
        cell.data_type = "s"  # a text, whatever it begins with
    else:
        cell.value = value
