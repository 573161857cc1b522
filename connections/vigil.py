"""How the feeds of the whole installation stand, as counts: for whoever watches over it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from connections.models import Outage
from connections.services import alarms, heartbeat


@dataclass(frozen=True)
class Feeds:
    """``automatic`` connections are left to the clock; ``silent`` of them were not fetched for too long.

    ``clock_silent_since`` is set while the clock stands still; ``outages`` counts what does not answer anybody.
    """

    automatic: int
    silent: int
    outages: int
    clock_silent_since: dt.datetime | None

    @property
    def is_well(self) -> bool:
        """An outage alone is not our fault and heals: it becomes an alarm when feeds fall silent over it."""
        return not self.silent and self.clock_silent_since is None

    def told(self) -> dict[str, Any]:
        """As JSON: no name, no amount, nothing of a bank."""
        return {
            "status": self._status(),
            "automatic": self.automatic,
            "silent": self.silent,
            "outages": self.outages,
            "clock_silent_since": self.clock_silent_since.isoformat() if self.clock_silent_since else None,
        }

    def _status(self) -> str:
        if self.clock_silent_since is not None:
            return f"the clock has not ticked since {self.clock_silent_since:%Y-%m-%d %H:%M:%S} UTC"
        return "ok" if self.is_well else "feeds are silent"


def look(now: dt.datetime) -> Feeds:
    """Reads it all from the database; a handful of counts, however many connections."""
    return Feeds(
        automatic=alarms.automatic().count(),
        silent=alarms.silent(now).count(),
        outages=Outage.objects.standing().count(),
        clock_silent_since=heartbeat.silent_since(now, last=heartbeat.last_tick()),
    )
