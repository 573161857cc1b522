"""Which column of a CSV file says what: guessed from the header and the values, confirmed by a person, remembered."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from statements.imports.facts import FileRefused
from statements.imports.text import decode

# What a column can be. "account" is the counterparty's, "own" the holder's.
ROLES = (
    "date",
    "value_date",
    "amount",
    "debit",
    "credit",
    "sign",
    "currency",
    "counterparty",
    "account",
    "text",
    "kind",
    "state",
    "id",
    "balance",
    "own",
)
DELIMITERS = (";", ",", "\t", "|")
DATE_ORDERS = ("ymd", "dmy", "mdy")
# How many rows are looked at to find the header, and to tell the formats of the values.
_LOOKED_AT = 200
_HEADER_WITHIN = 40
# Header words of banks in English, German, French, Dutch, Spanish and Italian; the earlier of a role wins.
_WORDS: dict[str, tuple[str, ...]] = {
    "date": (
        "booking date", "buchungstag", "buchungsdatum", "buchung", "date comptable", "date de comptabilisation",
        "boekingsdatum", "boekdatum", "fecha contable", "fecha operacion", "data contabile", "posting date",
        "transaction date", "date operation", "date", "datum", "fecha", "data", "completed date", "datum/date",
    ),
    "value_date": (
        "value date", "valutadatum", "valuta date", "wertstellung", "wertstellungsdatum", "date valeur",
        "date de valeur", "rentedatum", "fecha valor", "data valuta", "valuta", "started date",
    ),
    "amount": (
        "amount", "betrag", "umsatz", "montant", "bedrag", "importe", "importo", "amount (eur)", "betrag (eur)",
        "betrag (€)", "bedrag (eur)", "montant (eur)", "umsatz in eur", "transaction amount", "betrag eur",
        "net", "netto",
    ),
    "debit": (
        "debit", "soll", "lastschrift", "belastung", "debit amount", "money out", "paid out", "withdrawal", "af",
        "uscite", "dare", "cargo", "uitgaven", "withdrawals",
    ),
    "credit": (
        "credit", "haben", "gutschrift", "credit amount", "money in", "paid in", "deposit", "bij", "entrate", "avere",
        "abono", "ontvangsten", "deposits",
    ),
    "sign": ("af bij", "af/bij", "debit/credit", "soll/haben", "s/h", "sens", "d/c", "dc", "credit debit indicator"),
    "currency": ("currency", "wahrung", "devise", "munt", "muntsoort", "divisa", "waehrung", "valuta code", "whg"),
    "counterparty": (
        "counterparty", "counterparty name", "beguenstigter/zahlungspflichtiger", "begunstigter/zahlungspflichtiger",
        "name zahlungsbeteiligter", "auftraggeber/empfanger", "auftraggeber / begunstigter", "zahlungsempfanger*in",
        "empfanger", "name", "naam tegenpartij", "naam / omschrijving", "nom de la contrepartie", "contrepartie",
        "payee", "payee name", "partner name", "beneficiary", "tegenpartij", "beneficiario", "controparte",
        "counterparty name*",
    ),
    "account": (
        "counterparty account", "kontonummer/iban", "iban zahlungsbeteiligter", "tegenrekening", "account number",
        "tegenrekening iban/bban", "compte contrepartie", "rekening tegenpartij", "partner iban", "iban",
        "kontonummer", "numero de compte contrepartie", "account counterparty",
    ),
    "text": (
        "remittance information", "verwendungszweck", "description", "communication", "communications", "mededelingen",
        "mededeling", "omschrijving", "libelle", "concepto", "causale", "descrizione", "details", "reference",
        "payment reference", "memo", "buchungstext", "omschrijving-1", "narrative", "particulars",
    ),
    "kind": ("buchungstext", "type", "transaction type", "mutatiesoort", "vorgang", "umsatztyp", "code"),
    "state": (
        "state", "status", "booking status", "transaction status", "buchungsstatus", "umsatzstatus", "statut", "estado",
        "stato", "info",
    ),
    "id": ("transaction id", "transaktions-id", "transaction reference", "fitid", "id", "volgnr", "unique id"),
    "balance": (
        "balance", "saldo", "saldo nach buchung", "solde", "saldo na trn", "saldo na mutatie", "running balance",
        "balance after", "saldo disponible",
    ),
    "own": ("auftragskonto", "iban auftragskonto", "account", "own account", "rekening", "rekeningnummer",
            "iban/bban", "compte", "numero de compte", "konto", "cuenta"),
}  # fmt: skip


@dataclass(frozen=True)
class ColumnMapping:
    """How to read a CSV file. ``columns``: the index of the column that plays each of the ``ROLES``.

    ``header`` are the names above the columns and ``header_line`` their line; no names and 0 in a file without.
    """

    delimiter: str = ";"
    decimal: str = ","
    date_order: str = "dmy"
    header_line: int = 0
    header: tuple[str, ...] = ()
    columns: dict[str, int] = field(default_factory=dict)

    @property
    def problem(self) -> str:
        """Why nothing can be read with it, in one sentence; "" when it can."""
        if "date" not in self.columns:
            return _("Say which column has the date.")
        if "amount" not in self.columns and not {"debit", "credit"} <= set(self.columns):
            return _("Say which column has the amount, or which two have money out and money in.")
        return ""

    def to_json(self) -> dict[str, Any]:
        """As it is remembered."""
        return {
            "delimiter": self.delimiter,
            "decimal": self.decimal,
            "date_order": self.date_order,
            "header_line": self.header_line,
            "header": list(self.header),
            "columns": dict(self.columns),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> ColumnMapping:
        """What ``to_json`` gave."""
        return cls(**{**data, "header": tuple(data["header"])})


def rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of each row; ``line`` is where the row begins. Raises ``FileRefused``."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "end of data" in str(error):
                raise FileRefused(line, _("a quotation mark is opened in this row and never closed.")) from None
            raise FileRefused(line, _("this row cannot be read: %(reason)s.") % {"reason": error}) from None
        yield line, cells
        line = reader.line_num + 1


def guess(content: bytes, remembered: ColumnMapping | None = None, *, delimiter: str = "") -> ColumnMapping:
    """The likeliest mapping; the remembered one, if this file has its very header. ``delimiter``: that one alone.

    What could not be guessed is missing in ``columns``. Raises ``FileRefused`` for what is no text.
    """
    text = decode(content)
    if remembered and remembered.header:
        for line, cells in _first_rows(text, remembered.delimiter)[:_HEADER_WITHIN]:
            if _names(cells) == remembered.header:
                return replace(remembered, header_line=line)
    return max((_with_delimiter(text, one) for one in (delimiter or DELIMITERS)), key=_score)


def sample(content: bytes, mapping: ColumnMapping, *, count: int = 5) -> list[list[str]]:
    """The first rows below the header, for a person to choose columns by. Raises ``FileRefused``."""
    found = (cells for line, cells in rows(decode(content), mapping.delimiter) if line > mapping.header_line)
    return [cells for cells, _place in zip((cells for cells in found if any(cells)), range(count), strict=False)]


def _with_delimiter(text: str, delimiter: str) -> ColumnMapping:
    found = _first_rows(text, delimiter)
    header_line = 0
    header: tuple[str, ...] = ()
    columns: dict[str, int] = {}
    for line, cells in found[:_HEADER_WITHIN]:
        roles = _roles(cells)
        if len(roles) > len(columns) and "date" in roles:
            header_line, header, columns = line, _names(cells), roles
    if not header_line:
        header_line, header = _unknown_header(found)
    below = [cells for line, cells in found if line > header_line]
    amounts = [cell for role in ("amount", "debit", "credit") for cell in _column(below, columns.get(role))]
    return ColumnMapping(
        delimiter=delimiter,
        # Where the columns are not known, what looks like amounts and dates tells how they are written.
        decimal=_decimal(amounts or _cells_like(_AN_AMOUNT, below)),
        date_order=_date_order(_column(below, columns.get("date")) or _cells_like(_A_DATE, below)),
        header_line=header_line,
        header=header,
        columns=columns,
    )


def _names(cells: Sequence[str]) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in cells)


def _unknown_header(found: Sequence[tuple[int, list[str]]]) -> tuple[int, tuple[str, ...]]:
    """(line, names) of the first of the widest rows, if it has no number in it; its words are in no list."""
    widest = max((len(cells) for _line, cells in found), default=0)
    line, cells = next(((line, cells) for line, cells in found if len(cells) == widest), (0, []))
    is_header = widest > 1 and all(cell.strip() and not cell.strip()[0].isdigit() for cell in cells)
    return (line, _names(cells)) if is_header else (0, ())


def _first_rows(text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    found = []
    try:
        for row in rows(text, delimiter):
            found.append(row)
            if len(found) >= _LOOKED_AT:
                break
    except FileRefused:
        # With another delimiter it may be readable; whether it is at all, reading it will tell.
        return found
    return found


def _score(mapping: ColumnMapping) -> tuple[bool, int, int]:
    return (not mapping.problem, len(mapping.columns), len(mapping.header))


def _roles(cells: Sequence[str]) -> dict[str, int]:
    """Each role's column, by the words in the header; no column plays two."""
    names = [_plain(cell) for cell in cells]
    found: dict[str, int] = {}
    for role in ROLES:
        for word in _WORDS[role]:
            place = next((i for i, name in enumerate(names) if name == word and i not in found.values()), None)
            if place is not None:
                found[role] = place
                break
    if "amount" in found:
        found.pop("debit", None)
        found.pop("credit", None)
    return found


_FOLDED = str.maketrans("äöüàâéèêëïîôùûçñóíáú", "aouaaeeeeiiouucnoiau")


def _plain(cell: str) -> str:
    return re.sub(r"\s+", " ", cell.strip().strip("\ufeff\"'").lower().replace("ß", "ss").translate(_FOLDED)).strip()


def _column(found: Sequence[Sequence[str]], place: int | None) -> list[str]:
    if place is None:
        return []
    return [cells[place].strip() for cells in found if len(cells) > place and cells[place].strip()]


_AN_AMOUNT = re.compile(r"(?!\d{1,2}\.\d\d\.\d\d$)[+-]?[\d.,' ]*\d[.,]\d\d", re.ASCII)
_A_DATE = re.compile(r"\d{1,4}([./-])\d{1,2}\1\d{1,4}", re.ASCII)


def _cells_like(shape: re.Pattern[str], found: Sequence[Sequence[str]]) -> list[str]:
    return [cell.strip() for cells in found for cell in cells if shape.fullmatch(cell.strip())]


_ENDS_IN_CENTS = re.compile(r"([.,])\d{1,2}\D*$", re.ASCII)


def _decimal(values: Sequence[str]) -> str:
    """The sign that stands before the cents in most values."""
    signs = [found[1] for value in values if (found := _ENDS_IN_CENTS.search(value))]
    return "," if signs.count(",") > signs.count(".") else "."


_NUMBERS = re.compile(r"(\d{1,4})\D(\d{1,2})\D(\d{1,4})", re.ASCII)


def _date_order(values: Sequence[str]) -> str:
    """Day first, unless a value says otherwise: month first is the rarer habit."""
    parts = [tuple(map(int, found.groups())) for value in values if (found := _NUMBERS.match(value))]
    if not parts:
        return "ymd" if values and re.match(r"(19|20)\d{6}", values[0]) else "dmy"
    if any(first > 31 for first, _second, _third in parts):
        return "ymd"
    return "mdy" if any(second > 12 for _first, second, _third in parts) else "dmy"
