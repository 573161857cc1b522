"""The calendar of a journal: which statement a day belongs to."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from statements.models import Journal
from statements.periods import Calendar, FetchCalendar, FixedCalendar, Period


def calendar_of(journal: Journal, *, first_day: dt.date) -> Calendar:
    """The journal's calendar as of today; ``first_day`` is the earliest day that will be asked about."""
    if journal.period != Journal.Period.FETCH:
        return FixedCalendar(journal.period)
    existing = [Period(*row) for row in journal.statements.values_list("first_day", "last_day")]
    return FetchCalendar(existing, first_day=first_day, today=timezone.localdate())
