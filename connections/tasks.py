"""The connections app's part of the clock."""

from __future__ import annotations

import logging

from celery import shared_task
from django.utils import timezone

from connections import queries
from connections.models import ProxyRegistration
from connections.services import alarms, directory, ending, events, mailing, pruning, reminders, renewals
from providers.errors import FeedError

log = logging.getLogger(__name__)

# A look that waited this long in the queue is made by the next turn of the clock.
POLL_EXPIRES = 50


@shared_task
def update_directory() -> None:
    """Reads what changed in the directory of banks. A failure is tried again at the next turn of the clock."""
    try:
        directory.update()
    except FeedError as error:
        log.warning("the directory of banks was not read: %s", error, extra={"reference": error.reference})


@shared_task
def poll_events() -> int:
    """Starts a look at the proxy's events for every registered company; gives how many that were."""
    ids = list(events.listening().values_list("pk", flat=True))
    for registration_id in ids:
        poll_company_events.apply_async((registration_id,), expires=POLL_EXPIRES)
    return len(ids)


@shared_task
def poll_company_events(registration_id: int) -> None:
    """Takes in what happened to one company's connections. A failure is tried again at the next turn of the clock."""
    try:
        events.poll(ProxyRegistration.objects.get(pk=registration_id))
    except FeedError as error:
        log.warning("the events of registration %s were not read: %s", registration_id, error)


@shared_task
def settle_renewals() -> int:
    """Looks how the walks to the bank ended from which nobody came back; gives how many did. No mail waits for it."""
    return renewals.settle_open()


@shared_task
def prune() -> dict[str, int]:
    """Forgets what is past its time."""
    return pruning.prune(timezone.now())


@shared_task
def tell_people() -> int:
    """Looks for what people must be told of by e-mail, and sends it; gives how many mails left."""
    now = timezone.now()
    alarms.look(now)
    reminders.look(now)
    return mailing.send_all(now)


@shared_task
def end_superseded() -> int:
    """Tells providers of connections that newer ones took over, where that did not work at once; gives how many."""
    return sum(ending.end_superseded(connection) for connection in queries.not_ended())
