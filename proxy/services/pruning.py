"""What may be forgotten, and when."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from providers.signing import WINDOW
from proxy.models import AuditEntry, Event, Flow, Incident, Nonce

# A nonce must be known for as long as its signature could be sent again: the window on both sides of now.
NONCES = 2 * WINDOW
FLOWS = dt.timedelta(days=30)
EVENTS = dt.timedelta(days=90)
AUDIT = dt.timedelta(days=400)
# Longer than any window they are counted in.
INCIDENTS = dt.timedelta(days=7)


def prune() -> dict[str, int]:
    """Deletes what is past its time; gives the number of rows by kind."""
    now = timezone.now()
    return {
        "nonces": Nonce.objects.filter(seen_at__lt=now - NONCES).delete()[0],
        "flows": Flow.objects.filter(expires_at__lt=now - FLOWS).delete()[0],
        "events": Event.objects.filter(at__lt=now - EVENTS).delete()[0],
        "incidents": Incident.objects.filter(at__lt=now - INCIDENTS).delete()[0],
        "audit entries": AuditEntry.objects.filter(at__lt=now - AUDIT).delete()[0],
    }
