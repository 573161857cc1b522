"""The list of an older system's connections: read from CSV and checked line by line, before anything is done."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

COLUMNS = (
    "institution",
    "provider",
    "account_name",
    "account_number",
    "currency",
    "journal_code",
    "journal_name",
    "last_day",
)
REQUIRED = ("institution", "provider", "currency")
_LONGEST = {"institution": 255, "provider": 50, "account_name": 255, "account_number": 64, "journal_code": 12}
_CURRENCY = re.compile(r"[A-Z]{3}")


class ListRefused(Exception):
    """The list cannot be taken in, and nothing was changed. ``problems`` has a sentence with its line for each."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True)
class LegacyAccount:
    """One line: an account that the older system read. ``last_day`` is the last day that it brought."""

    line: int
    institution: str
    provider: str
    name: str
    number: str
    currency: str
    journal_code: str
    journal_name: str
    last_day: dt.date | None

    @property
    def identifier(self) -> str:
        """What the account is known by within its connection: a second time the list is taken in, too."""
        return f"legacy:{self.currency}:{self.number or self.name}"[:255]

    @property
    def label(self) -> str:
        """The account as people name it."""
        return self.name or self.number


def read(text: str, *, today: dt.date) -> list[LegacyAccount]:
    """The lines of a CSV (comma or semicolon) whose first line names ``COLUMNS``. Raises ``ListRefused``."""
    lines = csv.DictReader(io.StringIO(text.lstrip("\ufeff")), delimiter=_delimiter(text))
    names = [(name or "").strip().lower() for name in lines.fieldnames or []]
    lines.fieldnames = names
    _check_columns(names)
    rows: list[LegacyAccount] = []
    problems: list[str] = []
    for values in lines:
        values = {name: (value or "").strip() for name, value in values.items() if isinstance(value, str | None)}
        if not any(values.values()):
            continue
        why = _why_not(values, today=today)
        if why:
            problems.append(said(lines.line_num, why))
        else:
            rows.append(_account(values, line=lines.line_num))
    problems += _repeated(rows)
    if not rows and not problems:
        problems = [_("The list has no account in it.")]
    if problems:
        raise ListRefused(problems)
    return rows


def said(line: int, why: str) -> str:
    """A problem with the line it is in."""
    return _("Line %(line)d: %(why)s") % {"line": line, "why": why}


def bare(number: str) -> str:
    """An account number as it is compared: without spaces, in capitals."""
    return "".join(number.split()).upper()


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return ";" if first.count(";") > first.count(",") else ","


def _check_columns(names: list[str]) -> None:
    missing = [name for name in REQUIRED if name not in names]
    if not {"account_name", "account_number"} & set(names):
        missing.append("account_name")
    if unknown := ", ".join(sorted({name for name in names if name not in COLUMNS})):
        raise ListRefused([said(1, _("unknown columns: %(names)s.") % {"names": unknown})])
    if lacking := ", ".join(missing):
        raise ListRefused([said(1, _("missing columns: %(names)s.") % {"names": lacking})])


def _why_not(values: dict[str, str], *, today: dt.date) -> str:
    """Why a line cannot be taken in; "" when it can."""
    for name in REQUIRED:
        if not values.get(name):
            return _("the column %(name)s is empty.") % {"name": name}
    if not (values.get("account_name") or values.get("account_number")):
        return _("the account has neither a name nor a number.")
    for name, longest in _LONGEST.items():
        if len(values.get(name, "")) > longest:
            return _("%(name)s has more than %(n)d characters.") % {"name": name, "n": longest}
    if not _CURRENCY.fullmatch(values["currency"].upper()):
        return _("“%(text)s” is not a currency: write three letters, such as EUR.") % {"text": values["currency"]}
    return _why_not_day(values.get("last_day", ""), today=today)


def _why_not_day(text: str, *, today: dt.date) -> str:
    try:
        day = dt.date.fromisoformat(text) if text else None
    except ValueError:
        return _("“%(text)s” is not a day: write it as 2026-12-31.") % {"text": text}
    if day is not None and day > today:
        return _("%(day)s has not come yet.") % {"day": text}
    return ""


def _account(values: dict[str, str], *, line: int) -> LegacyAccount:
    day = values.get("last_day", "")
    return LegacyAccount(
        line=line,
        institution=values["institution"],
        provider=values["provider"].lower(),
        name=values.get("account_name", ""),
        number=bare(values.get("account_number", "")),
        currency=values["currency"].upper(),
        journal_code=values.get("journal_code", ""),
        journal_name=values.get("journal_name", ""),
        last_day=dt.date.fromisoformat(day) if day else None,
    )


def _repeated(rows: list[LegacyAccount]) -> list[str]:
    seen: dict[tuple[str, str, str], int] = {}
    problems = []
    for row in rows:
        key = (row.institution.casefold(), row.provider, row.identifier)
        if key in seen:
            problems.append(said(row.line, _("the same account stands in line %(line)d.") % {"line": seen[key]}))
        seen.setdefault(key, row.line)
    return problems
