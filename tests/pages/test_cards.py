"""The dashboard's cards: each tells of its own journal, and of a clock only where there is one."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from companies.models import Company
from connections.models import Connection
from statements.models import AccountRun
from tests.factories import make_account, make_company, make_connection, make_journal, make_run
from tests.pages.elements import read
from tests.sessions import signed_in

pytestmark = pytest.mark.django_db


def cards(company: Company) -> list[str]:
    """What each of them says."""
    return [card.text for card in read(signed_in(company).get(reverse("dashboard")).content).all("article")]


def test_a_card_tells_what_came_to_its_own_journal() -> None:
    connection = make_connection()
    run = make_run(connection, state="done", new=15, known=40)
    for name, new in (("Current", 14), ("Savings", 1)):
        account = make_account(connection, identifier=name)
        make_journal(connection.company, name=name, account=account)
        AccountRun.objects.create(run=run, account=account, reason="new_lines", new=new, known=20)
    current, savings = cards(connection.company)
    assert "14 new, 20 known" in current
    assert "1 new, 20 known" in savings
    assert "15 new" not in current + savings


@pytest.mark.parametrize(
    ("changed", "is_told"),
    [
        ({}, True),
        ({"status": "action_required"}, False),
        ({"refused_unattended_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}, False),
        ({"is_automatic": False}, False),
    ],
)
def test_when_the_clock_comes_is_told_only_where_it_comes(changed: dict[str, object], is_told: bool) -> None:
    company = make_company()
    connection = make_connection(company)
    later = timezone.now() + dt.timedelta(hours=3, minutes=1)
    Connection.objects.filter(pk=connection.pk).update(next_fetch_at=later, **changed)
    make_journal(company, account=make_account(connection))
    [card] = cards(company)
    assert ("next in 3 hours" in card) == is_told
