"""When each connection is fetched next, and who may fetch it now."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable

from django.conf import settings
from django.db import transaction

from companies.models import User
from connections.models import Connection, Outage, ProxyRegistration
from connections.services import breaker, budget, chatter
from providers.errors import ClientRefused, FeedError

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
        due = Connection.objects.due(now).select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)
        ids = list(due.filter(claimed_until__isnull=True).order_by("next_fetch_at")[:limit])
        if len(ids) < limit:
            ids += due.filter(claimed_until__lt=now).order_by("claimed_until")[: limit - len(ids)]
        Connection.objects.filter(pk__in=ids).update(claimed_until=until)
    return ids


def room(now: dt.datetime) -> int:
    """How many more connections may be claimed: what is claimed and what the workers can begin must stay in step.

    After hours without a clock everything is due. Claimed all at once, most of it would wait in the queue for longer
    than a claim lasts, be claimed again, and a person would wait behind it.
    """
    return max(settings.FETCHES_QUEUED - Connection.objects.filter(claimed_until__gt=now).count(), 0)


def wake(connection: Connection, now: dt.datetime) -> None:
    """Makes a connection due at once, for there is something new; also when it is being read just now.

    One that was never scheduled has no journal yet: there is nothing to fetch for.
    """
    scheduled = Connection.objects.filter(pk=connection.pk, next_fetch_at__isnull=False)
    scheduled.update(next_fetch_at=now, woken_at=now)


def take_woken(ids: Iterable[int]) -> set[int]:
    """Those of the claimed connections that are fetched because they were woken; from here on they no longer are."""
    woken = Connection.objects.filter(pk__in=list(ids), woken_at__isnull=False)
    found = set(woken.values_list("pk", flat=True))
    woken.filter(pk__in=found).update(woken_at=None)
    return found


def stop_automatic(connection: Connection, *, why: str) -> bool:
    """Takes a connection off the clock; gives whether it was on it.

    ``why`` is a code worded in ``connections.wording``.
    """
    with transaction.atomic():
        stopped = Connection.objects.filter(pk=connection.pk, is_automatic=True).update(is_automatic=False)
        if stopped:
            connection.is_automatic = False
            chatter.write(connection, "automatic_off", why=why)
    return bool(stopped)


def leave_to_people(connection: Connection, now: dt.datetime) -> None:
    """The clock no longer fetches a connection that it cannot read, whatever its setting is."""
    Connection.objects.filter(pk=connection.pk, refused_unattended_at__isnull=True).update(refused_unattended_at=now)


def change_automatic(connection: Connection, person: User, *, is_automatic: bool, interval_hours: int) -> None:
    """Puts a connection on the clock or takes it off, and says how often it is fetched; both go to the chatter.

    Another interval counts from the last fetch that went well. Nothing is written where nothing changes.
    """
    with transaction.atomic():
        row = Connection.objects.locked().get(pk=connection.pk)
        is_tried_again = is_automatic and row.refused_unattended_at is not None
        if row.is_automatic == is_automatic and row.interval_hours == interval_hours and not is_tried_again:
            return
        code = "automatic_on" if is_automatic else "automatic_off"
        chatter.write(row, code, person=person, why="person", hours=interval_hours)
        row.is_automatic, row.interval_hours = is_automatic, interval_hours
        if row.next_fetch_at and row.last_success_at and not row.failures and not row.woken_at:
            row.next_fetch_at = row.last_success_at + dt.timedelta(hours=interval_hours) + spread(row.pk)
        if is_tried_again:
            row.refused_unattended_at = None
        row.save(update_fields=["is_automatic", "interval_hours", "next_fetch_at", "refused_unattended_at"])


def claim(connection: Connection, now: dt.datetime) -> None:
    """Takes one connection for a person who asked; it is due at once should the worker die."""
    Connection.objects.filter(pk=connection.pk).update(
        next_fetch_at=now, claimed_until=now + dt.timedelta(seconds=settings.RUN_LEASE_SECONDS), woken_at=None
    )


def extend_claim(connection_id: int, until: dt.datetime) -> None:
    """Keeps a connection taken while it is being read."""
    Connection.objects.filter(pk=connection_id).update(claimed_until=until)


def after_success(connection: Connection, now: dt.datetime) -> dt.datetime:
    """The connection is due again an interval after ``now``, spread; gives that moment.

    One that was woken while it was read is due at once: what it was woken for may have come too late for this fetch.
    """
    next_at = now + dt.timedelta(hours=connection.interval_hours) + spread(connection.pk)
    row = Connection.objects.filter(pk=connection.pk)
    row.update(last_success_at=now, next_fetch_at=next_at, claimed_until=None, failures=0)
    return now if row.filter(woken_at__isnull=False).update(next_fetch_at=now) else next_at


def after_failure(
    connection: Connection, error: FeedError, now: dt.datetime, *, outage: Outage | None = None
) -> dt.datetime | None:
    """The connection is tried again after a growing pause, or when the proxy said; gives that moment.

    A failure that belongs to an outage, or to the whole company, is nobody's own: the connection waits for its end and
    is none the worse; then nothing is given.
    """
    if outage is not None:
        breaker.put_aside(connection, outage)
        return None
    if isinstance(error, ClientRefused):
        Connection.objects.filter(pk=connection.pk).update(next_fetch_at=now, claimed_until=None)
        return None
    failures = Connection.objects.values_list("failures", flat=True).get(pk=connection.pk) + 1
    next_at = error.retry_at or now + pause(failures)
    Connection.objects.filter(pk=connection.pk).update(
        next_fetch_at=max(next_at, now), claimed_until=None, failures=failures
    )
    return next_at


def is_its_turn(connection_id: int, now: dt.datetime, *, is_news: bool = False) -> bool:
    """Whether the clock should begin a fetch now that it asked for some time ago.

    Not where somebody else fetched meanwhile, nor while the proxy refuses the whole company or what it needs does not
    answer: then it waits for that. ``is_news``: the provider has read the bank by itself and told of it.
    """
    connection = Connection.objects.select_related("institution").filter(pk=connection_id).first()
    if connection is None or not (connection.is_automatic and connection.is_due):
        return False
    if connection.refused_unattended_at is not None:
        return False
    if ProxyRegistration.objects.refused().filter(company=connection.company_id).exists():
        Connection.objects.filter(pk=connection.pk).update(claimed_until=None)
        return False
    outage = breaker.stands_in_way(connection)
    if outage is not None:
        breaker.put_aside(connection, outage)
        return False
    # Who asks for all the others asks, whatever is left of the bank's day: an outage costs no connection a call.
    return is_news or breaker.is_asking_for_all(connection) or _is_paid_for(connection, now)


def _is_paid_for(connection: Connection, now: dt.datetime) -> bool:
    """Whether a call of the clock is left today; else it waits for the bank's next day, or until the bank said."""
    stand = budget.of(connection, now)
    is_limited = connection.limited_until is not None and connection.limited_until > now
    if not is_limited and stand.is_for_clock:
        return True
    next_at = connection.limited_until if is_limited and connection.limited_until else stand.day_ends
    Connection.objects.filter(pk=connection.pk).update(
        next_fetch_at=next_at + spread(connection.pk), claimed_until=None
    )
    return False


def spread(connection_id: int) -> dt.timedelta:
    """Where in the spread a connection stands: the same each time, and even over many (Knuth's multiplicative hash)."""
    return SPREAD * ((connection_id * 2_654_435_761) % 2**32) / 2**32


def pause(failures: int) -> dt.timedelta:
    """How long to wait after this many failures in a row: growing, capped, and drawn so that many do not meet."""
    longest = min(FIRST_PAUSE * 2 ** min(failures - 1, 16), LONGEST_PAUSE)
    return longest * random.uniform(0.75, 1.0)  # noqa: S311
