"""Form fields that every room uses: calendar dates, amounts and currencies."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from babel import Locale
from babel.numbers import NumberFormatError, format_decimal, parse_decimal
from django import forms
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext_lazy as _


class DayField(forms.DateField):
    """A calendar date with the browser's own picker, which shows it as its person's device writes dates.

    What is sent is always year-month-day, so that no day is ever taken for a month.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            error_messages={"invalid": _("This is not a date: write it as year-month-day, such as 2026-01-31.")},
            **kwargs,
        )


class AmountField(forms.DecimalField):
    """An amount as the reader's language writes it, or with a plain point. It is shown as the language writes it."""

    widget = forms.TextInput(attrs={"autocomplete": "off"})

    def __init__(self, **kwargs: Any) -> None:
        said = {"invalid": _("This is not an amount: write it as 12.50 or -12.50.")}
        super().__init__(error_messages=said, **kwargs)

    def to_python(self, value: Any) -> Any:
        if not isinstance(value, str) or not value.strip():
            return super().to_python(value)
        try:
            return decimal_of(value)
        except ValueError:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, Decimal):
            return value
        return format_decimal(value, locale=to_locale(get_language() or "en"), decimal_quantization=False)


def decimal_of(text: str) -> Decimal:
    """The number that was typed: "1.234,50" in Dutch, "1,234.50" in English, "1234.50" in both, with any minus.

    Raises ``ValueError`` for what is none, and for what could be read two ways.
    """
    plain = text.strip().replace("\N{MINUS SIGN}", "-")
    if not re.fullmatch(r"[+-]?\d[\d.,\s]*", plain):
        raise ValueError(text)
    try:
        return parse_decimal(plain, locale=to_locale(get_language() or "en"), strict=True)
    except NumberFormatError:
        if not re.fullmatch(r"[+-]?\d+(\.\d+)?", plain):
            raise ValueError(text) from None
        return Decimal(plain)


def clean_currency(text: str) -> str:
    """The code of a currency, in capital letters. Raises ``ValidationError`` for what is none."""
    currency = text.strip().upper()
    if currency not in Locale("en").currencies:
        raise forms.ValidationError(_("This is not a currency: write its three letters, such as EUR."))
    return currency
