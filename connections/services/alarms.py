"""The dead man's alarm: an automatic connection that nobody could fetch for long is told of, and told again.

Whether a connection is silent is read from when it was last fetched, at the moment somebody looks: it holds also while
no worker and no clock is there to notice. The clock only sends the mails.
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from connections.models import Connection, Notice
from connections.services import chatter, notices
from foundation.prepared import Given

AGAIN_AFTER = dt.timedelta(days=7)
# What is fetched less often than once in half a day may be late by so much.
GRACE = dt.timedelta(hours=24)


def longest_silence() -> dt.timedelta:
    """How long an automatic connection may be without a fetch that went well."""
    return dt.timedelta(hours=settings.ALARM_HOURS)


def silent(now: dt.datetime) -> QuerySet[Connection]:
    """Connections that should be fetched by themselves and have not been for too long."""
    everyday = settings.ALARM_HOURS - GRACE // dt.timedelta(hours=1)
    late = Q(interval_hours__lte=everyday, heard_at__lt=now - longest_silence())
    rare = Connection.objects.filter(interval_hours__gt=everyday)
    for hours in rare.order_by("interval_hours").values_list("interval_hours", flat=True).distinct():
        late |= Q(interval_hours=hours, heard_at__lt=now - dt.timedelta(hours=hours) - GRACE)
    return automatic().filter(late)


def perhaps_silent(before: dt.datetime | Given) -> QuerySet[Connection]:
    """Connections that were not heard of since then; with ``longest_silence`` ago, those that ``is_silent`` may mean:
    what is fetched rarely may be late."""
    return automatic().filter(Q(heard_at__lt=before))


def automatic() -> QuerySet[Connection]:
    """Connections that live, feed a journal, and are left to the clock, with when each was heard (``heard_at``)."""
    on_their_own = Connection.objects.live().filter(is_automatic=True, next_fetch_at__isnull=False)
    return on_their_own.alias(heard_at=Coalesce("last_success_at", "created_at"))


def is_silent(connection: Connection, now: dt.datetime) -> bool:
    """Whether this one is one of ``silent``."""
    if not (connection.is_live and connection.is_automatic and connection.next_fetch_at):
        return False
    allowed = max(longest_silence(), dt.timedelta(hours=connection.interval_hours) + GRACE)
    return heard_at(connection) < now - allowed


def heard_at(connection: Connection) -> dt.datetime:
    """When it was last fetched, or made."""
    return connection.last_success_at or connection.created_at


def look(now: dt.datetime) -> int:
    """Writes down whom to tell of connections that have fallen silent, still are a week later, or work again.

    Gives how many connections that concerns. Safe to run twice, and by two at once.
    """
    unheard = Q(alarmed_at__isnull=True) | Q(alarmed_at__lte=now - AGAIN_AFTER)
    fallen = list(silent(now).filter(unheard).values_list("pk", flat=True))
    over = Connection.objects.filter(alarmed_at__isnull=False).exclude(pk__in=silent(now).values("pk"))
    risen = list(over.values_list("pk", flat=True))
    return sum(_raise(pk, now) for pk in fallen) + sum(_end(pk, now) for pk in risen)


@transaction.atomic
def _raise(connection_id: int, now: dt.datetime) -> bool:
    connection = Connection.objects.locked().get(pk=connection_id)
    last = connection.alarmed_at
    if not is_silent(connection, now) or (last is not None and last > now - AGAIN_AFTER):
        return False
    since = heard_at(connection)
    week = (now - since) // AGAIN_AFTER
    Connection.objects.filter(pk=connection.pk).update(alarmed_at=now)
    notices.write(connection, Notice.Kind.SILENCE, occasion=f"{since.isoformat()} week {week}")
    chatter.write(connection, "silent", since=since.isoformat())
    return True


@transaction.atomic
def _end(connection_id: int, now: dt.datetime) -> bool:
    """Who was told of the silence is told that it is over, if it ended with a fetch: not if it was switched off."""
    connection = Connection.objects.locked().get(pk=connection_id)
    told_at = connection.alarmed_at
    if told_at is None or is_silent(connection, now):
        return False
    Connection.objects.filter(pk=connection.pk).update(alarmed_at=None)
    if connection.is_live and heard_at(connection) > told_at:
        notices.write(connection, Notice.Kind.RECOVERY, occasion=f"{told_at.isoformat()}")
    return True
