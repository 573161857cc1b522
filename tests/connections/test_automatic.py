"""What takes a connection off the clock: the bank's own word, and errors that only a person can end."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from connections.models import ChatterEntry, Connection
from connections.services import lifecycle, schedule
from providers.errors import (
    ConsentExpired,
    FeedError,
    InstitutionDown,
    InstitutionRetired,
    UserMustBePresent,
)
from tests.factories import make_connection, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("error", [UserMustBePresent(), InstitutionRetired()])
def test_what_the_clock_cannot_end_asks_for_it_to_be_switched_off_and_is_not_tried_again(error: FeedError) -> None:
    connection = make_connection(next_fetch_at=timezone.now())
    assert schedule.is_its_turn(connection.pk, timezone.now())
    lifecycle.note_failure(connection, error)
    stored = Connection.objects.get()
    # The setting is the person's: it is left alone, and the chatter has the button that switches it off.
    assert (stored.is_automatic, stored.status) == (True, "connected")
    assert ChatterEntry.objects.get(code="error").action == "disable_auto_sync"
    assert not schedule.claim_due(timezone.now() + dt.timedelta(days=30))
    assert not schedule.is_its_turn(connection.pk, timezone.now())


def test_a_person_who_was_there_is_offered_the_bank_s_own_step() -> None:
    connection = make_connection()
    lifecycle.note_failure(connection, UserMustBePresent(), is_attended=True)
    assert ChatterEntry.objects.get(code="error").action == "user_present"


def test_switched_on_once_more_the_clock_tries_again() -> None:
    connection = make_connection(next_fetch_at=timezone.now())
    lifecycle.note_failure(connection, UserMustBePresent())
    person = make_user(company=connection.company)
    schedule.change_automatic(connection, person, is_automatic=True, interval_hours=connection.interval_hours)
    assert schedule.claim_due(timezone.now()) == [connection.pk]


@pytest.mark.parametrize("error", [InstitutionDown(), ConsentExpired()])
def test_other_errors_leave_it_on_the_clock(error: FeedError) -> None:
    connection = make_connection()
    lifecycle.note_failure(connection, error)
    assert Connection.objects.get().is_automatic
