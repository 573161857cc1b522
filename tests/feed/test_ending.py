"""Disconnecting through the real proxy: the permission ends at the provider, what was read stays."""

from __future__ import annotations

import pytest
from django.urls import reverse

from connections import wording
from connections.models import ChatterEntry, Connection, LinkAttempt
from connections.services import attempts, ending, lifecycle, registrations
from providers.errors import ConnectionGone
from statements.models import Journal, StatementLine
from tests.factories import (
    make_account,
    make_attempt,
    make_company,
    make_connection,
    make_institution,
    make_journal,
    make_user,
)
from tests.feed.pretend import FarSide, connected, visited
from tests.feed.test_fetching import fetch
from tests.pages.elements import read
from tests.sessions import browser_of, signed_in

pytestmark = pytest.mark.django_db


def test_disconnecting_ends_the_permission_and_leaves_the_books(far: FarSide) -> None:
    connection = connected(far, "Quiet Bank")
    fetch(connection)
    lines = StatementLine.objects.count()
    browser = signed_in(connection.company)
    address = reverse("disconnect", args=[connection.pk])
    assert browser.get(address).status_code == 200
    assert Connection.objects.get().status == "connected"
    assert browser.post(address).status_code == 302
    ended = Connection.objects.get()
    assert (ended.status, ended.next_fetch_at) == ("revoked", None)
    assert ended.ended_at is not None
    assert StatementLine.objects.count() == lines > 0
    assert Journal.objects.get().account is not None
    with pytest.raises(ConnectionGone):
        registrations.client_for(ended.company).accounts(ended.reference or "")


def test_a_provider_that_does_not_answer_changes_nothing_and_says_why(far: FarSide) -> None:
    connection = connected(far, "Quiet Bank")
    far.arm("plaid_error", route="/item/remove", error_type="API_ERROR", error_code="INTERNAL_SERVER_ERROR", times=9)
    page = signed_in(connection.company).post(reverse("disconnect", args=[connection.pk]), follow=True)
    assert "Reference:" in page.content.decode()
    assert Connection.objects.get().status == "connected"
    assert ChatterEntry.objects.get(code="error").reference


def salt_edge_walk(far: FarSide, connection: Connection | None = None) -> LinkAttempt:
    company = connection.company if connection else make_company()
    return visited(company, make_user(company=company), far.bank("saltedge One Connection Bank"))


def test_c34_the_record_at_salt_edge_is_told_plainly_and_the_connection_deleted_after_it(far: FarSide) -> None:
    connection = salt_edge_walk(far).connection
    assert connection is not None
    person = make_user(company=connection.company, role="admin")
    browser = browser_of(person)
    page = browser.get(reverse("disconnect", args=[connection.pk])).content.decode()
    assert "keeps a record of the connection" in page
    browser.post(reverse("disconnect", args=[connection.pk]))
    entry = ChatterEntry.objects.get(code="record_stays")
    assert entry.action == "delete_at_provider"
    assert "remove it there" in wording.sentence(entry)
    address = reverse("delete_connection", args=[connection.pk])
    assert browser.post(address).status_code == 422
    assert browser.post(address, {"is_removed": "on"}).status_code == 302
    assert not Connection.objects.exists()


def test_c34_a_sign_in_that_is_connected_already_offers_to_update_ours(far: FarSide) -> None:
    first = salt_edge_walk(far).connection
    assert first is not None
    attempt = salt_edge_walk(far, first)
    assert (attempt.status, attempt.error_code) == ("failed", "already_connected")
    card = read(browser_of(attempt.person).get(reverse("attempt", args=[attempt.pk])).content)
    assert card.one("form", action=reverse("update_credentials", args=[first.pk])).text == "Update Credentials"


def test_c34_one_that_is_not_ours_explains_that_it_is_removed_at_the_provider() -> None:
    company = make_company()
    person = make_user(company=company)
    attempt = make_attempt(person, company, status="failed", error_code="already_connected", error_message="Taken.")
    page = read(browser_of(person).get(reverse("attempt", args=[attempt.pk])).content)
    assert "remove it on the provider's own page" in page.one("main").text


def test_a_deleted_connection_leaves_journals_and_lines_and_is_an_administrators_matter() -> None:
    connection = make_connection(status="revoked")
    journal = make_journal(account=make_account(connection))
    make_attempt(make_user(), connection.company, connection=connection, status="linked")
    address = reverse("delete_connection", args=[connection.pk])
    assert signed_in(connection.company).post(address).status_code == 403
    assert signed_in(connection.company, role="admin").post(address).status_code == 302
    assert not Connection.objects.exists()
    assert Journal.objects.get() == journal


def test_what_lives_is_not_deleted() -> None:
    connection = make_connection()
    with pytest.raises(lifecycle.WrongWay):
        ending.delete(connection)
    signed_in(connection.company, role="admin").post(reverse("delete_connection", args=[connection.pk]))
    assert Connection.objects.exists()


def test_c31_a_closed_account_stays_quiet_and_does_not_stand_in_the_way(far: FarSide) -> None:
    connection = connected(far, "Closing Account Bank")
    fetch(connection)
    lines = StatementLine.objects.count()
    far.move_clock(days=1)
    attempts.fetch_accounts(connection)
    closed = connection.accounts.filter(is_closed=True)
    assert [account.name for account in closed] == ["Savings account"]
    run = fetch(connection)
    assert run.state == "done"
    assert run.accounts.get(account=closed.get()).reason in {"account_closed", "new_lines"}
    assert StatementLine.objects.count() >= lines


def test_c33_right_after_linking_the_first_fetch_waits_for_the_provider(far: FarSide) -> None:
    connection = connected(far, "Slow Start Bank")
    run = fetch(connection)
    assert (run.state, run.error_code) == ("waiting", "")
    assert Connection.objects.get().status == "connected"


def test_another_companys_connection_does_not_exist() -> None:
    connection = make_connection(institution=make_institution())
    stranger = signed_in(make_company(), role="admin")
    for name in ("disconnect", "delete_connection", "set_automatic"):
        assert stranger.post(reverse(name, args=[connection.pk])).status_code == 404
    assert stranger.get(reverse("support_bundle", args=[connection.pk])).status_code == 404
