"""CSV, of which every bank has its own: read by a mapping of columns, every row accounted for."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from statements.imports.columns import ColumnMapping, rows
from statements.imports.facts import (
    FileBalance,
    FileEntry,
    FileRefused,
    StatementFile,
    compact,
    currency_of,
    day_of,
    entry,
    exact,
    join,
    party,
    shown,
)
from statements.imports.text import decode

FORMAT = "CSV"
_DATE = re.compile(
    r"(\d{1,4}|[A-Za-z]{3,9})[./\- ](\d{1,2}|[A-Za-z]{3,9})\.?[./\- ](\d{1,4})(?:[ T,].{0,40})?", re.ASCII
)
_DIGITS_ONLY = re.compile(r"\d{8}", re.ASCII)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# Around the digits: a currency's sign or code. Between them: what groups thousands.
_AROUND = re.compile(r"^(?:[A-Z]{3}|[€$£¥])|(?:[A-Z]{3}|[€$£¥])$")
_SPACES = re.compile("[\\s\u00a0\u202f\u2009'’]")
_OUT = {"d", "s", "db", "dbit", "debit", "debet", "af", "soll", "-", "out", "débit"}
# What a column that says how far a row has come may say, in whatever words beside it; the first list is asked first.
_NOT_BOOKED = (
    "pending", "revert", "declin", "fail", "cancel", "denied", "refus", "reject", "expired", "hold", "held", "authori",
    "processing", "progress", "unbooked", "unpaid", "uncleared", "unsettled", "not booked", "scheduled",
    "vorgemerkt", "nicht gebucht", "ausstehend", "storniert", "en attente", "non comptabilis", "annul",
    "in behandeling", "niet geboekt", "gereserveerd", "pendiente", "in sospeso", "in attesa",
)  # fmt: skip
_BOOKED = (
    "booked", "completed", "posted", "settled", "cleared", "executed", "success", "paid", "reconciled", "final",
    "gebucht", "abgeschlossen", "ausgeführt", "comptabilis", "effectu", "geboekt", "uitgevoerd", "verwerkt",
    "contabiliz", "completad", "contabilizz", "eseguit",
)  # fmt: skip
_IN = {"c", "h", "cr", "crdt", "credit", "bij", "haben", "+", "in", "crédit"}


def parse(content: bytes, mapping: ColumnMapping) -> tuple[StatementFile, ...]:
    """The statements of a file, one per own account and currency in it. Raises ``FileRefused``."""
    if mapping.problem:
        raise FileRefused(max(mapping.header_line, 1), mapping.problem)
    found: list[_Row] = []
    left_out: list[int] = []
    for line, cells in rows(decode(content), mapping.delimiter):
        if line <= mapping.header_line or not any(cell.strip() for cell in cells):
            continue
        row = _Cells(line, cells, mapping)
        if row.is_entry:
            found.append(_row(row))
        else:
            left_out.append(line)
    if not found:
        raise FileRefused(max(mapping.header_line, 1), _("no row below has a date and an amount."))
    return join(_files(found, left_out))


@dataclass(slots=True)
class _Cells:
    """One row, its cells known by their roles."""

    line: int
    cells: Sequence[str]
    mapping: ColumnMapping

    def __getitem__(self, role: str) -> str:
        place = self.mapping.columns.get(role)
        return self.cells[place].strip() if place is not None and place < len(self.cells) else ""

    @property
    def is_entry(self) -> bool:
        """A total or a footer has no date. A date without an amount is an entry with something missing.

        What is not booked yet has at most the day on which it began.
        """
        return bool(self["date"]) or (bool(self["value_date"]) and self.is_pending)

    @property
    def is_pending(self) -> bool:
        """Whether the bank says that it has not booked the row. Raises ``FileRefused`` for words nobody knows."""
        said = self["state"].casefold()
        if any(word in said for word in _NOT_BOOKED):
            return True
        if said and not any(word in said for word in _BOOKED):
            sentence = _("“%(state)s” does not say whether this row is booked: leave the column out if it says else.")
            raise FileRefused(self.line, sentence % {"state": shown(said)})
        return False

    def number(self, role: str) -> Decimal:
        return _amount(self[role], decimal=self.mapping.decimal, line=self.line)

    def day(self, role: str) -> dt.date:
        return _day(self[role], order=self.mapping.date_order, line=self.line)


@dataclass(slots=True)
class _Row:
    """One entry, with what the file says of the account beside it."""

    entry: FileEntry
    own: str
    balance: Decimal | None


def _row(row: _Cells) -> _Row:
    names = row.mapping.header
    raw = {names[i] if i < len(names) and names[i] else str(i + 1): cell for i, cell in enumerate(row.cells)}
    return _Row(
        entry=entry(
            row.line,
            id=row["id"],
            booking_date=row.day("date" if row["date"] else "value_date"),
            is_pending=row.is_pending,
            value_date=row.day("value_date") if row["value_date"] else None,
            amount=_signed(row),
            # A file without a currency is in its journal's, which the journal knows.
            currency=currency_of(row["currency"], line=row.line) if row["currency"] else NO_CURRENCY,
            counterparty=party(row["counterparty"], account_number=row["account"]),
            remittance=row["text"],
            kind=row["kind"],
            raw=raw,
        ),
        own=compact(row["own"]),
        balance=row.number("balance") if row["balance"] else None,
    )


# ISO 4217 for "no currency is involved": what an entry carries until its journal's is known.
NO_CURRENCY = "XXX"


def _signed(row: _Cells) -> Decimal:
    if "amount" not in row.mapping.columns:
        return _of_two(row)
    amount = row.number("amount")
    sign = row["sign"].lower()
    if not sign:
        return amount
    if sign not in _OUT | _IN:
        raise FileRefused(row.line, _("“%(sign)s” says neither money in nor money out.") % {"sign": shown(sign)})
    return -abs(amount) if sign in _OUT else abs(amount)


def _of_two(row: _Cells) -> Decimal:
    """Money out and money in have a column each, of which one is empty or nothing."""
    out = abs(row.number("debit")) if row["debit"] else Decimal(0)
    into = abs(row.number("credit")) if row["credit"] else Decimal(0)
    if not row["debit"] and not row["credit"]:
        raise FileRefused(row.line, _("this row has a date and no amount."))
    if out and into:
        raise FileRefused(row.line, _("this row has money in and money out at once."))
    return into - out


def _amount(text: str, *, decimal: str, line: int) -> Decimal:
    """``1.234,56-``, ``(1 234.56)``, ``−12,00 €`` … -> the amount. Thousands separators must stand where they may."""
    plain = _SPACES.sub("", text).replace("\u2212", "-").replace("–", "-")
    plain = _AROUND.sub("", plain)
    is_negative = False
    if plain.startswith("(") and plain.endswith(")"):
        plain, is_negative = plain[1:-1], True
    elif plain.endswith("-"):
        plain, is_negative = plain[:-1], True
    elif plain[:1] in ("-", "+"):
        plain, is_negative = plain[1:], plain[0] == "-"
    plain = _AROUND.sub("", plain)
    grouping = "." if decimal == "," else ","
    whole, _sign, fraction = plain.partition(decimal)
    first, *groups = whole.split(grouping)
    if not plain:
        raise FileRefused(line, _("this row has a date and no amount."))
    if groups and not (1 <= len(first) <= 3 and all(len(group) == 3 for group in groups)):
        raise FileRefused(
            line,
            _("the amount “%(text)s” does not fit numbers with “%(decimal)s” before the cents.")
            % {"text": shown(text), "decimal": decimal},
        )
    if "-" in fraction or "+" in fraction or not (whole or fraction):
        raise FileRefused(line, _("the amount “%(text)s” is not a number.") % {"text": shown(text)})
    amount = exact(f"{first}{''.join(groups)}.{fraction}", line=line)
    return -amount if is_negative else amount


def _day(text: str, *, order: str, line: int) -> dt.date:
    if _DIGITS_ONLY.fullmatch(text):
        parts = {"ymd": (4, 6), "dmy": (2, 4), "mdy": (2, 4)}[order]
        pieces = [text[: parts[0]], text[parts[0] : parts[1]], text[parts[1] :]]
    else:
        found = _DATE.fullmatch(text)
        if found is None:
            raise FileRefused(line, _("the date “%(text)s” is not one.") % {"text": shown(text)})
        pieces = list(found.groups())
    named = dict(zip(order, pieces, strict=True))
    month = next((name for name in ("m", "d") if named[name].isalpha()), "")
    if month == "d":  # the month's name stands where the day was expected: no doubt which is which
        named["d"], named["m"] = named["m"], named["d"]
    if named["m"].isalpha():
        named["m"] = str(_MONTHS.index(named["m"][:3].lower()) + 1) if named["m"][:3].lower() in _MONTHS else "0"
    year = named["y"] if len(named["y"]) > 2 else f"20{named['y']:0>2}"
    return day_of(year, named["m"], named["d"], line=line)


def _files(found: Sequence[_Row], left_out: Sequence[int]) -> list[StatementFile]:
    groups: dict[tuple[str, str], list[_Row]] = {}
    for row in found:
        groups.setdefault((row.own, row.entry.data.currency), []).append(row)
    files = []
    for place, ((own, currency), group) in enumerate(groups.items()):
        opening, closing = _balances(group)
        files.append(
            StatementFile(
                format=FORMAT,
                account_number=own,
                currency="" if currency == NO_CURRENCY else currency,
                entries=tuple(row.entry for row in group),
                opening=opening,
                closing=closing,
                left_out=() if place else tuple(left_out),
            )
        )
    return files


def _balances(group: Sequence[_Row]) -> tuple[FileBalance | None, FileBalance | None]:
    """From a column of running balances, oldest first or newest first: whichever way every row follows the other.

    What is not booked moves no balance.
    """
    group = [row for row in group if row.entry.data.status == "posted"]
    if not group:
        return None, None
    for ordered in (group, group[::-1]):
        known = [(row.balance, row.entry.data) for row in ordered if row.balance is not None]
        if len(known) != len(group):
            return None, None
        steps = zip(known, known[1:], strict=False)
        if all(before + data.amount == after for (before, _data), (after, data) in steps):
            first, last = known[0], known[-1]
            return (
                FileBalance(first[0] - first[1].amount, first[1].booking_date),
                FileBalance(last[0], last[1].booking_date),
            )
    return None, None
