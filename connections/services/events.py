"""What happened to connections at their banks and providers: asked of the proxy, taken in once each, in their order."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from connections.models import Connection, EventCursor, ProxyRegistration
from connections.services import chatter, lifecycle, registrations, schedule
from connections.services.registrations import client_for
from providers.errors import ConnectionGone, ConsentExpired
from providers.types import EventData

log = logging.getLogger(__name__)

PAGE = 500
# Providers tell the time in whole seconds, cut off.
ROUNDING = dt.timedelta(seconds=1)
Status = Connection.Status


def listening() -> QuerySet[ProxyRegistration]:
    """The registrations with connections of which something may be told."""
    registered = ProxyRegistration.objects.registered()
    return registered.filter(company__connections__reference__isnull=False).distinct().order_by("pk")


def poll(registration: ProxyRegistration) -> int:
    """Takes in what happened since the last look; gives how many events were new. Raises ``FeedError``.

    While the proxy refuses the company, it is only asked whether it still does.
    """
    if registration.status in ProxyRegistration.REFUSED and not registrations.check(registration.company):
        return 0
    client = client_for(registration.company)
    count = 0
    while True:
        cursor, _made = EventCursor.objects.get_or_create(registration=registration)
        page = client.events(cursor.after, limit=PAGE)
        count += sum(_take_in(registration, event) for event in page.events)
        if not page.has_more:
            EventCursor.objects.filter(pk=cursor.pk).update(polled_at=timezone.now())
            return count


@transaction.atomic
def _take_in(registration: ProxyRegistration, event: EventData) -> bool:
    """One event and the cursor after it, in one commit; ``False`` for one that was taken in before."""
    cursor = EventCursor.objects.select_for_update().get(registration=registration)
    if event.id <= cursor.after:
        return False
    EventCursor.objects.filter(pk=cursor.pk).update(after=event.id)
    work = _WORK.get(event.kind)
    connection = Connection.objects.filter(company=registration.company_id, reference=event.connection or None).first()
    if work is None or connection is None:
        log.info("event %s (%s) needs nothing here", event.id, event.kind)
        return True
    work(connection, event)
    return True


def _available(connection: Connection, event: EventData) -> None:
    schedule.wake(connection, timezone.now())


def _repaired(connection: Connection, event: EventData) -> None:
    """It works again, and what came meanwhile is fetched."""
    if connection.status == Status.ACTION_REQUIRED:
        lifecycle.note_success(connection)
    schedule.wake(connection, timezone.now())


def _credentials(connection: Connection, event: EventData) -> None:
    """A person is asked to sign in again, if none is yet: a fetch may have found out before."""
    if connection.status != Status.ACTION_REQUIRED and not _is_outdated(connection, event):
        lifecycle.note_failure(connection, ConsentExpired(event.detail.get("message", "")))


def _revoked(connection: Connection, event: EventData) -> None:
    if connection.is_live and not _is_outdated(connection, event):
        lifecycle.change(connection, Status.REVOKED, why="withdrawn")


def _gone(connection: Connection, event: EventData) -> None:
    if connection.is_live and not _is_outdated(connection, event):
        lifecycle.note_failure(connection, ConnectionGone())


def _expiring(connection: Connection, event: EventData) -> None:
    ends = _moment(event.detail.get("expires_at", ""))
    if ends is not None:
        Connection.objects.filter(pk=connection.pk).update(consent_expires_at=ends)
    expires_at = ends.isoformat() if ends else ""
    chatter.write(connection, "consent_expiring", action="update_credentials", expires_at=expires_at)


def _accounts(connection: Connection, event: EventData) -> None:
    chatter.write(connection, "accounts_changed")


# A kind that is not here needs nothing: what this server did itself, and what a newer proxy may tell.
_WORK: dict[str, Callable[[Connection, EventData], None]] = {
    "transactions_available": _available,
    "connection_repaired": _repaired,
    "connection_updated": _repaired,
    "credentials_needed": _credentials,
    "connection_revoked": _revoked,
    "connection_gone": _gone,
    "consent_expiring": _expiring,
    "accounts_changed": _accounts,
}


def _is_outdated(connection: Connection, event: EventData) -> bool:
    """Whether the connection was read since: then what is told is over already."""
    return connection.last_success_at is not None and event.at + ROUNDING <= connection.last_success_at


def _moment(text: str) -> dt.datetime | None:
    """A moment out of an event's detail; ``None`` for what is none, which the proxy may send in later versions."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found is not None and timezone.is_aware(found) else None
