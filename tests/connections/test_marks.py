"""Lists and cards say which feed is silent and which permission ends, and banners say it once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from connections.banners import banners_for
from connections.models import Connection, Outage
from connections.services import heartbeat
from tests.factories import make_account, make_company, make_connection, make_institution, make_journal
from tests.sessions import signed_in

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def connection_of(**fields: Any) -> Connection:
    bank = make_institution(name="Quiet Bank")
    connection = make_connection(institution=bank, **{"last_success_at": timezone.now(), **fields})
    make_journal(connection.company, account=make_account(connection))
    return connection


@pytest.mark.parametrize("page", ["dashboard", "connection_list"])
def test_a_silent_feed_and_an_ending_permission_are_marked(page: str) -> None:
    now = timezone.now()
    connection = connection_of(last_success_at=now - 3 * DAY, consent_expires_at=now + 5.5 * DAY)
    html = signed_in(connection.company).get(reverse(page)).content.decode()
    assert "Silent" in html
    assert "Renew consent: ends in 6 days" in html
    assert reverse("update_credentials", args=[connection.pk]) in html


@pytest.mark.parametrize("page", ["dashboard", "connection_list"])
def test_what_is_in_order_has_no_mark(page: str) -> None:
    connection = connection_of(consent_expires_at=timezone.now() + 60 * DAY)
    html = signed_in(connection.company).get(reverse(page)).content.decode()
    assert "Silent" not in html
    assert "Renew consent" not in html
    assert banners_for(connection.company) == []


def test_one_banner_for_each_cause_however_many_connections() -> None:
    now, company = timezone.now(), make_company()
    for _ in range(5):
        connection_of(company=company, last_success_at=now - 3 * DAY, consent_expires_at=now + 3 * DAY)
    heartbeat.tick(now - DAY)
    Outage.objects.create(kind="provider", subject="plaid", first_failed_at=now, since=now, probe_at=now + DAY)
    assert {banner.kind.partition("-")[0] for banner in banners_for(company)} == {
        "silence",
        "consent",
        "clock",
        "outage",
    }
    assert len(banners_for(company)) == 4


def test_another_company_is_told_nothing() -> None:
    connection_of(last_success_at=timezone.now() - 3 * DAY)
    Outage.objects.create(
        kind="provider", subject="plaid", first_failed_at=timezone.now(), since=timezone.now(), probe_at=timezone.now()
    )
    assert banners_for(make_company()) == []


def test_what_waits_for_an_outage_to_end_says_so() -> None:
    now = timezone.now()
    outage = Outage.objects.create(kind="provider", subject="plaid", first_failed_at=now, since=now, probe_at=now)
    connection = connection_of(waits_for=outage)
    html = signed_in(connection.company).get(reverse("connection", args=[connection.pk])).content.decode()
    assert "as soon as the bank or its provider answers again" in html
