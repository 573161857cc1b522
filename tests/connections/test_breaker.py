"""What is down for everyone is noticed once, asked again with one connection, and over with the first answer."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from connections.models import Connection, Institution, Outage
from connections.services import breaker, schedule
from providers.errors import (
    ConsentExpired,
    FeedError,
    InstitutionDown,
    ProviderDown,
    ProxyUnreachable,
    UnknownProviderError,
    Unreachable,
)
from providers.types import ProviderErrorData
from tests.factories import make_company, make_connection, make_institution

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def several(count: int = 6, *, institution: Institution | None = None, provider: str = "ponto") -> list[Connection]:
    institution = institution or make_institution(provider=provider)
    company = make_company()
    due = NOW - dt.timedelta(minutes=1)
    return [make_connection(company, institution=institution, next_fetch_at=due) for _ in range(count)]


def fail(connections: list[Connection], error: FeedError | None = None, *, now: dt.datetime = NOW) -> Outage | None:
    outage = None
    for connection in connections:
        outage = breaker.note_failure(connection, error or ProviderDown(), now)
    return outage


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ProviderDown(), "provider"),
        (Unreachable(), "provider"),
        (ProxyUnreachable(), "proxy"),
        (InstitutionDown(), "institution"),
    ],
)
def test_three_connections_that_fail_in_a_row_are_believed(error: FeedError, kind: str) -> None:
    connections = several()
    assert fail(connections[:2], error) is None
    outage = fail(connections[2:3], error)
    assert outage is not None
    assert (outage.kind, outage.since) == (kind, NOW)
    assert breaker.stands_in_way(connections[5]) == outage


def test_one_connection_that_fails_again_and_again_speaks_for_itself_alone() -> None:
    (connection,) = several(1)
    assert fail([connection] * 20) is None


def test_failures_that_lie_far_apart_are_not_counted_together() -> None:
    connections = several(3)
    fail(connections[:2], now=NOW - dt.timedelta(hours=1))
    assert fail(connections[2:]) is None


def test_an_answer_in_between_begins_the_count_anew() -> None:
    connections = several(6)
    fail(connections[:2])
    breaker.note_answer(connections[5], NOW)
    assert fail(connections[2:4]) is None


def test_errors_that_concern_one_connection_open_nothing() -> None:
    assert fail(several(6), ConsentExpired()) is None
    assert not Outage.objects.exists()


def test_another_provider_and_another_bank_go_on() -> None:
    down, other = several(3), several(3, provider="plaid")
    fail(down)
    assert breaker.stands_in_way(other[0]) is None
    assert breaker.put_aside_due(NOW) == 3
    assert set(schedule.claim_due(NOW)) == {connection.pk for connection in other}


def test_a_bank_that_is_down_leaves_the_providers_other_banks_alone() -> None:
    down, other = several(3), several(2)
    fail(down, InstitutionDown())
    breaker.put_aside_due(NOW)
    assert set(schedule.claim_due(NOW)) == {connection.pk for connection in other}


def test_one_connection_at_a_time_asks_for_all_after_growing_pauses() -> None:
    connections = several(20)
    fail(connections[:3])
    assert breaker.put_aside_due(NOW) == 20
    assert breaker.probes(NOW) == []
    now, asked = NOW, []
    while now < NOW + dt.timedelta(hours=6):
        now += dt.timedelta(seconds=20)
        for pk in breaker.probes(now):
            asked.append(now)
            assert schedule.claim_due(now) == []
            probing = Connection.objects.get(pk=pk)
            assert breaker.stands_in_way(probing) is None
            outage = fail([probing], now=now)
            assert outage is not None
            schedule.after_failure(probing, ProviderDown(), now, outage=outage)
    pauses = [later - earlier for earlier, later in zip(asked, asked[1:], strict=False)]
    assert 12 <= len(asked) <= 20
    assert pauses[0] < dt.timedelta(minutes=3)
    assert dt.timedelta(minutes=20) < pauses[-1] <= dt.timedelta(minutes=31)
    assert set(Connection.objects.values_list("failures", flat=True)) == {0}


def test_two_clocks_send_one_probe() -> None:
    fail(several(3))
    breaker.put_aside_due(NOW)
    later = NOW + dt.timedelta(minutes=5)
    assert [len(breaker.probes(later)), len(breaker.probes(later))] == [1, 0]


@pytest.mark.parametrize("said", [None, ConsentExpired(provider=ProviderErrorData(code="ITEM_LOGIN_REQUIRED"))])
def test_the_first_answer_of_any_kind_ends_it_and_what_waited_is_due_spread_out(said: FeedError | None) -> None:
    connections = several(120)
    fail(connections[:3])
    breaker.put_aside_due(NOW)
    if said is None:
        breaker.note_answer(connections[50], NOW)
    else:
        breaker.note_failure(connections[50], said, NOW)
    assert not Outage.objects.exists()
    assert not Connection.objects.filter(waits_for__isnull=False).exists()
    due = [Connection.objects.due(NOW + breaker.RESUMED_OVER * part / 4).count() for part in range(5)]
    assert 0 < due[0] < 10
    assert all(20 < later - earlier < 40 for earlier, later in zip(due, due[1:], strict=False))
    assert due[4] == 120


def test_an_error_in_the_proxys_own_words_does_not_say_that_the_provider_answers() -> None:
    connections = several(4)
    fail(connections[:3])
    breaker.note_failure(connections[3], UnknownProviderError(), NOW)
    assert Outage.objects.standing().count() == 1


def test_what_was_queued_before_is_put_aside_when_its_turn_comes() -> None:
    connections = several(5)
    schedule.claim_due(NOW)
    fail(connections[:3])
    assert not schedule.is_its_turn(connections[4].pk, NOW)
    stored = Connection.objects.get(pk=connections[4].pk)
    assert (stored.claimed_until, stored.is_due) == (None, False)
    assert stored.waits_for == Outage.objects.get()


def test_an_outage_that_ended_in_the_same_moment_keeps_nobody_waiting() -> None:
    connections = several()
    outage = fail(connections[:3])
    assert outage is not None
    breaker.note_answer(connections[4], NOW)
    breaker.put_aside(connections[3], outage)
    row = Connection.objects.get(pk=connections[3].pk)
    assert (row.waits_for, row.claimed_until) == (None, None)
    assert row.pk in set(Connection.objects.due(NOW).values_list("pk", flat=True))


def test_what_was_fetched_meanwhile_is_not_fetched_again() -> None:
    (connection,) = several(1)
    assert schedule.is_its_turn(connection.pk, NOW)
    schedule.after_success(connection, NOW)
    assert not schedule.is_its_turn(connection.pk, NOW)
    assert not schedule.is_its_turn(0, NOW)
