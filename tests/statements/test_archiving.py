"""A journal is archived and brought back: nothing of its books changes, and its account is free meanwhile."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError
from django.db import transaction as database
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.models import User
from connections import wording
from connections.models import Account, ChatterEntry
from statements.models import Journal, ProvenDays, ReviewItem, Statement, StatementLine, SyncRun
from statements.refusal import Refused
from statements.services import archiving, linking
from tests.factories import (
    make_account,
    make_attempt,
    make_company,
    make_journal,
    make_line,
    make_run,
    make_user,
)
from tests.pages.elements import Element, read
from tests.sessions import browser_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def journal() -> Journal:
    """One that is fed, has a line, and whose account was read up to somewhere."""
    account = make_account(position="up to here")
    journal = make_journal(account=account, name="Savings book")
    make_line(journal)
    ProvenDays.objects.create(account=account, first_day=dt.date(2026, 1, 1), last_day=dt.date(2026, 1, 31))
    return journal


@pytest.fixture
def person(journal: Journal) -> User:
    return make_user(company=journal.company)


@pytest.fixture
def browser(person: User) -> Client:
    return browser_of(person)


def again(journal: Journal) -> Journal:
    return Journal.objects.get(pk=journal.pk)


def said(journal: Journal, person: User) -> list[str]:
    return [wording.sentence(entry) for entry in ChatterEntry.objects.filter(person=person).order_by("pk")]


# --- what it does to the books ---------------------------------------------------------------------------------------
def test_nothing_feeds_it_any_more_and_nothing_of_it_is_deleted(journal: Journal, person: User) -> None:
    account = journal.account
    before = (StatementLine.objects.count(), Statement.objects.count())
    archived = archiving.archive(journal, person=person)
    assert (archived.account, archived.archived_account) == (None, account)
    assert archived.archived_at is not None
    assert (StatementLine.objects.count(), Statement.objects.count()) == before
    assert said(journal, person) == ["The journal Savings book was archived: nothing is fetched for it any more."]


def test_doing_it_again_changes_nothing(journal: Journal, person: User) -> None:
    first = archiving.archive(journal, person=person)
    assert archiving.archive(journal, person=person).archived_at == first.archived_at
    archiving.bring_back(journal, person=person)
    archiving.bring_back(journal, person=person)
    assert len(said(journal, person)) == 2


def test_brought_back_it_goes_on_where_it_stopped(journal: Journal, person: User) -> None:
    account = journal.account
    archiving.archive(journal, person=person)
    back = archiving.bring_back(journal, person=person)
    assert (back.account, back.archived_at, back.archived_account) == (account, None, None)
    assert back.account is not None
    assert back.account.position == "up to here"
    assert back.account.proven_days.count() == 1
    assert said(journal, person)[-1] == "The journal Savings book was brought back and is fed again."


@pytest.mark.parametrize("kind", ["locked", "changed", "suspected"])
def test_what_waits_for_a_decision_is_decided_first(journal: Journal, person: User, kind: str) -> None:
    line = journal.lines.get() if kind == "changed" else None
    item = ReviewItem.objects.create(journal=journal, kind=kind, line=line, fingerprint="x", after={"amount": "1.00"})
    with pytest.raises(Refused, match="waits for a decision"):
        archiving.archive(journal, person=person)
    assert again(journal).archived_at is None
    ReviewItem.objects.filter(pk=item.pk).delete()
    assert archiving.archive(journal, person=person).archived_at is not None


@pytest.mark.parametrize("state", SyncRun.OPEN)
def test_while_its_bank_is_read_it_stays(journal: Journal, person: User, state: str) -> None:
    assert journal.account is not None
    run = make_run(journal.account.connection, state=state, finished_at=None, reason="")
    with pytest.raises(Refused, match="being read"):
        archiving.archive(journal, person=person)
    SyncRun.objects.filter(pk=run.pk).update(state="done", finished_at=timezone.now(), reason="nothing_new")
    assert archiving.archive(journal, person=person).archived_at is not None


def test_a_journal_that_is_kept_by_hand_is_archived_and_brought_back_too() -> None:
    journal = make_journal()
    person = make_user(company=journal.company)
    assert archiving.archive(journal, person=person).archived_at is not None
    assert archiving.bring_back(journal, person=person).archived_at is None
    assert not ChatterEntry.objects.exists()


def test_an_archived_journal_is_never_fed(journal: Journal, person: User) -> None:
    archiving.archive(journal, person=person)
    with pytest.raises(IntegrityError), database.atomic():
        Journal.objects.filter(pk=journal.pk).update(account=make_account())


# --- its account elsewhere -------------------------------------------------------------------------------------------
def link(journal: Journal, person: User, choice: linking.Choice) -> None:
    account = Account.objects.get(pk=choice.account.pk)
    attempt = make_attempt(person, journal.company, connection=account.connection, status="linked")
    linking.link(attempt, [choice])


def test_its_account_feeds_a_new_journal_from_the_beginning(journal: Journal, person: User) -> None:
    account = journal.account
    assert account is not None
    archiving.archive(journal, person=person)
    link(journal, person, linking.Choice(account=account, is_new=True))
    account.refresh_from_db()
    assert account.journal.pk != journal.pk
    assert (account.position, account.proven_days.count()) == ("", 0)
    back = archiving.bring_back(journal, person=person)
    assert (back.account, back.archived_at) == (None, None)


def test_who_decides_not_to_synchronize_it_leaves_it_to_the_archived_one(journal: Journal, person: User) -> None:
    account = journal.account
    assert account is not None
    archiving.archive(journal, person=person)
    link(journal, person, linking.Choice(account=account))
    assert archiving.bring_back(journal, person=person).account == account


def test_an_account_that_the_bank_closed_does_not_come_back(journal: Journal, person: User) -> None:
    archiving.archive(journal, person=person)
    Account.objects.update(is_closed=True)
    assert archiving.bring_back(journal, person=person).account is None


def test_no_account_can_be_linked_to_an_archived_journal(journal: Journal, person: User) -> None:
    archiving.archive(journal, person=person)
    assert linking.free_journals(journal.company) == []
    other = make_account(make_account().connection)
    with pytest.raises(linking.CannotLink, match="bring it back first"):
        link(journal, person, linking.Choice(account=other, journal=journal))
    archiving.bring_back(journal, person=person)
    assert linking.free_journals(journal.company) == []


# --- the pages -------------------------------------------------------------------------------------------------------
def page(browser: Client, name: str, *arguments: int) -> Element:
    response = browser.get(reverse(name, args=arguments))
    assert response.status_code == 200
    return read(response.content)


def test_the_page_says_what_it_means_and_does_it(journal: Journal, browser: Client) -> None:
    asked = page(browser, "archive_journal", journal.pk)
    assert journal.account is not None
    assert f"{journal.account.label} at {journal.account.connection.institution.name}" in asked.text
    assert "Nothing is deleted." in asked.text
    assert again(journal).archived_at is None
    done = browser.post(reverse("archive_journal", args=[journal.pk]), follow=True)
    assert "The journal Savings book is archived." in read(done.content).text


def test_it_leaves_dashboard_and_list_and_stands_among_the_settings(
    journal: Journal, browser: Client, person: User
) -> None:
    make_journal(journal.company, name="Another book")
    archiving.archive(journal, person=person)
    for name in ("dashboard", "journal_list"):
        shown = page(browser, name).one("main").text
        assert "Another book" in shown
        assert "Savings book" not in shown
    root = page(browser, "journal_settings")
    [section] = root.all("section", aria_labelledby="archived")
    assert "Savings book" in section.text
    assert "Another book" not in section.text
    assert section.one("form").attributes["action"] == reverse("bring_back_journal", args=[journal.pk])


def test_its_books_are_read_and_exported_as_before(journal: Journal, browser: Client, person: User) -> None:
    archiving.archive(journal, person=person)
    lines = page(browser, "line_list", journal.pk)
    assert "This journal is archived" in lines.text
    assert len(lines.one("div", id="lines").all("tr")) > 0
    statement = journal.statements.get()
    page(browser, "statement", statement.pk)
    assert "Savings book" in page(browser, "statement_list").one("main").text
    export = browser.get(reverse("export_journal", args=[journal.pk]))
    assert export.status_code == 200


def test_the_refusal_is_one_sentence_on_the_page(journal: Journal, browser: Client) -> None:
    ReviewItem.objects.create(journal=journal, kind="locked", fingerprint="x", after={"amount": "1.00"})
    response = browser.post(reverse("archive_journal", args=[journal.pk]))
    assert response.status_code == 422
    [problem] = read(response.content).all("div", role="alert", class_="notice tone-wait")
    assert problem.text == "Something in this journal waits for a decision: decide it in Review first."


def test_it_is_brought_back_by_a_button_and_said_what_feeds_it(journal: Journal, browser: Client, person: User) -> None:
    archiving.archive(journal, person=person)
    address = reverse("bring_back_journal", args=[journal.pk])
    assert browser.get(address).status_code == 405
    assert "feeds it again" in read(browser.post(address, follow=True).content).text
    archiving.archive(journal, person=person)
    Account.objects.update(is_closed=True)
    assert "No account feeds it" in read(browser.post(address, follow=True).content).text
    assert "Archive" in page(browser, "edit_journal", journal.pk).text


def test_a_stranger_can_neither_archive_nor_bring_back(journal: Journal, person: User) -> None:
    stranger = browser_of(make_user(company=make_company()))
    for name in ("archive_journal", "bring_back_journal"):
        assert stranger.post(reverse(name, args=[journal.pk])).status_code == 404
    assert again(journal).archived_at is None
