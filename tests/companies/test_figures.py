"""Amounts are written as the reader's language writes them, to the last sign as Babel does it, codes set apart."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

import pytest
from babel import Locale
from babel.numbers import format_currency
from django.utils.translation import override, to_locale

from companies.templatetags.formats import day, figure, money, unbroken

AMOUNTS = [Decimal(text) for text in ("0.00", "5.00", "-12.50", "1234.56", "-1234567.8901", "99999999999999.99")]


@pytest.mark.parametrize("language", ["en", "nl", "zh-hans", "ko", "de", "fr"])
@pytest.mark.parametrize("currency", ["EUR", "USD", "JPY", "KRW", "KWD", "CHF", "CNY", "CLF"])
def test_money_is_written_as_the_language_writes_it(language: str, currency: str) -> None:
    locale = Locale.parse(to_locale(language))
    with override(language):
        for amount in AMOUNTS:
            babels = format_currency(amount, currency, locale=locale, decimal_quantization=False)
            # Babel leaves out the space that Unicode's rules put between a code and figures.
            apart = re.sub(r"([A-Z])(\d)", "\\1\N{NO-BREAK SPACE}\\2", babels)
            assert money(amount, currency) == apart.replace("-", "−")


def test_a_code_stands_apart_from_the_figures_and_a_sign_does_not() -> None:
    with override("en"):
        assert money(Decimal("-1.5"), "KWD") == "−KWD\N{NO-BREAK SPACE}1.500"
        assert money(Decimal("1.5"), "USD") == "$1.50"


def test_an_amount_in_a_sentence_stays_on_one_line() -> None:
    with override("en"):
        assert unbroken(money(Decimal("-1.5"), "EUR")) == '<span class="text-nowrap">−€1.50</span>'
    assert unbroken("<b>") == '<span class="text-nowrap">&lt;b&gt;</span>'


def test_a_figure_has_its_currencys_decimals_and_more_only_where_they_say_something() -> None:
    assert figure(Decimal("-1234.50"), "EUR") == "−1,234.50"
    assert figure(Decimal("1234.5678"), "EUR") == "1,234.5678"
    assert figure(Decimal("1234.00"), "JPY") == "1,234"
    assert figure(None, "EUR") == "–"
    with override("nl"):
        assert figure(Decimal("-1234.50"), "EUR") == "−1.234,50"


def test_a_day_is_remembered_in_each_language_of_its_own() -> None:
    date = dt.date(2026, 11, 3)
    with override("en"):
        assert day(date) == "3\xa0Nov\xa02026"
    with override("nl"):
        assert day(date) == "3\xa0nov\xa02026"
