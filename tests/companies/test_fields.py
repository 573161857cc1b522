"""What people type: amounts as their language writes them, and nothing that could be read two ways."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django import forms
from django.utils import translation

from companies.fields import AmountField, decimal_of


@pytest.mark.parametrize(
    ("language", "typed", "amount"),
    [
        ("en", "1,234.50", "1234.50"),
        ("en", "1234.5", "1234.5"),
        ("en", "-12.50", "-12.50"),
        ("en", "−12.50", "-12.50"),
        ("nl", "1.234,50", "1234.50"),
        ("nl", "1234,5", "1234.5"),
        ("nl", "-12,50", "-12.50"),
        ("nl", "12.50", "12.50"),
        ("ko", "1,234.50", "1234.50"),
        ("zh-hans", " 1234.50 ", "1234.50"),
    ],
)
def test_an_amount_is_read_as_the_reader_writes_it(language: str, typed: str, amount: str) -> None:
    with translation.override(language):
        assert decimal_of(typed) == Decimal(amount)
        assert AmountField(max_digits=18, decimal_places=4).clean(typed) == Decimal(amount)


@pytest.mark.parametrize(
    ("language", "typed"), [("en", "12,50"), ("nl", "1.234.50"), ("en", "twelve"), ("en", "NaN"), ("en", "1e5")]
)
def test_what_could_be_two_amounts_or_is_none_is_refused(language: str, typed: str) -> None:
    with translation.override(language), pytest.raises(forms.ValidationError) as refused:
        AmountField(max_digits=18, decimal_places=4).clean(typed)
    assert len(refused.value.messages) == 1


def test_an_amount_that_is_there_is_shown_as_the_reader_writes_it() -> None:
    field = AmountField(max_digits=18, decimal_places=4)
    with translation.override("nl"):
        shown = field.prepare_value(Decimal("-1234.5"))
        assert shown == "-1.234,5"
        assert field.clean(shown) == Decimal("-1234.5")
    assert field.prepare_value("as typed") == "as typed"
