"""MT940, SWIFT's statement: fields that begin a line with their number between colons.

What stands in ``:86:`` is each country's own; ``remittance`` reads it. Reading it here instead of by a library keeps
the line of everything that is wrong, and keeps account data out of the log.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

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
    shown,
)
from statements.imports.remittance import read_information
from statements.imports.text import decode

FORMAT = "MT940"
_FIELD = re.compile(r":(\d{2}[A-Z]?|NS):(.*)", re.DOTALL)
_BALANCE = re.compile(r"([CD])(\d{6})([A-Z]{3})(\d{1,15},\d*)", re.ASCII)
_LINE = re.compile(
    r"(?P<value>\d{6})(?P<booked>\d{4})?(?P<mark>R?[CD]|E[CD])(?P<funds>[A-Z])?(?P<amount>\d{1,15},\d*)"
    r"(?P<kind>[A-Z][A-Z0-9]{3})(?P<rest>.*)",
    re.ASCII | re.DOTALL,
)
# D takes from the account; the reversal of a credit takes too. E: expected, so not booked yet.
_TAKES = {"D", "RC", "ED"}
_ORIGINAL = re.compile(r"/OCMT/([A-Z]{3})(\d{1,15},\d*)", re.ASCII)


def parse(content: bytes) -> tuple[StatementFile, ...]:
    """The statements of a file, one per account. Raises ``FileRefused``."""
    messages = list(_messages(_fields(decode(content))))
    if not messages:
        raise FileRefused(1, _("there is no statement in this file."))
    return join(_statement(message) for message in messages)


@dataclass(slots=True)
class _Field:
    """One field with the lines that continue it."""

    tag: str
    line: int
    lines: list[str]

    @property
    def text(self) -> str:
        return "\n".join(self.lines).strip()


@dataclass(slots=True)
class _Message:
    """One statement's fields, and each movement with what is said of it."""

    line: int
    account: _Field | None = None
    opening: _Field | None = None
    closing: _Field | None = None
    movements: list[tuple[_Field, list[str]]] = field(default_factory=list)


def _fields(text: str) -> Iterator[_Field]:
    """The fields of all messages. What banks write between messages (names, {1:…}{2:…}{4:) is none of them."""
    current: _Field | None = None
    for number, line in enumerate(text.split("\n"), 1):
        plain = line.rstrip()
        if current is None:
            plain = plain.rpartition("{4:")[2]
        found = _FIELD.fullmatch(plain)
        if found:
            if current:
                yield current
            current = _Field(found[1], number, [found[2]])
        elif current and (plain == "-" or plain.startswith("-}")):
            yield current
            current = None
        elif current and plain:
            current.lines.append(plain)
    if current:
        yield current


def _messages(fields: Iterator[_Field]) -> Iterator[_Message]:
    message: _Message | None = None
    before = ""
    for one in fields:
        if one.tag == "20":
            if message:
                yield message
            message = _Message(one.line)
        elif message is None:
            raise FileRefused(
                one.line,
                _("the field :%(tag)s: stands before the first :20:, which begins a statement.") % {"tag": one.tag},
            )
        else:
            _place(message, one, before=before)
        before = one.tag
    if message:
        yield message


def _place(message: _Message, one: _Field, *, before: str) -> None:
    """Puts a field where it belongs. Fields without a fact of the books (:28C:, :64: …) are read over."""
    if one.tag == "25":
        message.account = one
    elif one.tag in ("60F", "60M"):
        message.opening = message.opening or one
    elif one.tag in ("62F", "62M"):
        message.closing = one
    elif one.tag == "61":
        message.movements.append((one, []))
    elif one.tag == "86" and before in ("61", "86", "NS") and message.movements and message.closing is None:
        message.movements[-1][1].extend(one.lines)


def _statement(message: _Message) -> StatementFile:
    if message.opening is None:
        raise FileRefused(message.line, _("this statement has no opening balance (:60F:), which gives the currency."))
    opening, currency = _balance(message.opening)
    if message.closing is None:
        raise FileRefused(message.line, _("this statement has no closing balance (:62F:); the file may be cut off."))
    closing, _currency = _balance(message.closing)
    account = compact(message.account.text) if message.account else ""
    return StatementFile(
        format=FORMAT,
        account_number=account.removesuffix(currency) if account[:2].isalpha() else account,
        currency=currency,
        entries=tuple(_entry(movement, said, currency) for movement, said in message.movements),
        opening=opening,
        closing=closing,
    )


def _balance(one: _Field) -> tuple[FileBalance, str]:
    found = _BALANCE.fullmatch(one.text)
    if found is None:
        raise FileRefused(one.line, _("“%(text)s” is not a balance.") % {"text": shown(one.text)})
    amount = exact(found[4].replace(",", "."), line=one.line)
    day = _full_date(found[2], line=one.line)
    signed = -amount if found[1] == "D" else amount
    return FileBalance(amount=signed, day=day), currency_of(found[3], line=one.line)


def _entry(movement: _Field, said: list[str], currency: str) -> FileEntry:
    text = "\n".join(movement.lines)
    found = _LINE.fullmatch(text.strip())
    if found is None:
        raise FileRefused(movement.line, _("“%(text)s” is not a movement.") % {"text": shown(text)})
    amount = exact(found["amount"].replace(",", "."), line=movement.line)
    is_out = found["mark"] in _TAKES
    value_date = _full_date(found["value"], line=movement.line)
    first, _newline, supplement = found["rest"].partition("\n")
    information = read_information(said or supplement.split("\n"))
    original = _ORIGINAL.search(text) or _ORIGINAL.search("".join(said))
    return entry(
        movement.line,
        booking_date=_entry_date(found["booked"], value_date, line=movement.line),
        value_date=value_date,
        amount=-amount if is_out else amount,
        currency=currency,
        is_pending=found["mark"].startswith("E"),
        original=_in_other_currency(original, currency, line=movement.line, is_out=is_out) if original else None,
        counterparty=information.counterparty,
        remittance=information.remittance or _own_reference(first),
        kind=information.kind or found["kind"],
        raw={"61": text, "86": "\n".join(said)},
    )


def _own_reference(rest: str) -> str:
    """The account holder's reference; the bank's own stands behind two slashes."""
    reference = rest.partition("//")[0].strip()
    return "" if reference == "NONREF" else reference


def _in_other_currency(found: re.Match[str], currency: str, *, line: int, is_out: bool) -> tuple[Decimal, str] | None:
    other = currency_of(found[1], line=line)
    amount = exact(found[2].replace(",", "."), line=line)
    return None if other == currency else (-amount if is_out else amount, other)


def _full_date(text: str, *, line: int) -> dt.date:
    """YYMMDD. Two digits of a year are of this century until 70, as SWIFT has it nowhere but everyone does."""
    century = "20" if int(text[:2]) < 70 else "19"
    return day_of(century + text[:2], text[2:4], text[4:6], line=line)


def _entry_date(text: str | None, value_date: dt.date, *, line: int) -> dt.date:
    """MMDD without a year: the day nearest to the value date, so that New Year divides nothing."""
    if not text:
        return value_date
    candidates = []
    for year in (value_date.year - 1, value_date.year, value_date.year + 1):
        with suppress(ValueError):
            candidates.append(dt.date(year, int(text[:2]), int(text[2:])))
    if not candidates:
        raise FileRefused(line, _("the entry date “%(text)s” is not a day.") % {"text": shown(text)})
    return min(candidates, key=lambda day: abs(day - value_date))
