"""Whether the clock ticks: written at each tick, read by whoever wants to know."""

from __future__ import annotations

import datetime as dt

from django.conf import settings

from connections.models import Heartbeat

# So many ticks may be missed before the clock is said to stand still; never less than the shortest silence.
MISSED_TICKS = 5
SHORTEST_SILENCE = dt.timedelta(minutes=2)


def tick(now: dt.datetime) -> None:
    """The clock ticked."""
    Heartbeat.objects.update_or_create(pk=Heartbeat.ONLY, defaults={"at": now})


def last_tick() -> dt.datetime | None:
    """When the clock ticked last; ``None`` before its first tick."""
    return Heartbeat.objects.values_list("at", flat=True).first()


def silent_since(now: dt.datetime, *, last: dt.datetime | None) -> dt.datetime | None:
    """The ``last`` tick, if that is too long ago; ``None`` while the clock ticks, and before its first tick."""
    allowed = max(MISSED_TICKS * dt.timedelta(seconds=settings.CLOCK_SECONDS), SHORTEST_SILENCE)
    return last if last is not None and last < now - allowed else None
