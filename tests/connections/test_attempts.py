"""A walk to the bank ends once, whoever sees its end first and whoever died over it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from companies.models import User
from connections.models import Connection, LinkAttempt, RenewalLink
from connections.services import attempts, renewals
from tests.factories import make_attempt, make_company, make_connection, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    return make_user(company=make_company())


@pytest.fixture
def connection(person: User) -> Connection:
    return make_connection(person.memberships.get().company)


def renewal_of(connection: Connection, person: User, **fields: object) -> LinkAttempt:
    return make_attempt(
        person,
        connection.company,
        connection=connection,
        institution=connection.institution,
        purpose="update",
        **fields,
    )


def test_what_ended_well_meanwhile_is_not_cancelled_by_a_page_that_is_older(
    person: User, connection: Connection
) -> None:
    seen = renewal_of(connection, person)
    LinkAttempt.objects.filter(pk=seen.pk).update(status="connected")
    attempts.cancel(seen)
    assert LinkAttempt.objects.get(pk=seen.pk).status == seen.status == "connected"


def test_a_renewal_whose_end_was_kept_before_a_crash_is_read_to_its_end(person: User, connection: Connection) -> None:
    attempt = renewal_of(connection, person, status="connected")
    RenewalLink.objects.create(
        connection=connection,
        person=person,
        digest="x",
        expires_at=timezone.now() + dt.timedelta(days=1),
        attempt=attempt,
    )
    assert renewals.settle_open() == 1
    attempt.refresh_from_db()
    assert attempt.status == "linked"
    assert renewals.settle_open() == 0
