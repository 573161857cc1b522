"""The periods that statements cover: those of the calendar, or one for each fetch."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """First and last day, both inside."""

    first_day: dt.date
    last_day: dt.date


class Calendar(Protocol):
    """Into which period a day falls."""

    def period_of(self, day: dt.date) -> Period: ...

    def between(self, first_day: dt.date, last_day: dt.date) -> Iterator[Period]:
        """Every period from that of ``first_day`` to that of ``last_day``, without a hole."""
        ...


@dataclass(frozen=True)
class FixedCalendar:
    """Days, weeks, months …: the same for everyone."""

    kind: str

    def period_of(self, day: dt.date) -> Period:
        return period_of(day, self.kind)

    def between(self, first_day: dt.date, last_day: dt.date) -> Iterator[Period]:
        return periods_between(first_day, last_day, kind=self.kind)


class FetchCalendar:
    """One period per fetch: it reaches from the day after the last one to the day of the fetch.

    A day that an earlier fetch has covered lies in that fetch's period, so that a late line finds its place; days
    before all of them make one period of their own.
    """

    def __init__(self, existing: Sequence[Period], *, first_day: dt.date, today: dt.date) -> None:
        self._periods = sorted(existing, key=lambda period: period.first_day)
        if not self._periods:
            self._periods = [Period(first_day, max(first_day, today))]
        if first_day < self._periods[0].first_day:
            self._periods.insert(0, Period(first_day, self._periods[0].first_day - DAY))
        if today > self._periods[-1].last_day:
            self._periods.append(Period(self._periods[-1].last_day + DAY, today))
        self._starts = [period.first_day for period in self._periods]

    def period_of(self, day: dt.date) -> Period:
        # A bank that books ahead: what lies after today belongs to the fetch that told of it.
        return self._periods[max(bisect_right(self._starts, day) - 1, 0)]

    def between(self, first_day: dt.date, last_day: dt.date) -> Iterator[Period]:
        first, last = self.period_of(first_day), self.period_of(last_day)
        return (period for period in self._periods if first.first_day <= period.first_day <= last.first_day)


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
