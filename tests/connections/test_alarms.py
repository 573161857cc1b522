"""A feed that has died is told of once, again every week, and once more when it works."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from companies.models import Company, Membership
from connections import vigil, wording
from connections.models import ChatterEntry, Connection, Notice
from connections.services import alarms, heartbeat, mailing
from tests.connections.mails import mails_after
from tests.factories import make_company, make_connection, make_institution, make_user

pytestmark = pytest.mark.django_db
NOW = timezone.now()
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)


def tell(now: dt.datetime) -> list[Any]:
    return mails_after(alarms.look, now)


def company_with(*people: str) -> Company:
    company = make_company(name="Books Ltd")
    for email in people:
        make_user(email, company=company)
    return company


def connection_of(company: Company, *, hours: float = 37, bank: str = "Quiet Bank", **fields: Any) -> Connection:
    institution = make_institution(name=bank)
    return make_connection(company, institution=institution, last_success_at=NOW - hours * HOUR, **fields)


@pytest.mark.parametrize(
    ("fields", "is_silent"),
    [
        pytest.param({}, True, id="automatic and not fetched"),
        pytest.param({"status": "action_required"}, True, id="waits for a person"),
        pytest.param({"hours": 35}, False, id="fetched a day ago"),
        pytest.param({"is_automatic": False}, False, id="by hand"),
        pytest.param({"next_fetch_at": None}, False, id="feeds no journal"),
        pytest.param({"status": "disconnected"}, False, id="disconnected"),
        pytest.param({"status": "superseded"}, False, id="superseded"),
        pytest.param({"interval_hours": 168}, False, id="once a week"),
        pytest.param({"interval_hours": 168, "hours": 24 * 8 + 1}, True, id="once a week and not for eight days"),
    ],
)
def test_which_connections_are_silent(fields: dict[str, Any], is_silent: bool) -> None:
    connection = connection_of(make_company(), **fields)
    assert list(alarms.silent(NOW)) == ([connection] if is_silent else [])
    assert alarms.is_silent(connection, NOW) == is_silent


def test_one_that_was_never_fetched_counts_from_its_beginning() -> None:
    connection = make_connection(last_success_at=None)
    Connection.objects.update(created_at=NOW - 37 * HOUR)
    assert list(alarms.silent(NOW)) == [connection]


def test_everyone_who_wants_mails_is_told_once() -> None:
    company = company_with("anna@example.com", "ben@example.com", "quiet@example.com")
    Membership.objects.filter(user__email="quiet@example.com").update(is_notified=False)
    connection = connection_of(company)
    connection_of(company_with("stranger@example.com"), hours=1)
    told = tell(NOW)
    assert sorted(address for one in told for address in one.to) == ["anna@example.com", "ben@example.com"]
    assert {one.subject for one in told} == {"Nothing arrives from Quiet Bank"}
    assert f"/connections/{connection.pk}/" in told[0].body
    assert "text/html" in {kind for _content, kind in told[0].alternatives}
    assert tell(NOW + 5 * HOUR) == []
    said = wording.sentence(ChatterEntry.objects.get(connection=connection, code="silent"))
    assert said.startswith("Nothing could be fetched since")


def test_it_is_told_again_after_a_week_and_not_before() -> None:
    connection_of(company_with("anna@example.com"))
    assert [len(tell(NOW + days * DAY)) for days in range(16)] == [1, *[0] * 6, 1, *[0] * 6, 1, 0]


def test_many_silent_connections_are_one_mail_for_each_person() -> None:
    company = company_with("anna@example.com")
    for number in range(4):
        connection_of(company, bank=f"Bank {number}")
    (told,) = tell(NOW)
    assert told.subject == "Nothing arrives from 4 banks"
    assert all(f"Bank {number}" in told.body for number in range(4))


def test_when_it_works_again_that_is_told_once() -> None:
    company = company_with("anna@example.com")
    connection = connection_of(company)
    tell(NOW)
    Connection.objects.update(last_success_at=NOW + HOUR)
    (told,) = tell(NOW + 2 * HOUR)
    assert told.subject == "Quiet Bank is fetched again"
    assert tell(NOW + 3 * HOUR) == []
    Connection.objects.filter(pk=connection.pk).update(last_success_at=NOW + HOUR)
    assert len(tell(NOW + 3 * DAY)) == 1


def test_one_that_is_taken_off_the_clock_ends_without_a_word() -> None:
    connection_of(company_with("anna@example.com"))
    tell(NOW)
    Connection.objects.update(is_automatic=False)
    assert tell(NOW + 2 * HOUR) == []
    assert Connection.objects.get().alarmed_at is None


def test_a_mail_says_it_in_the_persons_language() -> None:
    company = company_with("anna@example.com")
    Membership.objects.get(company=company).user.__class__.objects.update(language="nl")
    connection_of(company)
    (told,) = tell(NOW)
    html = told.alternatives[0][0]
    assert 'lang="nl"' in html


class Failing(EmailBackend):
    """A mail server that refuses everything."""

    def send_messages(self, messages: Any) -> int:
        raise ConnectionRefusedError("the mail server does not answer")


def test_a_mail_that_does_not_leave_is_tried_again_and_not_lost(settings: Settings) -> None:
    connection_of(company_with("anna@example.com"))
    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{__name__}.Failing"
    assert tell(NOW) == []
    settings.EMAIL_BACKEND = backend
    assert tell(NOW) == []
    assert len(tell(NOW + HOUR)) == 1
    assert tell(NOW + 2 * HOUR) == []


def test_a_worker_that_died_over_a_mail_does_not_keep_it() -> None:
    connection_of(company_with("anna@example.com"))
    alarms.look(NOW)
    Notice.objects.update(claimed_until=NOW + mailing.CLAIM)
    assert mailing.send_all(NOW + dt.timedelta(minutes=1)) == 0
    assert mailing.send_all(NOW + HOUR) == 1


class Slow(EmailBackend):
    """A mail server that takes twelve minutes; it notes whether the mail is still in its sender's hands."""

    clock: time_machine.Traveller
    held: list[bool]

    def send_messages(self, messages: Any) -> int:
        mine = Notice.objects.filter(person__email=messages[0].to[0], claimed_until__gt=timezone.now())
        self.held.append(mine.exists())
        self.clock.shift(dt.timedelta(minutes=12))
        return int(super().send_messages(messages))


def test_the_last_mail_of_a_long_batch_is_in_one_worker_s_hands_like_the_first(settings: Settings) -> None:
    connection_of(company_with("anna@example.com", "ben@example.com"))
    alarms.look(NOW)
    settings.EMAIL_BACKEND = f"{__name__}.Slow"
    with time_machine.travel(NOW, tick=False) as clock:
        Slow.clock, Slow.held = clock, []
        assert mailing.send_all(NOW) == 2
    assert Slow.held == [True, True]


def test_what_is_no_longer_true_when_the_mail_could_leave_is_not_sent() -> None:
    connection_of(company_with("anna@example.com"))
    alarms.look(NOW)
    Connection.objects.update(last_success_at=NOW)
    assert mailing.send_all(NOW) == 0
    assert not Notice.objects.exists()


def test_who_left_the_company_is_not_told() -> None:
    connection_of(company_with("anna@example.com"))
    alarms.look(NOW)
    Membership.objects.all().delete()
    assert mailing.send_all(NOW) == 0


@pytest.mark.parametrize(
    ("hours", "ticked", "status", "says"),
    [(1, 0.01, 200, "ok"), (37, 0.01, 503, "feeds are silent"), (1, 3, 503, "the clock has not ticked since")],
)
def test_the_health_endpoint_counts_what_is_silent_with_no_worker_alive(
    client: Client, hours: int, ticked: float, status: int, says: str
) -> None:
    connection_of(make_company(), hours=hours, bank="Secret Bank")
    heartbeat.tick(timezone.now() - ticked * HOUR)
    answer = client.get("/health/feeds")
    assert answer.status_code == status
    assert answer.json()["status"].startswith(says)
    assert (answer.json()["automatic"], answer.json()["silent"]) == (1, int(hours == 37))
    assert "Secret Bank" not in answer.content.decode()


@pytest.mark.parametrize(
    ("token", "given", "extra", "status"),
    [
        ("", {}, {}, 200),
        ("", {}, {"REMOTE_ADDR": "198.51.100.7"}, 404),
        ("", {"X-Forwarded-For": "127.0.0.1"}, {}, 404),
        ("", {"X-Forwarded-Proto": "https"}, {}, 404),
        ("", {"X-Real-IP": "127.0.0.1"}, {}, 404),
        ("", {"Forwarded": "for=127.0.0.1"}, {}, 404),
        ("the-token", {}, {}, 404),
        ("the-token", {"Authorization": "Bearer wrong"}, {}, 404),
        ("the-token", {"Authorization": "Bearer the-token"}, {"REMOTE_ADDR": "198.51.100.7"}, 200),
    ],
)
def test_who_may_read_the_counts(
    client: Client, settings: Settings, token: str, given: dict[str, str], extra: dict[str, str], status: int
) -> None:
    settings.METRICS_TOKEN = token
    assert client.get("/health/feeds", headers=given, **extra).status_code == status  # type: ignore[arg-type]


def test_a_clock_that_never_ticked_is_not_said_to_stand_still() -> None:
    assert vigil.look(NOW).is_well
