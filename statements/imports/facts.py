"""What every bank file comes down to: whose account it is, its balances, its entries; or why it is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

import msgspec
from django.utils.translation import gettext as _

from foundation.money import from_units, to_units
from providers.amounts import CURRENCIES
from providers.types import CounterpartyData, TransactionData, encode

# Leaves room for the name of the format before it.
LONGEST_ID = 240
# Days outside of these are typing errors or placeholders; each would make statements for every month on the way.
FIRST_YEAR, LAST_YEAR = 1970, 2199
_LONGEST_NUMBER = 24
# Control characters, and halves of characters, which no database keeps.
_UNKEEPABLE = dict.fromkeys((*range(32), *range(127, 160), *range(55296, 57344)))


class FileRefused(Exception):
    """The file cannot be taken. ``line`` counts from one, ``reason`` is the rest of the sentence, for people."""

    def __init__(self, line: int, reason: str) -> None:
        self.line = max(line, 1)
        self.reason = reason
        super().__init__(_("Line %(line)s: %(reason)s") % {"line": self.line, "reason": reason})


@dataclass(frozen=True, slots=True)
class FileBalance:
    """What the file says stood on the account at the end of a day (closing) or at its beginning (opening)."""

    amount: Decimal
    day: dt.date


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One movement and the line of the file where it begins."""

    line: int
    data: TransactionData


@dataclass(frozen=True, slots=True)
class StatementFile:
    """Everything a file says of one account.

    ``account_number`` and ``currency`` are "" where the format does not give them. Amounts are signed from the
    holder's side. ``left_out`` are the lines that are no entries: a total, a footer.
    """

    format: str
    account_number: str
    currency: str
    entries: tuple[FileEntry, ...]
    opening: FileBalance | None = None
    closing: FileBalance | None = None
    left_out: tuple[int, ...] = ()

    @property
    def gap(self) -> Decimal | None:
        """What the file's own closing balance has more than its opening balance and its entries; None: not known."""
        if self.opening is None or self.closing is None:
            return None
        moved = sum((entry.data.amount for entry in self.entries if entry.data.status == "posted"), Decimal(0))
        return self.closing.amount - self.opening.amount - moved


def join(parts: Iterable[StatementFile]) -> tuple[StatementFile, ...]:
    """Statements of one account become one, from the first opening to the last closing, in the file's order."""
    joined: dict[tuple[str, str], StatementFile] = {}
    for part in parts:
        key = (part.account_number, part.currency)
        before = joined.get(key)
        joined[key] = part if before is None else _after(before, part)
    return tuple(joined.values())


def _after(before: StatementFile, part: StatementFile) -> StatementFile:
    """Banks write the newest statement first as well as last; the days of the balances tell."""
    openings = [one.opening for one in (before, part) if one.opening]
    closings = [one.closing for one in (before, part) if one.closing]
    return StatementFile(
        format=before.format,
        account_number=before.account_number,
        currency=before.currency,
        entries=before.entries + part.entries,
        opening=min(openings, key=lambda balance: balance.day, default=None),
        # Of two on one day the later part's counts.
        closing=max(reversed(closings), key=lambda balance: balance.day, default=None),
        left_out=before.left_out + part.left_out,
    )


def exact(text: str, *, line: int) -> Decimal:
    """Digits with a decimal point and perhaps a sign -> the amount as it can be kept. Raises ``FileRefused``."""
    plain = text.strip()
    body = plain[1:] if plain[:1] in ("+", "-") else plain
    whole, _point, fraction = body.partition(".")
    digits = whole + fraction
    if not digits or not digits.isascii() or not digits.isdecimal():
        raise FileRefused(line, _("the amount “%(text)s” is not a number.") % {"text": shown(text)})
    if len(digits) > _LONGEST_NUMBER:
        raise FileRefused(line, _("the amount “%(text)s” is too large or too fine to be kept.") % {"text": shown(text)})
    try:
        return from_units(to_units(Decimal(plain)))
    except ValueError:
        raise FileRefused(
            line, _("the amount “%(text)s” is too large or too fine to be kept.") % {"text": shown(text)}
        ) from None


def day_of(year: str, month: str, day: str, *, line: int) -> dt.date:
    """Three numbers -> a calendar date. Raises ``FileRefused``."""
    text = f"{year}-{month}-{day}"
    try:
        date = dt.date(int(year), int(month), int(day))
    except ValueError:
        raise FileRefused(line, _("the date “%(text)s” is not one.") % {"text": shown(text)}) from None
    if not FIRST_YEAR <= date.year <= LAST_YEAR:
        raise FileRefused(line, _("the date “%(text)s” lies outside of what can be booked.") % {"text": shown(text)})
    return date


def currency_of(code: str, *, line: int) -> str:
    """A currency that ISO 4217 knows. Raises ``FileRefused``."""
    found = code.strip().upper()
    if found not in CURRENCIES:
        raise FileRefused(line, _("“%(code)s” is not a currency.") % {"code": shown(code)})
    return found


def entry(
    line: int,
    *,
    id: str = "",  # noqa: A002
    booking_date: dt.date,
    amount: Decimal,
    currency: str,
    value_date: dt.date | None = None,
    is_pending: bool = False,
    original: tuple[Decimal, str] | None = None,
    counterparty: CounterpartyData | None = None,
    remittance: str = "",
    kind: str = "",
    raw: object = None,
) -> FileEntry:
    """An entry in the neutral vocabulary. Raises ``FileRefused`` for an id that cannot be kept."""
    reference = tidy(id)
    if len(reference) > LONGEST_ID:
        raise FileRefused(line, _("the id of this entry is longer than %(limit)s characters.") % {"limit": LONGEST_ID})
    data = TransactionData(
        id=reference,
        status="pending" if is_pending else "posted",
        booking_date=booking_date,
        value_date=value_date,
        amount=amount,
        currency=currency,
        original_amount=original[0] if original else None,
        original_currency=original[1] if original else "",
        counterparty=counterparty or CounterpartyData(),
        remittance=paragraphs(remittance),
        kind=tidy(kind)[:64],
        raw=msgspec.Raw(encode(_keepable(raw))),
    )
    return FileEntry(line=line, data=data)


def party(name: str, *, account_number: str = "", bic: str = "") -> CounterpartyData:
    """The other side, its number without spaces."""
    return CounterpartyData(name=tidy(name)[:255], account_number=compact(account_number)[:64], bic=compact(bic)[:11])


def tidy(text: str) -> str:
    """One line without control characters and with single spaces."""
    return " ".join(" ".join(text.split()).translate(_UNKEEPABLE).split())


def paragraphs(text: str) -> str:
    """As ``tidy``, line by line; empty lines go."""
    return "\n".join(line for line in map(tidy, text.splitlines()) if line)


def compact(number: str) -> str:
    """An account number or BIC as it is compared: without spaces, in capitals."""
    return tidy(number).replace(" ", "").upper()


def shown(text: str) -> str:
    """A piece of a file as a message may quote it."""
    clean = tidy(text)
    return clean if len(clean) <= 40 else f"{clean[:39]}…"


def _keepable(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {str(_keepable(key)): _keepable(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_keepable(inner) for inner in value]
    return value
