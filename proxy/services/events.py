"""What happened to a client's connections, as rows the client polls."""

from __future__ import annotations

from django.utils import timezone

from proxy.models import Client, Event, Grant

CONNECTED = "connection_made"
UPDATED = "connection_updated"
REVOKED = "connection_revoked"
GONE = "connection_gone"


def record(client: Client, kind: str, *, grant: Grant | None = None, detail: dict[str, str] | None = None) -> None:
    """Adds an event of the client. ``detail`` is short text by short names, without secrets."""
    Event.objects.create(client=client, kind=kind, grant=grant, at=timezone.now(), detail=detail or {})


def record_once(client: Client, kind: str, *, grant: Grant) -> None:
    """Adds an event unless the connection's latest one says the same already."""
    latest = Event.objects.filter(grant=grant).order_by("-id").values_list("kind", flat=True).first()
    if latest != kind:
        record(client, kind, grant=grant)
