"""The forms of files that come in and go out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from statements.exports.formats import FORMATS
from statements.forms import DayField
from statements.imports.columns import DATE_ORDERS, DELIMITERS, ROLES, ColumnMapping

_DELIMITERS = {";": _("semicolon"), ",": _("comma"), "\t": _("tab"), "|": _("bar")}
_ORDERS = {"ymd": _("year, month, day"), "dmy": _("day, month, year"), "mdy": _("month, day, year")}
_ROLES = {
    "date": _("Booking date"),
    "value_date": _("Value date"),
    "amount": _("Amount"),
    "debit": _("Money out"),
    "credit": _("Money in"),
    "sign": _("In or out"),
    "currency": _("Currency"),
    "counterparty": _("Counterparty"),
    "account": _("Counterparty's account"),
    "text": _("Remittance information"),
    "kind": _("Kind"),
    "state": _("Booked or not yet"),
    "id": _("Transaction id"),
    "balance": _("Balance after"),
    "own": _("Account of this journal"),
}
_HELP = {
    "amount": _("Negative for money out. Leave empty where money out and money in have a column each."),
    "sign": _("A column that says which way the money went, such as Af/Bij or D/C."),
    "state": _("A column that says which rows the bank has booked. Pending ones are counted and not booked."),
    "id": _("Only one that the bank gives to a single transaction for good."),
}


class UploadForm(forms.Form):
    """The file that a bank gave."""

    file = forms.FileField(
        widget=forms.FileInput,
        label=_("File"),
        help_text=_("OFX, CAMT.053, MT940 or CSV. Which one it is, is seen from what is in it."),
        error_messages={"required": _("Choose a file."), "empty": _("This file is empty.")},
    )


class ColumnsForm(forms.Form):
    """How a CSV file is to be read: a choice for each column, and how dates and amounts are written."""

    delimiter = forms.ChoiceField(
        label=_("Between the columns"), choices=[(one, _DELIMITERS[one]) for one in DELIMITERS]
    )
    decimal = forms.ChoiceField(label=_("Before the cents"), choices=[(",", _("comma")), (".", _("point"))])
    date_order = forms.ChoiceField(label=_("Dates are written"), choices=[(one, _ORDERS[one]) for one in DATE_ORDERS])

    def __init__(self, *args: Any, mapping: ColumnMapping, rows: Sequence[Sequence[str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mapping = mapping
        choices = [("", "–"), *_columns(mapping, rows)]
        for role in ROLES:
            self.fields[role] = forms.ChoiceField(
                label=_ROLES[role],
                choices=choices,
                required=role == "date",
                help_text=_HELP.get(role, ""),
                error_messages={"required": _("Say which column has the date.")},
            )
            self.initial.setdefault(role, str(mapping.columns[role]) if role in mapping.columns else "")
        for name in ("delimiter", "decimal", "date_order"):
            self.initial.setdefault(name, getattr(mapping, name))

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        problem = self._mapping(found).problem
        if problem and not self.errors:
            raise forms.ValidationError(problem)
        return found

    def chosen(self) -> ColumnMapping:
        """What was chosen. Only on a valid form."""
        return self._mapping(self.cleaned_data)

    def _mapping(self, found: dict[str, Any]) -> ColumnMapping:
        return ColumnMapping(
            delimiter=found.get("delimiter", self.mapping.delimiter),
            decimal=found.get("decimal", self.mapping.decimal),
            date_order=found.get("date_order", self.mapping.date_order),
            header_line=self.mapping.header_line,
            header=self.mapping.header,
            columns={role: int(found[role]) for role in ROLES if found.get(role)},
        )


def _columns(mapping: ColumnMapping, rows: Sequence[Sequence[str]]) -> list[tuple[str, str]]:
    """Each column by its name, or its number, and what stands in it."""
    count = max([len(mapping.header), *(len(row) for row in rows)], default=0)
    found = []
    for place in range(count):
        name = mapping.header[place] if place < len(mapping.header) and mapping.header[place] else str(place + 1)
        value = next((row[place].strip() for row in rows if place < len(row) and row[place].strip()), "")
        shown = value if len(value) <= 30 else f"{value[:29]}…"
        found.append((str(place), f"{name}: {shown}" if shown else name))
    return found


class ExportForm(forms.Form):
    """Which lines of a journal, in which format."""

    format = forms.ChoiceField(
        label=_("Format"),
        choices=[(name, one.label) for name, one in FORMATS.items()],
        error_messages={"invalid_choice": _("There is no such format.")},
    )
    first_day = DayField(label=_("From"), required=False, help_text=_("Empty: from the first line on."))
    last_day = DayField(label=_("To"), required=False, help_text=_("Empty: to the last line."))

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        first: dt.date | None = found.get("first_day")
        last: dt.date | None = found.get("last_day")
        if first and last and first > last:
            raise forms.ValidationError(_("The first day lies after the last one."))
        return found
