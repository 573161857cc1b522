"""The sandbox's time: the real one and an offset that tests and demos move."""

from __future__ import annotations

import datetime as dt

from django.db.models import F

from sandbox.conditions.models import Clock


def now() -> dt.datetime:
    """The sandbox's now, aware and in UTC."""
    return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds_ahead())


def seconds_ahead() -> int:
    """How many seconds the sandbox's time is ahead of the real one."""
    return Clock.objects.filter(pk=Clock.ONLY).values_list("seconds_ahead", flat=True).first() or 0


def move(seconds: int) -> None:
    """Moves the sandbox's time ahead by so many seconds; backwards if negative."""
    Clock.objects.get_or_create(pk=Clock.ONLY)
    Clock.objects.filter(pk=Clock.ONLY).update(seconds_ahead=F("seconds_ahead") + seconds)


def reset() -> None:
    """Back to the real time."""
    Clock.objects.filter(pk=Clock.ONLY).delete()
