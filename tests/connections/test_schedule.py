"""What is due is claimed once, however many workers look."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection as database
from django.utils import timezone
from pytest_django.fixtures import Settings

from connections.models import Connection
from connections.services import schedule
from tests.factories import make_company, make_connection, make_institution

NOW = timezone.now()


def make_many(count: int, *, due_at: Callable[[int], dt.datetime]) -> None:
    """Connections of one company to one bank; ``due_at`` gives when each is due, by its number."""
    company, institution = make_company(), make_institution()
    Connection.objects.bulk_create(
        Connection(
            company=company,
            institution=institution,
            provider="plaid",
            reference=f"r{number}",
            status="connected",
            next_fetch_at=due_at(number),
        )
        for number in range(count)
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "is_claimed"),
    [
        pytest.param({}, True, id="due"),
        pytest.param({"next_fetch_at": NOW + dt.timedelta(minutes=1)}, False, id="not yet due"),
        pytest.param({"next_fetch_at": None}, False, id="never scheduled"),
        pytest.param({"is_automatic": False}, False, id="automatic synchronization is off"),
        pytest.param({"status": "action_required"}, False, id="waits for a person"),
        pytest.param({"status": "disconnected"}, False, id="disconnected"),
        pytest.param({"claimed_until": NOW + dt.timedelta(minutes=1)}, False, id="another worker has it"),
        pytest.param({"claimed_until": NOW - dt.timedelta(minutes=1)}, True, id="its worker died"),
    ],
)
def test_what_the_clock_claims(fields: dict[str, Any], is_claimed: bool) -> None:
    connection = make_connection(**{"next_fetch_at": NOW - dt.timedelta(minutes=1), **fields})
    assert schedule.claim_due(NOW) == ([connection.pk] if is_claimed else [])


@pytest.mark.django_db
def test_what_is_claimed_is_not_claimed_again_until_the_lease_ends() -> None:
    connection = make_connection()
    now = timezone.now()
    assert schedule.claim_due(now) == [connection.pk]
    assert schedule.claim_due(now + dt.timedelta(seconds=10)) == []
    assert schedule.claim_due(now + dt.timedelta(hours=1)) == [connection.pk]


@pytest.mark.django_db
def test_the_longest_overdue_come_first_and_a_batch_is_bounded() -> None:
    hours = [3, 1, 2]
    late = {hour: make_connection(next_fetch_at=NOW - dt.timedelta(hours=hour)).pk for hour in hours}
    assert schedule.claim_due(NOW, limit=2) == [late[3], late[2]]


@pytest.mark.django_db(transaction=True)
def test_many_workers_claim_each_connection_once() -> None:
    make_many(200, due_at=lambda _number: NOW)

    def work(_worker: int) -> list[int]:
        try:
            claimed: list[int] = []
            while ids := schedule.claim_due(NOW, limit=7):
                claimed += ids
            return claimed
        finally:
            database.close()

    with ThreadPoolExecutor(4) as pool:
        claimed = [pk for ids in pool.map(work, range(4)) for pk in ids]
    assert len(claimed) == len(set(claimed)) == 200


@pytest.mark.django_db
def test_a_claim_does_not_step_over_what_is_not_due() -> None:
    make_many(3000, due_at=lambda number: NOW + dt.timedelta(hours=1, minutes=number))
    with database.cursor() as cursor:
        cursor.execute("ANALYZE")
    unclaimed = Connection.objects.due(NOW).filter(claimed_until__isnull=True)
    assert "connection_due" in unclaimed.order_by("next_fetch_at")[:100].explain()


@pytest.mark.django_db
def test_what_waits_in_the_queue_is_as_much_as_the_workers_can_begin(settings: Settings) -> None:
    settings.FETCHES_QUEUED = 5
    for _ in range(8):
        make_connection(next_fetch_at=NOW)
    assert schedule.room(NOW) == 5
    schedule.claim_due(NOW, limit=schedule.room(NOW))
    assert schedule.room(NOW) == 0
    assert schedule.room(NOW + dt.timedelta(hours=1)) == 5
