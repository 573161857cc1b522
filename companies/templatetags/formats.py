"""Money, dates and moments as the reader's language writes them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_interval, format_timedelta
from babel.numbers import format_currency, format_decimal, get_currency_precision
from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, to_locale

register = template.Library()

MINUS = "−"


@register.filter
def money(amount: Decimal | None, currency: str) -> str:
    """``{{ amount|money:"EUR" }}``: with the currency's sign, its decimals and a real minus; a dash for unknown."""
    if amount is None:
        return "–"
    return _minus(format_currency(amount, currency, locale=_locale(), decimal_quantization=False))


@register.filter
def figure(amount: Decimal | None, currency: str) -> str:
    """``{{ amount|figure:"EUR" }}``: the bare number, for columns whose head names the currency."""
    if amount is None:
        return "–"
    digits = get_currency_precision(currency)
    pattern = f"#,##0.{'0' * digits}{'#' * (4 - digits)}" if digits < 4 else "#,##0.0000"
    return _minus(format_decimal(amount, format=pattern, locale=_locale()))


@register.filter
def day(date: dt.date | None) -> str:
    """``{{ line.booking_date|day }}``: a calendar date, medium length."""
    return format_date(date, format="medium", locale=_locale()) if date else "–"


@register.filter
def month(date: dt.date) -> str:
    """``{{ statement.first_day|month }}``: "November 2026"."""
    return format_date(date, format="MMMM yyyy", locale=_locale())


@register.filter
def period(first_day: dt.date, last_day: dt.date) -> str:
    """``{{ statement.first_day|period:statement.last_day }}``: a whole month by its name, anything else by its days."""
    if first_day == last_day:
        return day(first_day)
    if first_day.day == 1 and last_day + dt.timedelta(days=1) == (first_day + dt.timedelta(days=32)).replace(day=1):
        return month(first_day)
    return format_interval(first_day, last_day, skeleton="yMMMd", locale=_locale())


@register.filter
def span(days: int) -> str:
    """``{{ 90|span }}``: a number of days as people say it, "3 months"."""
    return format_timedelta(dt.timedelta(days=days), locale=_locale())


@register.filter
def country(code: str) -> str:
    """``{{ "BE"|country }}``: "Belgium"."""
    return str(_locale().territories.get(code, code))


@register.filter
def grouped(number: int) -> str:
    """``{{ 26540|grouped }}``: a count with the separators of the reader's language."""
    return format_decimal(number, locale=_locale())


@register.filter
def ago(moment: dt.datetime | None) -> str | SafeString:
    """``{{ run.started_at|ago }}``: "2 hours ago" or "in 3 hours", with the exact moment on hover."""
    if moment is None:
        return "–"
    words = format_timedelta(moment - timezone.now(), add_direction=True, locale=_locale())
    exact = timezone.localtime(moment)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', exact.isoformat(), exact.strftime("%Y-%m-%d %H:%M:%S %Z"), words
    )


def _minus(text: str) -> str:
    return text.replace("-", MINUS)


def _locale() -> Locale:
    try:
        return Locale.parse(to_locale(get_language() or "en"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")
