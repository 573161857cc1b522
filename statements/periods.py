"""The periods that statements cover."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """First and last day, both inside."""

    first_day: dt.date
    last_day: dt.date


def period_of(day: dt.date, kind: str) -> Period:
    """The period of this kind (``Journal.Period``) that a day falls into. Weeks begin on Monday (ISO 8601)."""
    return _KINDS[kind](day)


def periods_between(first_day: dt.date, last_day: dt.date, *, kind: str) -> Iterator[Period]:
    """Every period from that of ``first_day`` to that of ``last_day``, without a hole."""
    period = period_of(first_day, kind)
    while period.first_day <= last_day:
        yield period
        period = period_of(period.last_day + DAY, kind)


def _day(day: dt.date) -> Period:
    return Period(day, day)


def _week(day: dt.date) -> Period:
    monday = day - DAY * day.weekday()
    return Period(monday, monday + DAY * 6)


def _half_month(day: dt.date) -> Period:
    if day.day <= 15:
        return Period(day.replace(day=1), day.replace(day=15))
    return Period(day.replace(day=16), _month(day).last_day)


def _month(day: dt.date) -> Period:
    return _months(day.replace(day=1), 1)


def _quarter(day: dt.date) -> Period:
    return _months(day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1), 3)


def _year(day: dt.date) -> Period:
    return Period(day.replace(month=1, day=1), day.replace(month=12, day=31))


def _months(first_day: dt.date, count: int) -> Period:
    index = first_day.year * 12 + first_day.month - 1 + count
    return Period(first_day, dt.date(index // 12, index % 12 + 1, 1) - DAY)


_KINDS: dict[str, Callable[[dt.date], Period]] = {
    "day": _day,
    "week": _week,
    "half_month": _half_month,
    "month": _month,
    "quarter": _quarter,
    "year": _year,
}
