"""What a person asks a journal's lines for, as one slim row of fields."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from companies.fields import DayField, decimal_of
from statements.filters import Direction, LineFilter, State

# One size, or two with a dash or dots between them. The dash is no sign: a size has none.
_RANGE = re.compile(r"(?P<least>[^–.-][^–-]*?)\s*(?:–|-|\.\.+)\s*(?P<most>\S.*)")


class SizeField(forms.CharField):
    """ "12.50", or "10 – 20": the least and the most, written as the reader's language writes figures."""

    def clean(self, value: Any) -> tuple[Decimal, Decimal] | None:
        text = super().clean(value)
        if not text:
            return None
        both = _RANGE.fullmatch(text)
        sizes = sorted(_size(part) for part in ([both["least"], both["most"]] if both else [text]))
        return sizes[0], sizes[-1]


class LineFilterForm(forms.Form):
    """The filter of a journal's page. It reads an address, so a field that is not right is said and left out."""

    q = forms.CharField(label=_("Name, text or account"), required=False, max_length=200)
    first_day = DayField(label=_("From"), required=False)
    last_day = DayField(label=_("To"), required=False)
    direction = forms.ChoiceField(
        label=_("Direction"), choices=[("", _("In and out")), *Direction.choices], required=False
    )
    amount = SizeField(label=_("Amount"), required=False, max_length=60)
    state = forms.ChoiceField(label=_("State"), choices=[("", _("Any state")), *State.choices], required=False)

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data, auto_id="filter_%s")
        self.fields["q"].widget.attrs |= {"type": "search", "autocomplete": "off"}
        self.fields["amount"].widget.attrs |= {"placeholder": _("10 – 20"), "inputmode": "text"}

    def chosen(self) -> LineFilter:
        """What was asked for, as far as it is right."""
        self.is_valid()
        right = self.cleaned_data
        least, most = right.get("amount") or (None, None)
        return LineFilter(
            text=right.get("q", ""),
            first_day=right.get("first_day"),
            last_day=right.get("last_day"),
            direction=right.get("direction", ""),
            least=least,
            most=most,
            state=right.get("state", ""),
        )

    def problems(self) -> list[tuple[str, str]]:
        """What is not right: the field's label and a sentence."""
        return [(str(self[name].label), str(one)) for name, errors in self.errors.items() for one in errors]


def asked_filter(sent: Mapping[str, Any]) -> tuple[LineFilter, list[tuple[str, str]]]:
    """What an address asks for, and what of it is not right; mostly it asks for everything, and no form is needed."""
    if not any(sent.get(name) for name in LineFilterForm.base_fields):
        return LineFilter(), []
    form = LineFilterForm(sent)
    return form.chosen(), form.problems()


def _size(text: str) -> Decimal:
    """A size as the reader's language writes it, or with a plain point."""
    try:
        return _within_reach(abs(decimal_of(text)))
    except ValueError:
        raise forms.ValidationError(_("This is not an amount: write it as 12.50, or as 10 – 20.")) from None


def _within_reach(size: Decimal) -> Decimal:
    exponent = size.normalize().as_tuple().exponent
    if not size.is_finite() or not isinstance(exponent, int) or exponent < -4 or size.adjusted() > 13:
        raise forms.ValidationError(_("This is not an amount: write it as 12.50, or as 10 – 20."))
    return size
