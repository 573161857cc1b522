"""What happened to a client's connections, as rows the client polls."""

from __future__ import annotations

import uuid

from django.db import IntegrityError, transaction
from django.utils import timezone

from providers.base import ProviderEvent
from proxy.models import Client, Event, Grant

CONNECTED = "connection_made"
UPDATED = "connection_updated"
REVOKED = "connection_revoked"
GONE = "connection_gone"


def record(client: Client, kind: str, *, grant: Grant | None = None, detail: dict[str, str] | None = None) -> None:
    """Adds an event of the client. ``detail`` is short text by short names, without secrets."""
    with transaction.atomic():
        _in_line(client.pk)
        Event.objects.create(client=client, kind=kind, grant=grant, at=timezone.now(), detail=detail or {})


def record_once(client: Client, kind: str, *, grant: Grant) -> None:
    """Adds an event unless the connection's latest one says the same already."""
    latest = Event.objects.filter(grant=grant).order_by("-id").values_list("kind", flat=True).first()
    if latest != kind:
        record(client, kind, grant=grant)


def record_told(told: ProviderEvent, *, grant: Grant) -> bool:
    """Adds an event that a provider told of the connection; ``False`` when it was told before."""
    event = Event(
        client_id=grant.client_id,
        grant=grant,
        kind=told.kind,
        at=told.at or timezone.now(),
        key=told.key,
        detail=dict(told.detail),
    )
    try:
        with transaction.atomic():
            _in_line(grant.client_id)
            event.save(force_insert=True)
    except IntegrityError:
        return False
    return True


def _in_line(client_id: uuid.UUID) -> None:
    """One event of a client at a time, so that none comes into sight after one with a higher id was read."""
    Client.objects.select_for_update(no_key=True).only("pk").get(pk=client_id)
