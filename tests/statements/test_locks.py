"""Who meets at one connection takes its locks in one order: they wait for each other, and none is thrown out."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

import pytest
from django.conf import settings
from django.db import connection as database
from django.db import transaction
from django.utils import timezone

from connections.models import Connection, Outage
from connections.services import breaker
from providers.errors import InstitutionDown
from scripts.waiting import until
from statements.models import Journal, SyncRun
from statements.services import runs, takeover, undo
from statements.services.runs import HeldRun
from tests.factories import make_account, make_connection, make_journal, make_line, make_run, make_user

pytestmark = pytest.mark.django_db(transaction=True)
A = TypeVar("A")
B = TypeVar("B")

ENOUGH = 30
BLOCKED_BY_ME = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"


def meet(first: Callable[[], A], second: Callable[[], B]) -> tuple[A, B]:
    """Runs both at once: the second begins when the first holds its first row, the first goes on when that waits."""
    is_held = threading.Event()
    others: list[Future[B]] = []

    def pace(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        result = execute(sql, params, many, context)
        if "UPDATE" in sql and not is_held.is_set():
            is_held.set()
            until(lambda: others and (others[0].done() or _keeps_waiting()), ENOUGH, what="the second to wait")
        return result

    def paced() -> A:
        with database.execute_wrapper(pace):
            return first()

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(_alone, paced)
        until(lambda: is_held.is_set() or one.done(), ENOUGH, what="the first to hold something")
        others.append(pool.submit(_alone, second))
        return one.result(ENOUGH), others[0].result(ENOUGH)


def _keeps_waiting() -> bool:
    """Whether somebody waits for this transaction. Where one writer locks out all others, they wait in any case."""
    if database.vendor != "postgresql":
        return True
    with database.cursor() as cursor:
        cursor.execute(BLOCKED_BY_ME)
        return bool(cursor.fetchone()[0])


def _alone(work: Callable[[], A]) -> A:
    try:
        return work()
    finally:
        database.close()


def slow(connection: Connection) -> HeldRun:
    """A run whose worker has been silent for longer than its lease, and yet lives."""
    then = timezone.now() - dt.timedelta(seconds=settings.RUN_LEASE_SECONDS + 1)
    held = runs.take(connection, SyncRun.Trigger.CLOCK, now=then)
    assert held is not None
    return held


def take(connection: Connection) -> HeldRun | None:
    return runs.take(connection, SyncRun.Trigger.CLOCK, now=timezone.now())


def test_a_slow_worker_that_says_it_lives_keeps_its_run() -> None:
    connection = make_connection()
    held = slow(connection)

    def store() -> None:
        with transaction.atomic():
            runs.keep(held)

    assert meet(store, lambda: take(connection)) == (None, None)
    runs.keep(held)


def test_a_slow_worker_that_ends_well_makes_room_for_the_next() -> None:
    connection = make_connection()
    held = slow(connection)
    run, taken = meet(lambda: runs.finish(held, reason="nothing_new", now=timezone.now()), lambda: take(connection))
    assert (run.state, run.reason) == ("done", "nothing_new")
    assert taken is not None
    assert taken.run != run


def test_a_slow_worker_that_fails_makes_room_for_the_next() -> None:
    connection = make_connection()
    held = slow(connection)
    run, taken = meet(lambda: runs.fail(held, InstitutionDown(), now=timezone.now()), lambda: take(connection))
    assert run.state == "failed"
    assert taken is not None


def test_a_failure_joins_an_outage_while_another_connection_ends_it() -> None:
    held = slow(make_connection())
    connection = held.run.connection
    now = timezone.now()
    outage = Outage.objects.create(
        kind=Outage.Kind.PROVIDER, subject="plaid", first_failed_at=now, since=now, probe_at=now
    )
    Connection.objects.filter(pk=connection.pk).update(waits_for=outage)
    other = make_connection()
    run, _none = meet(
        lambda: runs.fail(held, InstitutionDown(), now=now, outage=outage),
        lambda: breaker.note_answer(other, now),
    )
    assert run.state == "failed"
    connection.refresh_from_db()
    assert connection.waits_for is None
    assert not Outage.objects.exists()


def test_a_fetch_is_undone_while_its_journal_is_taken_over() -> None:
    journal = make_journal(account=make_account())
    assert journal.account is not None
    run = make_run(journal.account.connection)
    make_line(journal, run=run)
    person = make_user(company=journal.company)

    def link() -> int:
        with transaction.atomic():
            quieted = takeover.quiet([journal], unless=None)
            Journal.objects.select_for_update().get(pk=journal.pk)
            return len(quieted)

    assert meet(link, lambda: undo.undo(run, person=person)) == (1, 1)
