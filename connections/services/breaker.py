"""Notices that the proxy, a provider or a bank is down for everyone, once, and asks it again with one connection.

What fails for several connections in a row without any answer in between is not theirs to report. From then on the
clock leaves all connections that need it alone, but for one that asks for all of them after a growing pause; a person
may always try. The first answer to anybody ends it, and what waited becomes due again, spread.
"""

from __future__ import annotations

import datetime as dt
import logging
import random

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Mod

from connections.models import Connection, Outage
from providers.errors import FeedError

log = logging.getLogger(__name__)
Kind = Outage.Kind

# So many different connections must fail, within so long, before it is believed to be down for everyone.
BELIEVED_FROM = 3
WITHIN = dt.timedelta(minutes=15)
# Between two questions: doubled each time, up to the longest, and drawn so that many installations do not meet.
FIRST_PAUSE = dt.timedelta(minutes=1)
LONGEST_PAUSE = dt.timedelta(minutes=30)
# What waited is due again over so long, in so many steps.
RESUMED_OVER = dt.timedelta(minutes=10)
STEPS = 60
_BATCH = 1000

# Which failure says what is down.
_SAYS: dict[str, str] = {
    "proxy_unreachable": Kind.PROXY,
    "unreachable": Kind.PROVIDER,
    "provider_down": Kind.PROVIDER,
    "institution_down": Kind.INSTITUTION,
}
# Failures of our own, which say nothing of the other side.
_SAYS_NOTHING = frozenset({"internal", "client_disconnected"})


def note_failure(connection: Connection, error: FeedError, now: dt.datetime) -> Outage | None:
    """Counts a failure that may concern more than this connection, and takes what it proves to answer for well.

    Gives the outage that this failure belongs to if one stands now. Must not be called inside a transaction that
    holds the connection's row.
    """
    _end_what_answers(connection, _proven_by(error), now)
    kind = _SAYS.get(error.code)
    if kind is None:
        return None
    with transaction.atomic():
        # Locked as it is found: else somebody could end it in between.
        outage, _is_new = Outage.objects.select_for_update().get_or_create(
            kind=kind, subject=_subject(connection, kind), defaults={"first_failed_at": now}
        )
        _count(outage, connection, now)
        outage.save()
    return outage if outage.since else None


def note_answer(connection: Connection, now: dt.datetime) -> None:
    """The connection was read: everything it needs answers again."""
    _end_what_answers(connection, {Kind.PROXY, Kind.PROVIDER, Kind.INSTITUTION}, now)


def stands_in_way(connection: Connection) -> Outage | None:
    """The outage for which the clock should leave this connection alone; none for the one that asks for all."""
    standing = Outage.objects.standing().filter(_of(connection)).exclude(probing=connection.pk)
    return standing.order_by("pk").first()


def is_asking_for_all(connection: Connection) -> bool:
    """Whether this connection is the one by which the clock asks whether an outage is over."""
    return Outage.objects.standing().filter(_of(connection), probing=connection.pk).exists()


def put_aside(connection: Connection, outage: Outage) -> None:
    """Lets a connection wait until the outage is over; if that was a moment ago, for nothing.

    It stays due since when it was.
    """
    with transaction.atomic():
        Connection.objects.filter(pk=connection.pk).update(waits_for=hold(outage), claimed_until=None)


def put_aside_due(now: dt.datetime) -> int:
    """Lets everything that is due and concerned by an outage wait for its end; gives how many that were."""
    count = 0
    for outage in Outage.objects.standing().order_by("pk"):
        while ids := _set_aside(outage, now):
            count += len(ids)
    return count


def probes(now: dt.datetime) -> list[int]:
    """One connection for each outage that should be asked again now, claimed; whoever calls it next gets none.

    Any that waits will do, so that one with a trouble of its own does not keep all the others waiting.
    """
    found = []
    for outage in Outage.objects.standing().filter(probe_at__lte=now):
        waiting = list(outage.waiting.on_clock().values_list("pk", flat=True)[:_BATCH])
        if not waiting:
            continue
        chosen, probes = random.choice(waiting), outage.probes + 1  # noqa: S311
        mine = Outage.objects.filter(pk=outage.pk, probe_at=outage.probe_at, since__isnull=False)
        if mine.update(probing=chosen, probes=probes, probe_at=now + pause(probes + 1)):
            lease = now + dt.timedelta(seconds=settings.RUN_LEASE_SECONDS)
            Connection.objects.filter(pk=chosen).update(waits_for=None, claimed_until=lease)
            found.append(chosen)
    return found


def hold(outage: Outage) -> Outage | None:
    """Holds an outage, so that nobody ends it before this transaction does; ``None`` for one that is over.

    Held before any connection is: whoever ends one does it in the same order.
    """
    return Outage.objects.select_for_update().filter(pk=outage.pk).first()


def pause(probes: int) -> dt.timedelta:
    """How long to wait before the question with this number: growing, capped, drawn."""
    longest = min(FIRST_PAUSE * 2 ** min(probes - 1, 16), LONGEST_PAUSE)
    return longest * random.uniform(0.75, 1.0)  # noqa: S311


def _set_aside(outage: Outage, now: dt.datetime) -> list[int]:
    with transaction.atomic():
        if hold(outage) is None:
            return []
        due = Connection.objects.due(now).filter(outage.concerned).exclude(pk=outage.probing or 0)
        ids = list(due.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)[:_BATCH])
        Connection.objects.filter(pk__in=ids).update(waits_for=outage)
    return ids


def _count(outage: Outage, connection: Connection, now: dt.datetime) -> None:
    if outage.since is not None:
        return
    if outage.first_failed_at < now - WITHIN:
        outage.first_failed_at, outage.failed = now, []
    if connection.pk not in outage.failed:
        outage.failed = [*outage.failed, connection.pk]
    if len(outage.failed) >= BELIEVED_FROM:
        outage.since, outage.probe_at = outage.first_failed_at, now + pause(1)
        log.warning("%s does not answer: the clock asks it with one connection at a time", outage)


def _end_what_answers(connection: Connection, kinds: set[str], now: dt.datetime) -> None:
    for found in Outage.objects.filter(_of(connection), kind__in=kinds).order_by("pk"):
        with transaction.atomic():
            outage = hold(found)
            if outage is None:
                continue
            if outage.since is not None:
                log.warning("%s answers again", outage)
                _resume(outage, now)
            outage.delete()


def _resume(outage: Outage, now: dt.datetime) -> None:
    """Makes due again what waited, in even steps. Few statements, however many wait."""
    for step in range(STEPS):
        part = outage.waiting.alias(step=Mod(F("pk"), STEPS)).filter(step=step)
        part.update(waits_for=None, next_fetch_at=now + RESUMED_OVER * step / STEPS)


def _proven_by(error: FeedError) -> set[str]:
    """What answered, though with a failure."""
    if error.code == "proxy_unreachable" or error.code in _SAYS_NOTHING:
        return set()
    if error.code in {"unreachable", "provider_down"}:
        return {Kind.PROXY}
    return {Kind.PROXY, Kind.PROVIDER} if error.provider is not None else {Kind.PROXY}


def _of(connection: Connection) -> Q:
    """The outages that concern a connection."""
    return (
        Q(kind=Kind.PROXY)
        | Q(kind=Kind.PROVIDER, subject=connection.provider)
        | Q(kind=Kind.INSTITUTION, subject=connection.institution.identifier)
    )


def _subject(connection: Connection, kind: str) -> str:
    if kind == Kind.PROXY:
        return ""
    return connection.provider if kind == Kind.PROVIDER else connection.institution.identifier
