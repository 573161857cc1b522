"""Money, dates and moments as the reader's language writes them."""

from __future__ import annotations

import datetime as dt
import math
import re
import zoneinfo
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import (
    TIMEDELTA_UNITS,
    format_date,
    format_interval,
    format_skeleton,
    format_timedelta,
)
from babel.numbers import format_currency, format_decimal, get_currency_precision
from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, to_locale

register = template.Library()

MINUS = "−"
# Of twenty-four hours in every language: "22:10" needs no word for the half of the day.
HOURS, SECONDS = "%H:%M", "%H:%M:%S"
# So much of a unit is told as one of it: 21 hours are a day.
A_UNIT = 0.85


@register.filter
def money(amount: Decimal | None, currency: str) -> str:
    """``{{ amount|money:"EUR" }}``: with the currency's sign, its decimals and a real minus; a dash for unknown."""
    if amount is None:
        return "–"
    language = _language()
    before, after = _around(amount < 0, currency, language=language)
    digits = _digits(abs(amount), least=get_currency_precision(currency), separators=_separators(language))
    return f"{before}{digits}{after}"


@register.filter
def figure(amount: Decimal | None, currency: str) -> str:
    """``{{ amount|figure:"EUR" }}``: the bare number, for columns whose head names the currency."""
    return "–" if amount is None else figures_in(currency)(amount)


@register.filter
def unbroken(text: str) -> SafeString:
    """``{{ amount|money:"EUR"|unbroken }}``: kept on one line inside a sentence, the minus before its currency."""
    return format_html('<span class="text-nowrap">{}</span>', text)


def figures_in(currency: str) -> Callable[[Decimal], str]:
    """What ``figure`` does to one amount after the other, for lists of hundreds."""
    least, separators = get_currency_precision(currency), _separators(_language())
    smallest = Decimal(1).scaleb(-least)

    def written(amount: Decimal) -> str:
        if amount.same_quantum(smallest):
            return _separated(f"{amount:,f}", separators).replace("-", MINUS)
        return f"{MINUS if amount < 0 else ''}{_digits(abs(amount), least=least, separators=separators)}"

    return written


@register.filter
def day(date: dt.date | None) -> str:
    """``{{ line.booking_date|day }}``: a calendar date, medium length, that stays on one line."""
    return _day(date, language=_language()) if date else "–"


@register.filter
def month(date: dt.date) -> str:
    """``{{ statement.first_day|month }}``: "November 2026"."""
    return _month(date, language=_language())


@register.filter
def period(first_day: dt.date, last_day: dt.date) -> str:
    """``{{ statement.first_day|period:statement.last_day }}``: a whole month by its name, anything else by its days."""
    if first_day == last_day:
        return day(first_day)
    if first_day.day == 1 and last_day + dt.timedelta(days=1) == (first_day + dt.timedelta(days=32)).replace(day=1):
        return month(first_day)
    return _interval(first_day, last_day, language=_language())


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
def moment(at: dt.datetime | None) -> str:
    """``{{ row.at|moment }}``: day and time of day in plain text, where nothing can be hovered over."""
    return _moment(timezone.localtime(at), HOURS, language=_language()) if at else "–"


@register.filter
def time_of_day(at: dt.datetime) -> str:
    """``{{ row.at|time_of_day }}``: hours and minutes, for what happens today."""
    return timezone.localtime(at).strftime(HOURS)


@register.filter
def ago(moment: dt.datetime | None) -> str | SafeString:
    """``{{ run.started_at|ago }}``: "2 hours ago" or "in 3 hours", with the exact moment on hover."""
    if moment is None:
        return "–"
    language = _language()
    seconds = (moment - timezone.now()) // dt.timedelta(seconds=1)
    unit, size = next((found for found in TIMEDELTA_UNITS if abs(seconds) >= found[1] * A_UNIT), TIMEDELTA_UNITS[-1])
    rounded = round(seconds / size) * size
    start = _time(moment, zone=timezone.get_current_timezone_name(), language=language)
    return format_html("{}{}</time>", start, _ago(rounded, unit, language))


# A page of lines writes hundreds of figures: what a language does to all of them alike is asked for once.


@lru_cache(maxsize=1024)
def _around(is_negative: bool, currency: str, *, language: str) -> tuple[str, str]:
    """What the language writes before and after the figures of an amount: sign, currency, space."""
    sample = format_currency(-1 if is_negative else 1, currency, locale=_locale_of(language))
    before, after = re.split(r"1(?:\D0+)?", sample, maxsplit=1)
    # A code stands apart from the figures, as a sign does not: "KWD 1.500", "$1.50".
    apart = "\N{NO-BREAK SPACE}" if before[-1:].isalpha() else ""
    return f"{before}{apart}".replace("-", MINUS), after.replace("-", MINUS)


@lru_cache(maxsize=1024)
def _month(date: dt.date, *, language: str) -> str:
    return format_skeleton("yMMMM", date, locale=_calendar_of(language))


@lru_cache(maxsize=1024)
def _interval(first_day: dt.date, last_day: dt.date, *, language: str) -> str:
    return format_interval(first_day, last_day, skeleton="yMMMd", locale=_calendar_of(language))


@lru_cache(maxsize=4096)
def _day(date: dt.date, *, language: str) -> str:
    # A date is not torn at the end of a line.
    return format_date(date, format="medium", locale=_calendar_of(language)).replace(" ", "\N{NO-BREAK SPACE}")


def _moment(at: dt.datetime, clock: str, *, language: str) -> str:
    """Day and time of day, in the order of the language."""
    together = str(_calendar_of(language).datetime_formats["medium"])
    return together.replace("{1}", _day(at.date(), language=language)).replace("{0}", at.strftime(clock))


# The same fetches are told of on one visit after the other.
@lru_cache(maxsize=4096)
def _time(moment: dt.datetime, *, zone: str, language: str) -> SafeString:
    exact = timezone.localtime(moment, zoneinfo.ZoneInfo(zone))
    on_hover = f"{_moment(exact, SECONDS, language=language)} {exact:%Z}"
    return format_html('<time datetime="{}" title="{}">', exact.isoformat(), on_hover)


@lru_cache(maxsize=4096)
def _ago(seconds: int, unit: str, language: str) -> str:
    """So many whole units, in words; the past is below zero."""
    return format_timedelta(
        dt.timedelta(seconds=seconds),
        granularity=unit,  # type: ignore[arg-type]
        threshold=math.inf,
        add_direction=True,
        locale=_locale_of(language),
    )


@lru_cache(maxsize=64)
def _separators(language: str) -> tuple[str, str]:
    symbols = _locale_of(language).number_symbols["latn"]
    return symbols["group"], symbols["decimal"]


def _digits(amount: Decimal, *, least: int, separators: tuple[str, str]) -> str:
    """The figures in groups of three, with ``least`` decimals and more only where they say something."""
    exponent = amount.normalize().as_tuple().exponent
    places = max(least, -exponent) if isinstance(exponent, int) else least
    return _separated(f"{amount:,.{places}f}", separators)


def _separated(figures: str, separators: tuple[str, str]) -> str:
    """Figures as Python writes them, as the language does. Replacing is several times as fast as ``str.translate``."""
    group, decimal = separators
    if (group, decimal) == (",", "."):
        return figures
    return figures.replace(",", "\0").replace(".", decimal).replace("\0", group)


def _language() -> str:
    return get_language() or "en"


def _locale() -> Locale:
    return _locale_of(_language())


def _calendar_of(language: str) -> Locale:
    """English is read in many countries; all but one write the day first, and a month in letters suits that one too."""
    return _locale_of("en-gb" if language == "en" else language)


@lru_cache(maxsize=64)
def _locale_of(language: str) -> Locale:
    try:
        return Locale.parse(to_locale(language))
    except (UnknownLocaleError, ValueError):
        return Locale("en")
