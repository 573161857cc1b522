"""The clock and the fetches it starts. A task takes ids, calls one service, and decides on coming back."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from connections.services import breaker, heartbeat, schedule
from statements.models import SyncRun
from statements.services import runs, searching, sync

# How many connections are claimed by one statement.
BATCH = 100
# Whoever clicked does not wait behind what the clock has queued.
PEOPLE = "people"


@shared_task
def fetch_due() -> int:
    """Claims what is due, as far as the workers keep up, and starts a fetch for each; gives how many that were."""
    now = timezone.now()
    heartbeat.tick(now)
    breaker.put_aside_due(now)
    count = 0
    for connection_id in breaker.probes(now):
        sync_connection.delay(connection_id, SyncRun.Trigger.CLOCK)
        count += 1
    while ids := schedule.claim_due(now, limit=min(schedule.room(now), BATCH)):
        woken = schedule.take_woken(ids)
        for connection_id in ids:
            sync_connection.delay(
                connection_id, SyncRun.Trigger.EVENT if connection_id in woken else SyncRun.Trigger.CLOCK
            )
        count += len(ids)
    return count


@shared_task
def sync_connection(connection_id: int, trigger: str) -> None:
    """Fetches one connection; comes back by itself when the provider is still reading from the bank.

    What the clock asked for is looked at once more: it may have waited in the queue for long.
    """
    is_begun = trigger not in SyncRun.BY_ITSELF or runs.is_open(connection_id)
    is_news = trigger == SyncRun.Trigger.EVENT
    if not is_begun and not schedule.is_its_turn(connection_id, timezone.now(), is_news=is_news):
        return
    outcome = sync.sync_connection(connection_id, trigger)
    if outcome.retry_at is not None:
        queue = settings.CELERY_TASK_DEFAULT_QUEUE if trigger in SyncRun.BY_ITSELF else PEOPLE
        sync_connection.apply_async((connection_id, trigger), eta=outcome.retry_at, queue=queue)


@shared_task
def search_bank(search_id: int) -> None:
    """Asks a bank what it has, for a person who looks for what the books lack."""
    searching.run(search_id)


@shared_task
def forget_searches() -> int:
    """What banks said to those who looked for something is kept for a day; gives how many answers are gone."""
    return searching.forget_old(timezone.now())
