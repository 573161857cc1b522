"""Form fields that every room uses: calendar dates and currencies."""

from __future__ import annotations

from typing import Any

from babel import Locale
from django import forms
from django.utils.translation import gettext_lazy as _


class DayField(forms.DateField):
    """A calendar date with the browser's own picker."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            error_messages={"invalid": _("This is not a date: write it as year-month-day, such as 2026-01-31.")},
            **kwargs,
        )


def clean_currency(text: str) -> str:
    """The code of a currency, in capital letters. Raises ``ValidationError`` for what is none."""
    currency = text.strip().upper()
    if currency not in Locale("en").currencies:
        raise forms.ValidationError(_("This is not a currency: write its three letters, such as EUR."))
    return currency
