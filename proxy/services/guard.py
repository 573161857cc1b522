"""The guard: counts what an honest client hardly does, in a sliding window, and blocks a client that does it often.

Blocking asks for proof. What only the holder of a client's key can have sent, such as a signed request for another
client's connection, counts against it. What anyone can send who has read its id, a signature that does not verify,
never blocks: it is counted and told to the operator, or a stranger could lock every client out. A request that was
signed well but comes twice stands between: whoever sends it again has seen the traffic, so that only many different
ones count, and each of them once.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging

from django.conf import settings
from django.db.models import F, QuerySet, Sum
from django.utils import timezone

from providers.errors import ClientBlocked, RateLimited
from proxy.models import Client, Grant, Incident
from proxy.services import standing

log = logging.getLogger(__name__)
Kind = Incident.Kind


def note_reference(client: Client, reference: str) -> None:
    """A signed request for a connection, or a visit, that is not the caller's. Raises ``ClientBlocked`` for many.

    Those that are another client's count for more than those that are nobody's, which an old backup explains.
    """
    is_anothers = Grant.objects.filter(reference=reference).exists()
    kind = Kind.FOREIGN_REFERENCE if is_anothers else Kind.UNKNOWN_REFERENCE
    different = _different(client, kind, subject=reference)
    limit = settings.GUARD["foreign_references"] if is_anothers else settings.GUARD["unknown_references"]
    whose = "of another client" if is_anothers else "that the proxy does not know"
    _judge(client, different, limit=limit, why=f"asked for {different} different connections {whose}")


def note_replay(client: Client, nonce: str) -> None:
    """A well-signed request that was seen before. Raises ``ClientBlocked`` when many different ones come again."""
    different = _different(client, Kind.REPLAY, subject=nonce)
    _judge(client, different, limit=settings.GUARD["replays"], why=f"{different} different requests were sent again")


def note_attempt(client: Client) -> None:
    """A new visit to a bank's page. Raises ``RateLimited`` for too many, and ``ClientBlocked`` when it goes on so."""
    now = timezone.now()
    attempts = _times(client, Kind.CONNECTION_ATTEMPT, now)
    _judge(client, attempts, limit=settings.GUARD["attempts_block"], why=f"tried to connect banks {attempts} times")
    if attempts > settings.GUARD["attempts"]:
        raise RateLimited(
            "Too many attempts to connect a bank within an hour: wait a while.", retry_at=now + dt.timedelta(minutes=15)
        )


def note_bad_signature(client: Client) -> None:
    """A request in this client's name that it did not sign. It is told to the operator and blocks nobody."""
    times = _times(client, Kind.BAD_SIGNATURE, timezone.now())
    if times == settings.GUARD["bad_signatures"]:
        log.error("client %s: %s requests in its name had a bad signature within a window", client.pk, times)


def _different(client: Client, kind: Incident.Kind, *, subject: str) -> int:
    """Counts one incident; gives how many different ones the window holds."""
    now = timezone.now()
    _keep(client, kind, subject=hashlib.sha256(subject.encode()).hexdigest(), now=now)
    return _in_window(client, kind, now).count()


def _times(client: Client, kind: Incident.Kind, now: dt.datetime) -> int:
    """Counts one more; gives how many the window holds. A row for each minute, whoever sends how many."""
    _keep(client, kind, subject=now.strftime("%Y-%m-%dT%H:%M"), now=now)
    return _in_window(client, kind, now).aggregate(all=Sum("times"))["all"] or 0


def _keep(client: Client, kind: Incident.Kind, *, subject: str, now: dt.datetime) -> None:
    same = Incident.objects.filter(client=client, kind=kind, subject=subject)
    if same.update(times=F("times") + 1, at=now):
        return
    # Of two at once, the second is not counted: the limits are not so sharp.
    Incident.objects.bulk_create([Incident(client=client, kind=kind, subject=subject, at=now)], ignore_conflicts=True)


def _in_window(client: Client, kind: Incident.Kind, now: dt.datetime) -> QuerySet[Incident]:
    return Incident.objects.filter(client=client, kind=kind, at__gt=now - settings.GUARD_WINDOW)


def _judge(client: Client, count: int, *, limit: int, why: str) -> None:
    if count < limit:
        return
    minutes = int(settings.GUARD_WINDOW.total_seconds() // 60)
    if standing.block(client, by="guard", why=f"{why} within {minutes} minutes"):
        log.error("client %s is blocked: %s", client.pk, why)
    raise ClientBlocked()
