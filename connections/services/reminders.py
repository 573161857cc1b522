"""Reminds people before a bank's permission ends: a month before, and more often towards the end."""

from __future__ import annotations

import datetime as dt
import math

from django.db import transaction
from django.db.models import QuerySet

from connections.models import Connection, Notice
from connections.services import chatter, notices
from foundation.prepared import Given

# Days before the end; 0 is when it has ended.
STAGES = (30, 15, 7, 3, 1, 0)
# What ended longer ago is no news.
FORGOTTEN = dt.timedelta(days=14)


def days_left(connection: Connection, now: dt.datetime) -> int | None:
    """Whole days until the permission ends, the last one begun is 1, 0 when it has ended; None for no end."""
    ends = connection.consent_expires_at
    return None if ends is None else max(math.ceil((ends - now) / dt.timedelta(days=1)), 0)


def stage(connection: Connection, now: dt.datetime) -> int | None:
    """Which of ``STAGES`` is reached; None while it is too early, and where nothing ends."""
    left = days_left(connection, now)
    return None if left is None else min((one for one in STAGES if one >= left), default=None)


def occasion(connection: Connection, now: dt.datetime) -> str:
    """The name of the reminder that is due: another end begins them all anew. "" for none."""
    reached, ends = stage(connection, now), connection.consent_expires_at
    return "" if reached is None or ends is None else f"{ends:%Y-%m-%d} {reached}"


def ending(after: dt.datetime | Given, until: dt.datetime | Given) -> QuerySet[Connection]:
    """Living connections whose permission ends, or ended, between these moments."""
    return Connection.objects.live().filter(consent_expires_at__gt=after, consent_expires_at__lte=until)


def look(now: dt.datetime) -> int:
    """Writes down whom to remind now; gives how many connections that concerns. Safe to run twice and by two at once.

    A stage that was missed because no clock ran is not made up for: the one that is reached says all.
    """
    found = ending(now - FORGOTTEN, now + dt.timedelta(days=STAGES[0]))
    return sum(_remind(connection, now) for connection in found.order_by("pk").iterator())


def _remind(connection: Connection, now: dt.datetime) -> bool:
    due = occasion(connection, now)
    return bool(due) and connection.reminded_of != due and _write_down(connection, now)


@transaction.atomic
def _write_down(connection: Connection, now: dt.datetime) -> bool:
    row = Connection.objects.locked().get(pk=connection.pk)
    due = occasion(row, now)
    if not due or row.reminded_of == due:
        return False
    Connection.objects.filter(pk=row.pk).update(reminded_of=due)
    people = notices.write(row, Notice.Kind.CONSENT, occasion=due)
    ends = row.consent_expires_at
    chatter.write(
        row, "reminded", action="update_credentials", people=people, expires_at=ends.isoformat() if ends else ""
    )
    return True
