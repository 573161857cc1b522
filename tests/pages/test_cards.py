"""The dashboard's cards: each tells of its own journal, and of a clock only where there is one."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

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
BALANCES = ("our_balance", "bank_balance")


def cards(company: Company, since: str = "") -> list[str]:
    """What each of them says."""
    return [
        card.text
        for card in read(signed_in(company).get(reverse("dashboard"), {"since": since}).content).all("article")
    ]


def test_a_card_tells_what_came_to_its_own_journal() -> None:
    connection = make_connection()
    run = make_run(connection, state="done", new=15, known=40)
    for name, new in (("Current", 14), ("Savings", 1)):
        account = make_account(connection, identifier=name)
        make_journal(connection.company, name=name, account=account)
        AccountRun.objects.create(run=run, account=account, reason="new_lines", new=new, known=20)
    for since in ("", str(run.finished_at)):
        current, savings = cards(connection.company, since)
        assert "14 new, 20 known" in current
        assert "1 new, 20 known" in savings
        assert "15 new" not in current + savings


def test_the_end_of_a_fetch_is_told_of_the_card_it_stands_on() -> None:
    connection = make_connection()
    run = make_run(connection, state="done", reason="new_lines", new=14, known=40)
    journals = {}
    parts: dict[str, dict[str, Any]] = {"Current": {"reason": "new_lines", "new": 14}}
    parts["Savings"] = {"reason": "nothing_new"}
    for name, fields in parts.items():
        account = make_account(connection, identifier=name)
        journals[name] = make_journal(connection.company, name=name, account=account)
        AccountRun.objects.create(run=run, account=account, known=20, **dict.fromkeys(BALANCES, Decimal(1)), **fields)
    member, headers = signed_in(connection.company), {"HX-Request": "true"}

    def told(focus: int | str) -> list[str]:
        page = read(member.get(reverse("run", args=[run.pk]), {"focus": focus}, headers=headers).content)
        return [part.text for part in page.all("div") if part.attributes.get("class") == "run"]

    [current], [savings] = told(journals["Current"].pk), told(journals["Savings"].pk)
    assert current == "14 new, 20 known. Balance agrees. See the lines: Current"
    assert savings.startswith("0 new, 20 known.")
    assert "See the lines" not in savings
    assert told("9" * 30)[0].startswith("14 new, 40 known.")


def test_an_account_that_failed_says_so_on_its_card_and_not_what_came_to_another() -> None:
    connection = make_connection()
    run = make_run(connection, state="done", reason="new_lines", new=14)
    failed = {"reason": "other", "error_code": "other", "error_message": "The bank no longer shows this account."}
    for name, fields in (("Current", {"reason": "new_lines", "new": 14}), ("Savings", failed)):
        account = make_account(connection, identifier=name)
        make_journal(connection.company, name=name, account=account)
        AccountRun.objects.create(run=run, account=account, **fields)
    _current, savings = cards(connection.company, str(run.finished_at))
    assert "The bank no longer shows this account." in savings
    assert "14 new" not in savings


def test_what_waits_for_a_person_comes_first() -> None:
    company, now = make_company(), timezone.now()
    late = {"last_success_at": now - dt.timedelta(days=9), "next_fetch_at": now}
    feeds: dict[str, dict[str, Any]] = {
        "Calm": {},
        "Endless": {"consent_expires_at": now + dt.timedelta(days=90)},
        "Renew": {"consent_expires_at": now + dt.timedelta(days=6)},
        "Silent": late,
        "Wrong": {"error_code": "other", "error_message": "It failed."},
    }
    for name, fields in feeds.items():
        connection = make_connection(company, **fields)
        make_journal(company, name=name, account=make_account(connection))
    names = [card.one("h2").text for card in read(signed_in(company).get(reverse("dashboard")).content).all("article")]
    assert names == ["Renew", "Silent", "Wrong", "Calm", "Endless"]


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


def test_the_proof_mark_says_one_of_three_things_and_leads_to_what_explains_it() -> None:
    company = make_company()
    for name, bank in (("Agrees", "100.00"), ("Differs", "112.40"), ("Unknown", None)):
        balance = {
            "opening_balance": Decimal(100),
            "opening_date": dt.date(2026, 1, 1),
            "bank_balance": bank and Decimal(bank),
        }
        make_journal(company, name=name, account=make_account(make_connection(company)), **balance)
    member = signed_in(company)
    marks = {}
    for card in read(member.get(reverse("dashboard")).content).all("article"):
        [mark] = [link for link in card.all("a") if link.attributes["href"].endswith("/balance/")]
        marks[card.one("h2").text] = mark.text
        assert member.get(mark.attributes["href"]).status_code == 200
    assert marks == {"Agrees": "agrees with bank", "Differs": "differs by −€12.40", "Unknown": "not compared yet"}
