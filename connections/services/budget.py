"""How many calls a bank allows in a day, how many were made, and which of them the clock may make."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from babel.core import get_global
from django.db import transaction
from django.db.models import F

from connections.models import CallDay, Connection
from providers.errors import FeedError

# Countries with several time zones: where their banks are.
_SEATS = {
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "CN": "Asia/Shanghai",
    "CY": "Asia/Nicosia",
    "DE": "Europe/Berlin",
    "ES": "Europe/Madrid",
    "MX": "America/Mexico_City",
    "NZ": "Pacific/Auckland",
    "PT": "Europe/Lisbon",
    "UA": "Europe/Kyiv",
    "US": "America/New_York",
}


@dataclass(frozen=True)
class Budget:
    """The calls of one connection on the bank's present day.

    ``limit`` is what the bank allows, ``None`` where nobody says. ``next_at`` is when the next call of a person can
    go well, ``None`` for at once.
    """

    limit: int | None
    attended: int
    unattended: int
    day_ends: dt.datetime
    next_at: dt.datetime | None

    @property
    def left(self) -> int | None:
        """How many calls are left today; ``None`` without a limit."""
        return None if self.limit is None else max(self.limit - self.attended - self.unattended, 0)

    @property
    def is_for_clock(self) -> bool:
        """Whether the clock may make a call: it leaves the last one of the day to a person."""
        if self.left is None or self.limit is None:
            return True
        return self.left > (1 if self.limit > 1 else 0)


def of(connection: Connection, now: dt.datetime) -> Budget:
    """How the budget of a connection stands now."""
    limit = connection.institution.capabilities.get("refreshes_per_day")
    day = _day_of(connection, now)
    counted = CallDay.objects.filter(connection=connection, day=day).first()
    attended, unattended = (counted.attended, counted.unattended) if counted else (0, 0)
    ends = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), tzinfo=_zone_of(connection))
    is_spent = limit is not None and attended + unattended >= limit
    waits = [moment for moment in (connection.limited_until, ends if is_spent else None) if moment and moment > now]
    return Budget(
        limit=limit, attended=attended, unattended=unattended, day_ends=ends, next_at=max(waits, default=None)
    )


@transaction.atomic
def spend(connection: Connection, now: dt.datetime, *, is_attended: bool) -> None:
    """Counts one call, before it is made: one whose answer is lost was made all the same."""
    day, _made = CallDay.objects.get_or_create(connection=connection, day=_day_of(connection, now))
    name = _column(is_attended)
    CallDay.objects.filter(pk=day.pk).update(**{name: F(name) + 1})


def give_back(connection: Connection, now: dt.datetime, *, is_attended: bool) -> None:
    """Takes a counted call back: whoever was to ask the bank is known not to answer anybody."""
    name = _column(is_attended)
    counted = CallDay.objects.filter(connection=connection, day=_day_of(connection, now), **{f"{name}__gt": 0})
    counted.update(**{name: F(name) - 1})


def note_limit(connection: Connection, error: FeedError) -> None:
    """Keeps until when the other side wants to be left alone, if that is what a failure says."""
    if error.code == "rate_limited" and error.retry_at is not None:
        Connection.objects.filter(pk=connection.pk).update(limited_until=error.retry_at)


def _column(is_attended: bool) -> str:
    return "attended" if is_attended else "unattended"


def _day_of(connection: Connection, now: dt.datetime) -> dt.date:
    return now.astimezone(_zone_of(connection)).date()


def _zone_of(connection: Connection) -> ZoneInfo:
    country = connection.institution.country
    zones = get_global("territory_zones").get(country, ())
    return ZoneInfo(_SEATS.get(country) or (zones[0] if zones else "UTC"))
