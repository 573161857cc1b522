"""Every day lies in exactly one period of each kind."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statements.periods import Period, period_of, periods_between

KINDS = ["day", "week", "half_month", "month", "quarter", "year"]
DAYS = st.dates(dt.date(1990, 1, 1), dt.date(2080, 12, 31))


@pytest.mark.parametrize(
    ("kind", "first_day", "last_day"),
    [
        ("day", "2024-02-29", "2024-02-29"),
        ("week", "2024-02-26", "2024-03-03"),
        ("half_month", "2024-02-16", "2024-02-29"),
        ("month", "2024-02-01", "2024-02-29"),
        ("quarter", "2024-01-01", "2024-03-31"),
        ("year", "2024-01-01", "2024-12-31"),
    ],
)
def test_the_period_of_a_leap_day(kind: str, first_day: str, last_day: str) -> None:
    expected = Period(dt.date.fromisoformat(first_day), dt.date.fromisoformat(last_day))
    assert period_of(dt.date(2024, 2, 29), kind) == expected


def test_the_first_half_of_a_month_ends_on_the_fifteenth() -> None:
    assert period_of(dt.date(2026, 2, 15), "half_month") == Period(dt.date(2026, 2, 1), dt.date(2026, 2, 15))


@given(day=DAYS, kind=st.sampled_from(KINDS))
def test_a_day_lies_in_its_period_and_every_day_of_the_period_says_the_same(day: dt.date, kind: str) -> None:
    period = period_of(day, kind)
    assert period.first_day <= day <= period.last_day
    assert period_of(period.first_day, kind) == period == period_of(period.last_day, kind)


@given(first=DAYS, length=st.integers(0, 400), kind=st.sampled_from(KINDS))
def test_periods_follow_each_other_without_a_hole(first: dt.date, length: int, kind: str) -> None:
    last = first + dt.timedelta(days=length)
    periods = list(periods_between(first, last, kind=kind))
    assert periods[0] == period_of(first, kind)
    assert periods[-1] == period_of(last, kind)
    for before, after in zip(periods, periods[1:], strict=False):
        assert after.first_day == before.last_day + dt.timedelta(days=1)
