"""One run at a time, one worker per run, one reason at the end."""

from __future__ import annotations

import datetime as dt

import pytest
from django.conf import settings
from django.db import IntegrityError
from django.db import transaction as database
from django.utils import timezone

from connections.models import ChatterEntry, Connection
from connections.services.schedule import FIRST_PAUSE, LONGEST_PAUSE, SPREAD, pause, spread
from providers.errors import InstitutionDown, RateLimited
from providers.types import EndUser
from statements.models import AccountRun, SyncRun
from statements.services import runs
from statements.services.runs import HeldRun, LeaseLost
from tests.factories import make_account, make_connection, make_run, make_user

pytestmark = pytest.mark.django_db
PERSON = EndUser(ip="192.0.2.7", agent="Firefox")


def take(connection: Connection, *, now: dt.datetime | None = None) -> HeldRun:
    held = runs.take(connection, SyncRun.Trigger.CLOCK, now=now or timezone.now())
    assert held is not None
    return held


def after_the_lease() -> dt.datetime:
    return timezone.now() + dt.timedelta(seconds=settings.RUN_LEASE_SECONDS + 1)


def test_a_persons_click_asks_for_a_run_with_their_address_and_claims_the_connection() -> None:
    connection = make_connection()
    person = make_user(company=connection.company)
    run = runs.request(connection, SyncRun.Trigger.PERSON, person=person, end_user=PERSON)
    connection.refresh_from_db()
    assert (run.state, run.person, run.user_ip, run.user_agent) == ("queued", person, "192.0.2.7", "Firefox")
    assert connection.claimed_until is not None
    assert connection.claimed_until > timezone.now()


def test_a_second_click_joins_the_run_that_is_under_way() -> None:
    connection = make_connection()
    person = make_user()
    first = runs.request(connection, SyncRun.Trigger.PERSON, person=person, end_user=PERSON)
    assert runs.request(connection, SyncRun.Trigger.PERSON, person=person, end_user=PERSON) == first
    held = take(connection)
    assert held.run == first
    assert runs.request(connection, SyncRun.Trigger.PERSON, person=person, end_user=PERSON) == first


def test_the_database_refuses_a_second_open_run() -> None:
    connection = make_connection()
    make_run(connection, state="running", finished_at=None, reason="")
    with pytest.raises(IntegrityError), database.atomic():
        make_run(connection, state="queued", finished_at=None, reason="")


def test_the_database_refuses_a_finished_run_without_a_reason() -> None:
    with pytest.raises(IntegrityError), database.atomic():
        make_run(state="done", reason="")


def test_a_run_that_is_being_read_is_not_taken_again() -> None:
    connection = make_connection()
    take(connection)
    assert runs.take(connection, SyncRun.Trigger.CLOCK, now=timezone.now()) is None


def test_c25_a_run_whose_worker_fell_silent_is_taken_over_and_the_old_worker_can_no_longer_write() -> None:
    connection = make_connection()
    old = take(connection)
    AccountRun.objects.create(run=old.run, account=make_account(connection), reason="new_lines", seen=5, new=5)
    new = take(connection, now=after_the_lease())
    assert new.run != old.run
    old.run.refresh_from_db()
    assert (old.run.state, old.run.reason, old.run.new) == ("abandoned", "worker_stopped", 5)
    assert ChatterEntry.objects.filter(connection=connection, code="run_abandoned").count() == 1
    with pytest.raises(LeaseLost):
        runs.keep(old)
    with pytest.raises(LeaseLost):
        runs.finish(old, reason="nothing_new", now=timezone.now())
    runs.keep(new)


def test_a_sign_of_life_keeps_the_run() -> None:
    connection = make_connection()
    held = take(connection, now=timezone.now() - dt.timedelta(seconds=settings.RUN_LEASE_SECONDS - 5))
    runs.keep(held, pages=1, seen=500)
    assert runs.take(connection, SyncRun.Trigger.CLOCK, now=timezone.now() + dt.timedelta(seconds=30)) is None
    held.run.refresh_from_db()
    assert (held.run.pages, held.run.seen) == (1, 500)


def test_a_waiting_run_is_taken_up_again_as_the_same_run() -> None:
    connection = make_connection()
    held = take(connection)
    runs.wait(held, timezone.now() + dt.timedelta(seconds=5))
    again = take(connection)
    assert again.run == held.run
    assert again.lease != held.lease


def test_a_finished_run_has_its_accounts_counts_and_forgets_who_sat_there() -> None:
    connection = make_connection(failures=3)
    runs.request(connection, SyncRun.Trigger.PERSON, person=make_user(), end_user=PERSON)
    held = take(connection)
    for new in (2, 3):
        AccountRun.objects.create(
            run=held.run, account=make_account(connection), reason="new_lines", seen=new + 10, new=new, known=10
        )
    now = timezone.now()
    run = runs.finish(held, reason="new_lines", now=now)
    assert (run.state, run.seen, run.new, run.known) == ("done", 25, 5, 20)
    assert (run.user_ip, run.user_agent) == (None, "")
    connection.refresh_from_db()
    assert (connection.failures, connection.claimed_until, connection.last_success_at) == (0, None, now)
    entry = ChatterEntry.objects.get(connection=connection, code="run")
    assert (entry.facts["new"], entry.facts["trigger"]) == (5, "person")


def test_the_next_fetch_is_an_interval_later_and_spread() -> None:
    connection = make_connection()
    now = timezone.now()
    runs.finish(take(connection), reason="nothing_new", now=now)
    connection.refresh_from_db()
    assert connection.next_fetch_at == now + dt.timedelta(hours=12) + spread(connection.pk)


def test_a_thousand_connections_made_in_one_minute_are_not_fetched_in_one() -> None:
    offsets = sorted(spread(connection_id) for connection_id in range(1, 1001))
    per_minute = [sum(1 for offset in offsets if offset // dt.timedelta(minutes=1) == minute) for minute in range(30)]
    assert min(offsets) >= dt.timedelta(0)
    assert max(offsets) < SPREAD
    assert max(per_minute) < 50


def test_failures_are_tried_again_after_a_growing_pause_with_a_cap() -> None:
    pauses = [pause(failures) for failures in (1, 2, 3, 4, 50)]
    for shorter, longer in zip(pauses[:3], pauses[1:4], strict=True):
        assert shorter < longer
    assert FIRST_PAUSE * 0.75 <= pauses[0] <= FIRST_PAUSE
    assert LONGEST_PAUSE * 0.75 <= pauses[-1] <= LONGEST_PAUSE


def test_a_failed_run_says_why_and_comes_back() -> None:
    connection = make_connection()
    now = timezone.now()
    run = runs.fail(take(connection), InstitutionDown(reference="7F3K-21QX"), now=now)
    assert (run.state, run.reason, run.error_reference) == ("failed", "institution_down", "7F3K-21QX")
    connection.refresh_from_db()
    assert connection.failures == 1
    assert connection.claimed_until is None
    assert connection.next_fetch_at is not None
    assert now < connection.next_fetch_at <= now + FIRST_PAUSE


def test_a_failure_with_a_time_to_come_back_is_tried_then() -> None:
    connection = make_connection()
    then = timezone.now() + dt.timedelta(hours=3)
    runs.fail(take(connection), RateLimited(retry_at=then), now=timezone.now())
    connection.refresh_from_db()
    assert connection.next_fetch_at == then
