"""The clock and the fetches it starts. A task takes ids, calls one service, and decides on coming back."""

from __future__ import annotations

import logging

from celery import shared_task
from django.utils import timezone

from connections.services import schedule
from statements.models import SyncRun
from statements.services import sync

log = logging.getLogger(__name__)


@shared_task
def fetch_due() -> int:
    """Claims every connection that is due and starts a fetch for each; gives how many that were."""
    count = 0
    while ids := schedule.claim_due(timezone.now()):
        woken = schedule.take_woken(ids)
        for connection_id in ids:
            sync_connection.delay(
                connection_id, SyncRun.Trigger.EVENT if connection_id in woken else SyncRun.Trigger.CLOCK
            )
        count += len(ids)
    return count


@shared_task
def sync_connection(connection_id: int, trigger: str) -> None:
    """Fetches one connection; comes back by itself when the provider is still reading from the bank."""
    outcome = sync.sync_connection(connection_id, trigger)
    if outcome.retry_at is not None:
        sync_connection.apply_async((connection_id, trigger), eta=outcome.retry_at)
