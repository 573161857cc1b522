"""Sync runs: asked for, taken by one worker at a time, ended with exactly one reason."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Sum
from django.utils import timezone

from companies.models import User
from connections.models import Connection, Outage
from connections.services import breaker, chatter, schedule
from providers.errors import FeedError
from providers.types import EndUser
from statements.models import SyncRun

State = SyncRun.State
_COUNTS = ("seen", "new", "known", "changed", "held", "skipped")


class LeaseLost(Exception):
    """Another worker took this run over; whoever gets this may write nothing more."""


@dataclass(frozen=True)
class HeldRun:
    """A run in the hands of one worker. ``lease`` is drawn at each taking: an older holder's no longer fits.

    ``is_continued`` says that it waited for the provider and goes on now.
    """

    run: SyncRun
    lease: str
    is_continued: bool = False


def request(connection: Connection, trigger: str, *, person: User, end_user: EndUser) -> SyncRun:
    """Asks for a fetch on behalf of a person; gives the run to watch.

    While a run is open, that one is given back. One whose worker died is closed, and a new one takes its place.
    """
    now = timezone.now()
    with transaction.atomic():
        row = Connection.objects.locked().get(pk=connection.pk)
        run = _open_run(row, now)
        if run is None:
            run = SyncRun.objects.create(
                connection=row,
                trigger=trigger,
                person=person,
                user_ip=end_user.ip or None,
                user_agent=end_user.agent[:300],
                lease_until=_lease_end(now),
            )
            schedule.claim(row, now)
    return run


def take(connection: Connection, trigger: str, *, now: dt.datetime) -> HeldRun | None:
    """Takes the connection's open run, or opens one; None while another worker has it."""
    lease = secrets.token_hex(16)
    try:
        with transaction.atomic():
            row = Connection.objects.locked().get(pk=connection.pk)
            run = _open_run(row, now)
            if run is not None and run.state == State.RUNNING:
                return None
            is_continued = run is not None and run.state == State.WAITING
            if run is None:
                run = SyncRun(connection=row, trigger=trigger)
            run.state, run.lease, run.lease_until, run.retry_at = State.RUNNING, lease, _lease_end(now), None
            run.save()
            schedule.extend_claim(row.pk, run.lease_until)
    except IntegrityError:
        # Where rows are not locked (SQLite), the constraint decides who was first.
        return None
    return HeldRun(run=run, lease=lease, is_continued=is_continued)


def is_open(connection_id: int) -> bool:
    """Whether a run of this connection has been asked for or is under way."""
    return SyncRun.objects.open().filter(connection_id=connection_id).exists()


@transaction.atomic
def keep(held: HeldRun, *, pages: int = 0, seen: int = 0) -> None:
    """Says that the worker lives, and how far it is. Raises ``LeaseLost``.

    Inside the transaction that stores lines it is the guard: a worker that was taken over stores nothing.
    """
    until = _lease_end(timezone.now())
    schedule.extend_claim(held.run.connection_id, until)
    mine = SyncRun.objects.filter(pk=held.run.pk, lease=held.lease, state=State.RUNNING)
    if not mine.update(lease_until=until, pages=F("pages") + pages, seen=F("seen") + seen):
        raise LeaseLost(f"run {held.run.pk} was taken over")


@transaction.atomic
def wait(held: HeldRun, until: dt.datetime) -> None:
    """Puts the run aside until the provider has read the bank. Raises ``LeaseLost``."""
    lease_until = _lease_end(until)
    schedule.extend_claim(held.run.connection_id, lease_until)
    mine = SyncRun.objects.filter(pk=held.run.pk, lease=held.lease, state=State.RUNNING)
    if not mine.update(state=State.WAITING, retry_at=until, lease_until=lease_until):
        raise LeaseLost(f"run {held.run.pk} was taken over")


def finish(held: HeldRun, *, reason: str, now: dt.datetime) -> SyncRun:
    """Ends a run that went well, with its reason; the next fetch is an interval away. Raises ``LeaseLost``."""
    with transaction.atomic():
        run = _close(held, State.DONE, reason=reason, now=now)
        schedule.after_success(run.connection, now)
        chatter.write(
            run.connection,
            "run",
            person=run.person,
            trigger=run.trigger,
            reason=reason,
            **{name: getattr(run, name) for name in _COUNTS},
        )
    return run


def fail(held: HeldRun, error: FeedError, *, now: dt.datetime, outage: Outage | None = None) -> SyncRun:
    """Ends a run that did not go well; the next fetch is a growing pause away, or when ``outage`` is over.

    Raises ``LeaseLost``.
    What was stored before the failure stays stored and counted.
    """
    with transaction.atomic():
        if outage is not None:
            breaker.hold(outage)
        run = _close(held, State.FAILED, reason=error.code, now=now, error=error)
        schedule.after_failure(run.connection, error, now, outage=outage)
    return run


def abandon(connection: Connection, *, reason: str, now: dt.datetime) -> None:
    """Puts down the open run of a connection, if there is one: its worker can write nothing more.

    Must be called inside a transaction.
    """
    run = SyncRun.objects.open().filter(connection=connection).select_related("connection").first()
    if run is not None:
        _abandon(run, reason=reason, now=now)


def _close(held: HeldRun, state: str, *, reason: str, now: dt.datetime, error: FeedError | None = None) -> SyncRun:
    connection = Connection.objects.locked().get(pk=held.run.connection_id)
    run = SyncRun.objects.select_for_update(of=("self",)).select_related("person").get(pk=held.run.pk)
    run.connection = connection
    if run.lease != held.lease or run.state != State.RUNNING:
        raise LeaseLost(f"run {held.run.pk} was taken over")
    sums = run.accounts.aggregate(**{name: Sum(name) for name in _COUNTS})
    for name in _COUNTS:
        setattr(run, name, sums[name] or 0)
    run.state, run.reason, run.finished_at = state, reason, now
    run.user_ip, run.user_agent = None, ""
    if error is not None:
        run.error_code, run.error_message = error.code, error.message
        run.error_action, run.error_reference = error.action, error.reference
    run.save()
    return run


def _open_run(connection: Connection, now: dt.datetime) -> SyncRun | None:
    """The run that holds this connection; one whose worker has been silent for too long is closed first."""
    run = SyncRun.objects.open().filter(connection=connection).first()
    if run is None or run.lease_until > now or run.state != State.RUNNING:
        return run
    _abandon(run, reason="worker_stopped", now=now)
    return None


def _abandon(run: SyncRun, *, reason: str, now: dt.datetime) -> None:
    sums = run.accounts.aggregate(**{name: Sum(name) for name in _COUNTS})
    SyncRun.objects.filter(pk=run.pk).update(
        state=State.ABANDONED,
        reason=reason,
        finished_at=now,
        user_ip=None,
        user_agent="",
        **{name: total or 0 for name, total in sums.items()},
    )
    chatter.write(run.connection, "run_abandoned", reason=reason)


def _lease_end(now: dt.datetime) -> dt.datetime:
    return now + dt.timedelta(seconds=settings.RUN_LEASE_SECONDS)
