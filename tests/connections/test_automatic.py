"""What takes a connection off the clock: the bank's own word, and errors that only a person can end."""

from __future__ import annotations

import pytest

from connections import wording
from connections.models import ChatterEntry, Connection
from connections.services import lifecycle
from providers.errors import (
    ConsentExpired,
    FeedError,
    InstitutionDown,
    InstitutionRetired,
    UserMustBePresent,
)
from tests.factories import make_connection

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            UserMustBePresent(),
            "Automatic synchronization is off: the bank can be read only while somebody is there.",
        ),
        (InstitutionRetired(), "Automatic synchronization is off: the provider no longer supports this bank."),
    ],
)
def test_an_error_the_clock_cannot_end_takes_the_connection_off_it(error: FeedError, sentence: str) -> None:
    connection = make_connection()
    for _ in range(2):
        lifecycle.note_failure(connection, error)
    stored = Connection.objects.get()
    assert (stored.is_automatic, stored.status) == (False, "connected")
    said = [wording.sentence(entry) for entry in ChatterEntry.objects.filter(code="automatic_off")]
    assert said == [sentence]


@pytest.mark.parametrize("error", [InstitutionDown(), ConsentExpired()])
def test_other_errors_leave_it_on_the_clock(error: FeedError) -> None:
    connection = make_connection()
    lifecycle.note_failure(connection, error)
    assert Connection.objects.get().is_automatic
