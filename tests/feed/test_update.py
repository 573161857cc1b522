"""Signing in at the bank again, through the real proxy: the connection and every id stay, and it goes on."""

from __future__ import annotations

import pytest
from django.urls import reverse
from pytest_django.fixtures import Settings

from connections import wording
from connections.models import Account, ChatterEntry, Connection, LinkAttempt
from connections.services import attempts
from providers.errors import NotSupported
from scripts.holder import NOWHERE
from statements.models import Journal, StatementLine, SyncRun
from statements.services.linking import Choice, link
from tests.factories import make_company, make_connection, make_user
from tests.feed.pretend import PERSON, RETURN, FarSide, approve, connected, give_up, visited
from tests.feed.test_fetching import assert_books_are_true, fetch
from tests.sessions import browser_of

pytestmark = pytest.mark.django_db


def update(connection: Connection) -> LinkAttempt:
    """A member of the company is sent to the bank's page again."""
    person = make_user(company=connection.company)
    return attempts.begin_update(connection, person, language="en", end_user=PERSON, return_url_for=RETURN)


def refused(far: FarSide) -> Connection:
    """A connection for which the bank wants a new sign-in."""
    connection = connected(far, "Password Changed Bank")
    fetch(connection)
    far.move_clock(days=1)
    assert fetch(connection).error_action == "update_credentials"
    return Connection.objects.get(pk=connection.pk)


def test_c01_signing_in_again_keeps_connection_accounts_and_lines(far: FarSide) -> None:
    connection = refused(far)
    before = set(Account.objects.values_list("pk", "identifier"))
    lines = StatementLine.objects.count()
    attempt = update(connection)
    approve(attempt.hosted_url)
    assert attempts.settle(attempt).status == LinkAttempt.Status.LINKED
    again = Connection.objects.get()
    assert (again.reference, again.status, again.error_code) == (connection.reference, "connected", "")
    assert set(Account.objects.values_list("pk", "identifier")) == before
    assert again.is_due
    assert fetch(again).state == "done"
    assert_books_are_true(far, again)
    assert StatementLine.objects.count() >= lines
    said = [wording.sentence(entry) for entry in ChatterEntry.objects.filter(person=attempt.person)]
    assert "Signed in at the bank again." in said


def test_c20_a_permission_is_renewed_before_it_ends(far: FarSide) -> None:
    connection = connected(far, "Short Consent Bank")
    first = Connection.objects.get().consent_expires_at
    assert first is not None
    far.move_clock(days=3)
    page = browser_of(make_user(company=connection.company)).get(reverse("connection", args=[connection.pk]))
    assert page.context["possible"].extend.can
    attempt = update(Connection.objects.get())
    approve(attempt.hosted_url)
    attempts.settle(attempt)
    renewed = Connection.objects.get().consent_expires_at
    assert renewed is not None
    assert renewed > first


def test_c01_accounts_that_are_named_anew_after_the_sign_in_go_on_with_their_journals(far: FarSide) -> None:
    company = make_company()
    person = make_user(company=company)
    first = visited(company, person, far.bank("saltedge New Numbers Bank"))
    connection = first.connection
    assert connection is not None
    link(first, [Choice(account=account, is_new=True) for account in attempts.fetch_accounts(connection)])
    assert fetch(connection).new > 0
    journals, lines = dict(Journal.objects.values_list("pk", "account__identifier")), StatementLine.objects.count()
    again = attempts.begin_update(connection, person, language="en", end_user=PERSON, return_url_for=RETURN)
    approve(again.hosted_url)
    attempts.settle(again)
    run = fetch(Connection.objects.get())
    assert (run.state, run.new, StatementLine.objects.count()) == ("done", 0, lines)
    renamed = dict(Journal.objects.values_list("pk", "account__identifier"))
    assert renamed.keys() == journals.keys()
    assert not set(renamed.values()) & set(journals.values())


def test_a_visit_that_is_left_changes_nothing(far: FarSide) -> None:
    connection = refused(far)
    attempt = update(connection)
    give_up(attempt.hosted_url)
    assert attempts.settle(attempt).status == LinkAttempt.Status.CANCELLED
    assert Connection.objects.get().status == Connection.Status.ACTION_REQUIRED


def test_settling_twice_writes_once(far: FarSide) -> None:
    attempt = update(refused(far))
    approve(attempt.hosted_url)
    same = LinkAttempt.objects.get(pk=attempt.pk)
    attempts.settle(attempt)
    attempts.settle(same)
    assert ChatterEntry.objects.filter(code="renewed").count() == 1


def test_c32_the_way_back_that_was_lost_is_found_from_the_page_and_asks_for_one_fetch(
    far: FarSide, settings: Settings
) -> None:
    connection = refused(far)
    person = make_user(company=connection.company)
    browser = browser_of(person)
    settings.BASE_URL = NOWHERE
    sent = browser.post(reverse("update_credentials", args=[connection.pk]), headers={"Accept": "application/json"})
    assert sent.status_code == 200
    attempt = LinkAttempt.objects.get(person=person)
    approve(sent.json()["bank"])
    way_on = browser.get(sent.json()["waiting"])
    assert way_on["Location"] == reverse("updated", args=[attempt.pk])
    for _ in range(2):
        assert browser.get(way_on["Location"])["Location"] == reverse("connection", args=[connection.pk])
    assert SyncRun.objects.open().count() == 1


def test_a_connection_that_has_ended_cannot_be_updated_and_says_so(db: None) -> None:
    connection = make_connection(status="disconnected")
    with pytest.raises(NotSupported):
        update(connection)
    assert not LinkAttempt.objects.exists()
    browser = browser_of(make_user(company=connection.company))
    page = browser.post(reverse("update_credentials", args=[connection.pk]), follow=True)
    assert "connect the bank again" in page.content.decode()


def test_another_companys_connection_does_not_exist(db: None) -> None:
    connection = make_connection()
    stranger = browser_of(make_user(company=make_connection().company))
    assert stranger.post(reverse("update_credentials", args=[connection.pk])).status_code == 404
