"""The end of a permission is announced five times and once when it is there, and again after a renewal."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from companies.models import Company
from connections import wording
from connections.models import ChatterEntry, Connection, Notice
from connections.services import mailing, reminders
from tests.connections.mails import mails_after
from tests.factories import make_company, make_connection, make_institution, make_user

pytestmark = pytest.mark.django_db
NOW = timezone.now()
DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)


def remind(now: dt.datetime) -> list[Any]:
    return mails_after(reminders.look, now)


def ending(days: float, *, company: Company | None = None, **fields: Any) -> Connection:
    if company is None:
        company = make_company(name="Books Ltd")
        make_user("anna@example.com", company=company)
    institution = make_institution(name="Quiet Bank")
    return make_connection(company, institution=institution, consent_expires_at=NOW + days * DAY, **fields)


def test_c20_each_stage_is_told_once_however_often_the_clock_looks() -> None:
    ending(40)
    told: list[tuple[int, str]] = []
    for hour in range(0, 45 * 24, 6):
        told += [(round(40 - hour / 24), one.subject) for one in remind(NOW + hour * HOUR)]
    assert [day for day, _subject in told] == [30, 15, 7, 3, 1, 0]
    assert told[0][1] == "The permission of Quiet Bank ends in 30 days"
    assert told[4][1] == "The permission of Quiet Bank ends in 1 day"
    assert told[5][1] == "The permission of Quiet Bank has ended"
    entries = ChatterEntry.objects.filter(code="reminded")
    assert entries.count() == 6
    assert wording.sentence(entries[0]).startswith("1 person was reminded by e-mail")


def test_c20_after_a_renewal_the_reminders_begin_anew() -> None:
    connection = ending(3)
    assert len(remind(NOW)) == 1
    Connection.objects.filter(pk=connection.pk).update(consent_expires_at=NOW + 90 * DAY)
    days = [day for day in range(100) if remind(NOW + day * DAY)]
    assert days == [60, 75, 83, 87, 89, 90]


def test_a_stage_that_passed_without_a_clock_is_not_made_up_for() -> None:
    ending(5)
    (told,) = remind(NOW)
    assert "ends in 5 days" in told.subject
    assert remind(NOW + HOUR) == []


@pytest.mark.parametrize(
    ("days", "fields"),
    [(31, {}), (-15, {}), (5, {"status": "disconnected"}), (5, {"status": "superseded"}), (5, {"status": "revoked"})],
)
def test_nobody_is_reminded_of_what_is_far_off_or_over(days: int, fields: dict[str, Any]) -> None:
    ending(days, **fields)
    assert remind(NOW) == []


def test_several_banks_are_one_mail_with_a_link_for_each() -> None:
    first = ending(3)
    ending(6, company=first.company)
    (told,) = remind(NOW)
    assert told.subject == "The permissions of 2 banks need to be renewed"
    links = [line for line in told.body.splitlines() if "/renew/" in line]
    assert len(set(links)) == 2


def test_a_renewal_between_writing_down_and_sending_withdraws_the_mail() -> None:
    ending(3)
    reminders.look(NOW)
    Connection.objects.update(consent_expires_at=NOW + 90 * DAY)
    assert mailing.send_all(NOW) == 0
    assert not Notice.objects.exists()
