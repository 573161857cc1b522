"""An empty fetch says why, through the real proxy."""

from __future__ import annotations

import pytest

from connections import wording
from connections.models import Account
from statements.models import SyncRun
from statements.services import runs
from tests.factories import make_user
from tests.feed.pretend import PERSON, FarSide, connected
from tests.feed.test_fetching import fetch

pytestmark = pytest.mark.django_db


def test_c19_a_person_is_told_that_there_are_only_pending_ones_and_the_clock_does_not_ask(far: FarSide) -> None:
    connection = connected(far, "Pending Tips Bank")
    fetch(connection)
    assert fetch(connection).reason == "nothing_new"
    runs.request(connection, SyncRun.Trigger.PERSON, person=make_user(), end_user=PERSON)
    assert fetch(connection).reason == "only_pending"


def test_c19_a_connection_that_shows_no_account_says_so(far: FarSide) -> None:
    connection = connected(far, "Quiet Bank")
    Account.objects.all().delete()
    assert fetch(connection).reason == "no_account_authorised"


@pytest.mark.parametrize(
    "code",
    [
        "nothing_new",
        "still_fetching",
        "rate_limited",
        "user_present",
        "consent_expired",
        "only_pending",
        "no_account_authorised",
        "no_account_linked",
        "before_first_day",
        "account_closed",
    ],
)
def test_c19_every_reason_of_an_empty_fetch_is_a_sentence(code: str) -> None:
    said = wording.reason(code)
    assert said.endswith(".")
    assert code not in said
