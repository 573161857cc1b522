"""What the clock may forget, and when."""

from __future__ import annotations

import datetime as dt

from connections.models import CallDay, Notice, RenewalLink

# Only today's calls are asked for; the days before are kept for who looks for a fault.
CALLS = dt.timedelta(days=40)
# A link that is over is refused without its row too.
LINKS = dt.timedelta(days=30)
# Longer than any occasion could be told of anew.
NOTICES = dt.timedelta(days=800)


def prune(now: dt.datetime) -> dict[str, int]:
    """Deletes what is past its time; gives the number of rows by kind."""
    return {
        "call days": CallDay.objects.filter(day__lt=(now - CALLS).date()).delete()[0],
        "renewal links": RenewalLink.objects.filter(expires_at__lt=now - LINKS).delete()[0],
        "notices": Notice.objects.filter(sent_at__lt=now - NOTICES).delete()[0],
    }
