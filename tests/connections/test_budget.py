"""The calls a bank allows in a day are counted, shown, and not all spent by the clock."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from connections.models import CallDay, Connection, Outage
from connections.services import budget, schedule
from providers.errors import RateLimited
from tests.factories import make_connection, make_institution
from tests.sessions import signed_in

pytestmark = pytest.mark.django_db
# Two hours before midnight in Brussels, three before in London.
EVENING = dt.datetime(2026, 11, 20, 21, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def limited(limit: int | None = 4, *, country: str = "BE", **fields: Any) -> Connection:
    bank = make_institution(country=country, capabilities={"refreshes_per_day": limit})
    return make_connection(institution=bank, **{"next_fetch_at": EVENING - HOUR, **fields})


def spend(connection: Connection, count: int, *, is_attended: bool = False, now: dt.datetime = EVENING) -> None:
    for _ in range(count):
        budget.spend(connection, now, is_attended=is_attended)


def test_calls_of_people_and_of_the_clock_are_counted_apart_and_leave_fewer() -> None:
    connection = limited()
    spend(connection, 1)
    spend(connection, 2, is_attended=True)
    stand = budget.of(connection, EVENING)
    assert (stand.unattended, stand.attended, stand.left, stand.next_at) == (1, 2, 1, None)


def test_a_call_that_is_given_back_is_left_again_and_no_more_than_were_made() -> None:
    connection = limited()
    spend(connection, 1)
    spend(connection, 2, is_attended=True)
    for _ in range(3):
        budget.give_back(connection, EVENING, is_attended=False)
    stand = budget.of(connection, EVENING)
    assert (stand.unattended, stand.attended, stand.left) == (0, 2, 2)


@pytest.mark.parametrize(("country", "hours"), [("BE", 2), ("GB", 3), ("US", 8), ("XX", 3)])
def test_a_day_is_one_of_the_bank(country: str, hours: int) -> None:
    connection = limited(country=country)
    spend(connection, 4)
    stand = budget.of(connection, EVENING)
    assert (stand.left, stand.next_at) == (0, EVENING + hours * HOUR)
    assert budget.of(connection, EVENING + hours * HOUR).left == 4
    spend(connection, 1, now=EVENING + hours * HOUR)
    assert CallDay.objects.count() == 2


@pytest.mark.parametrize(
    ("limit", "spent", "is_for_clock"), [(4, 2, True), (4, 3, False), (4, 4, False), (1, 0, True), (1, 1, False)]
)
def test_c27_the_clock_leaves_the_last_call_to_a_person(limit: int, spent: int, is_for_clock: bool) -> None:
    connection = limited(limit)
    spend(connection, spent)
    assert budget.of(connection, EVENING).is_for_clock == is_for_clock
    assert schedule.is_its_turn(connection.pk, EVENING) == is_for_clock
    if not is_for_clock:
        stored = Connection.objects.get()
        assert stored.next_fetch_at is not None
        assert EVENING + 2 * HOUR <= stored.next_fetch_at < EVENING + 3 * HOUR
        assert stored.claimed_until is None


def test_news_that_the_provider_has_already_is_read_whatever_is_left() -> None:
    connection = limited()
    spend(connection, 4)
    assert schedule.is_its_turn(connection.pk, EVENING, is_news=True)


def test_a_bank_without_a_limit_is_not_counted_against_one() -> None:
    connection = limited(None)
    spend(connection, 50)
    stand = budget.of(connection, EVENING)
    assert (stand.left, stand.is_for_clock, stand.next_at) == (None, True, None)


def test_a_limit_that_was_reached_is_kept_shown_and_obeyed() -> None:
    now = timezone.now()
    connection = limited(next_fetch_at=now)
    budget.note_limit(connection, RateLimited(retry_at=now + 2 * HOUR))
    assert not schedule.is_its_turn(connection.pk, now)
    stored = Connection.objects.get()
    assert stored.next_fetch_at is not None
    assert stored.next_fetch_at >= now + 2 * HOUR
    browser = signed_in(connection.company)
    page = browser.get(reverse("connection", args=[connection.pk]))
    assert "it can be fetched again at" in page.content.decode()
    assert page.context["budget"].next_at == now + 2 * HOUR
    browser.post(reverse("fetch", args=[connection.pk]))
    assert not connection.runs.exists()


def test_the_page_says_how_many_calls_are_left() -> None:
    connection = limited()
    spend(connection, 1, now=timezone.now())
    html = signed_in(connection.company).get(reverse("connection", args=[connection.pk])).content.decode()
    assert "Calls left today" in html
    assert "3 of 4" in html


def test_who_asks_for_all_in_an_outage_needs_no_call_of_its_own() -> None:
    connection = limited(4)
    spend(connection, 4)
    Outage.objects.create(
        kind=Outage.Kind.PROVIDER,
        subject=connection.provider,
        since=EVENING,
        first_failed_at=EVENING,
        probe_at=EVENING,
        probing=connection.pk,
    )
    assert schedule.is_its_turn(connection.pk, EVENING)
    Outage.objects.all().delete()
    assert not schedule.is_its_turn(connection.pk, EVENING)
