"""When each connection is fetched next, and who may fetch it now."""

from __future__ import annotations

import datetime as dt
import random

from django.conf import settings
from django.db import transaction

from connections.models import Connection
from providers.errors import FeedError

# Connections that were made in the same minute are fetched over this long, later.
SPREAD = dt.timedelta(minutes=30)
# After the first failure, doubled with each further one, up to the longest.
FIRST_PAUSE = dt.timedelta(minutes=2)
LONGEST_PAUSE = dt.timedelta(hours=6)


def claim_due(now: dt.datetime, *, limit: int = 100) -> list[int]:
    """Takes up to ``limit`` connections that are due, so that no other worker takes them too; gives their ids.

    A claim ends by itself: what a worker that died had taken is due again after the lease.
    """
    until = now + dt.timedelta(seconds=settings.RUN_LEASE_SECONDS)
    with transaction.atomic():
        due = Connection.objects.due(now).order_by("next_fetch_at").select_for_update(skip_locked=True)
        ids = list(due.values_list("pk", flat=True)[:limit])
        Connection.objects.filter(pk__in=ids).update(claimed_until=until)
    return ids


def claim(connection: Connection, now: dt.datetime) -> None:
    """Takes one connection for a person who asked; it is due at once should the worker die."""
    Connection.objects.filter(pk=connection.pk).update(
        next_fetch_at=now, claimed_until=now + dt.timedelta(seconds=settings.RUN_LEASE_SECONDS)
    )


def extend_claim(connection_id: int, until: dt.datetime) -> None:
    """Keeps a connection taken while it is being read."""
    Connection.objects.filter(pk=connection_id).update(claimed_until=until)


def after_success(connection: Connection, now: dt.datetime) -> dt.datetime:
    """The connection is due again an interval after ``now``, spread; gives that moment."""
    next_at = now + dt.timedelta(hours=connection.interval_hours) + spread(connection.pk)
    Connection.objects.filter(pk=connection.pk).update(
        last_success_at=now, next_fetch_at=next_at, claimed_until=None, failures=0
    )
    return next_at


def after_failure(connection: Connection, error: FeedError, now: dt.datetime) -> dt.datetime:
    """The connection is tried again after a growing pause, or when the proxy said; gives that moment."""
    failures = Connection.objects.values_list("failures", flat=True).get(pk=connection.pk) + 1
    next_at = error.retry_at or now + pause(failures)
    Connection.objects.filter(pk=connection.pk).update(
        next_fetch_at=max(next_at, now), claimed_until=None, failures=failures
    )
    return next_at


def spread(connection_id: int) -> dt.timedelta:
    """Where in the spread a connection stands: the same each time, and even over many (Knuth's multiplicative hash)."""
    return SPREAD * ((connection_id * 2_654_435_761) % 2**32) / 2**32


def pause(failures: int) -> dt.timedelta:
    """How long to wait after this many failures in a row: growing, capped, and drawn so that many do not meet."""
    longest = min(FIRST_PAUSE * 2 ** min(failures - 1, 16), LONGEST_PAUSE)
    return longest * random.uniform(0.75, 1.0)  # noqa: S311
