"""A second connection to the same bank goes on where the first stopped, through the real proxy."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from connections import queries
from connections.models import Account, ChatterEntry, Connection
from connections.services import attempts, ending, registrations
from providers.errors import ConnectionGone
from statements.models import Journal, ProvenDays, ReviewItem, StatementLine
from statements.services import runs, takeover
from statements.services.linking import CannotLink, Choice, link
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
from tests.feed.test_fetching import assert_books_are_true, fetch, watched_wire  # noqa: F401
from tests.pages.elements import read
from tests.sessions import browser_of

pytestmark = pytest.mark.django_db


def connect_again(far: FarSide, first: Connection, name: str) -> Connection:
    """Another walk to the same bank; every account goes on with the journal that is suggested."""
    person = make_user(company=first.company)
    attempt = visited(first.company, person, far.bank(name))
    connection = attempt.connection
    assert connection is not None
    assert connection != first
    found = attempts.fetch_accounts(connection)
    browser = browser_of(person)
    address = reverse("link_accounts", args=[attempt.pk])
    forms = browser.get(address).context["forms"]
    assert [form.goes_on_with is not None for form in forms] == [True] * len(found)
    data = {f"{form.prefix}-{name}": form[name].value() or "" for form in forms for name in ("journal", "first_day")}
    assert browser.post(address, data).status_code == 302
    return Connection.objects.get(pk=connection.pk)


@pytest.mark.parametrize("name", ["Demo Business Bank", "New Numbers Bank"])
def test_c01_connecting_the_bank_again_imports_nothing_twice(far: FarSide, name: str) -> None:
    first = connected(far, name)
    fetch(first)
    lines, journals = StatementLine.objects.count(), set(Journal.objects.values_list("pk", flat=True))
    far.move_clock(days=4)
    second = connect_again(far, first, name)
    assert set(Journal.objects.filter(account__connection=second).values_list("pk", flat=True)) == journals
    run = fetch(second)
    assert run.state == "done"
    assert StatementLine.objects.count() == lines + run.new
    assert_books_are_true(far, second)
    assert not ReviewItem.objects.open().exists()


def test_c02_the_older_connection_is_superseded_and_ends_at_the_provider(far: FarSide) -> None:
    first = connected(far, "Quiet Bank")
    fetch(first)
    connect_again(far, first, "Quiet Bank")
    older = Connection.objects.get(pk=first.pk)
    assert older.status == Connection.Status.SUPERSEDED
    assert older.ended_at is not None
    assert set(older.chatter.values_list("code", flat=True)) >= {"state", "ended"}
    with pytest.raises(ConnectionGone):
        registrations.client_for(older.company).accounts(older.reference or "")


def test_c02_a_bank_that_is_connected_already_is_noticed_before_it_is_connected_again(far: FarSide) -> None:
    first = connected(far, "Quiet Bank")
    browser = browser_of(make_user(company=first.company))
    page = read(browser.get(reverse("connect_start", args=[first.institution_id])).content)
    form = page.one("form", action=reverse("update_credentials", args=[first.pk]))
    assert form.text == "Update Credentials instead"
    stranger = browser_of(make_user(company=make_company()))
    page = read(stranger.get(reverse("connect_start", args=[first.institution_id])).content)
    assert not page.all("div", class_="notice tone-wait already")


def test_a_provider_that_cannot_be_told_is_told_by_the_clock(far: FarSide) -> None:
    first = connected(far, "Quiet Bank")
    far.arm("plaid_error", route="/item/remove", error_type="API_ERROR", error_code="INTERNAL_SERVER_ERROR", times=9)
    connect_again(far, first, "Quiet Bank")
    (waiting,) = queries.not_ended()
    assert waiting == first
    assert not ending.end_superseded(waiting)
    assert ChatterEntry.objects.filter(connection=first, code="error").count() == 1
    far.disarm()
    assert ending.end_superseded(waiting)
    assert queries.not_ended() == []


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_the_provider_is_told(far: FarSide, watched_wire: list[str]) -> None:  # noqa: F811
    connect_again(far, connected(far, "Quiet Bank"), "Quiet Bank")
    assert watched_wire == []


def test_c14_it_continues_where_it_stopped() -> None:
    institution = make_institution()
    old = make_account(make_connection(institution=institution))
    journal = make_journal(account=old)
    today = timezone.localdate()
    ProvenDays.objects.create(account=old, first_day=today.replace(day=1), last_day=today)
    new = make_account(make_connection(old.connection.company, institution=institution), position="elsewhere")
    takeover.take_over(journal, new)
    assert ProvenDays.objects.get().account == new
    assert Account.objects.get(pk=new.pk).position == ""


def test_c29_the_mapping_survives_and_existing_journals_are_offered() -> None:
    institution = make_institution()
    old = make_account(make_connection(institution=institution), name="Main", mask="4412")
    journal = make_journal(account=old)
    elsewhere = make_journal(account=make_account(make_connection(old.connection.company)))
    second = make_connection(old.connection.company, institution=institution)
    account = make_account(second, name="Main", mask="4412")
    assert takeover.matches([account], takeover.offered(second)) == {account.pk: journal}
    assert elsewhere not in takeover.offered(second)


def test_c30_two_accounts_of_one_bank_are_matched_by_number_and_currency_each_once() -> None:
    first = make_connection()
    second = make_connection(first.company, institution=first.institution)
    facts = [("BE68", "EUR"), ("BE68", "USD"), ("BE77", "EUR")]
    olds = [make_account(first, number=number, currency=currency, name="Same") for number, currency in facts]
    journals = [make_journal(account=old, currency=old.currency) for old in olds]
    news = [make_account(second, number=number, currency=currency, name="Same") for number, currency in reversed(facts)]
    found = takeover.matches(news, takeover.offered(second))
    assert [found[account.pk] for account in news] == list(reversed(journals))


def test_c30_where_two_could_be_meant_none_is_chosen() -> None:
    first = make_connection()
    second = make_connection(first.company, institution=first.institution)
    for _ in range(2):
        make_journal(account=make_account(first, name="Same", mask="1"))
    news = [make_account(second, name="Same", mask="1") for _ in range(2)]
    assert takeover.matches(news, takeover.offered(second)) == {}


def test_a_connection_that_still_feeds_a_journal_stays() -> None:
    first = make_connection()
    olds = [make_account(first), make_account(first)]
    journals = [make_journal(account=old) for old in olds]
    second = make_connection(first.company, institution=first.institution)
    person = make_user(company=first.company)
    attempt = make_attempt(person, first.company, connection=second, status="connected", institution=first.institution)
    link(attempt, [Choice(account=make_account(second), journal=journals[0])])
    assert Connection.objects.get(pk=first.pk).status == "connected"
    link(attempt, [Choice(account=make_account(second), journal=journals[1])])
    assert Connection.objects.get(pk=first.pk).status == "superseded"


def test_what_the_older_connection_is_reading_is_put_down() -> None:
    first = make_connection()
    journal = make_journal(account=make_account(first))
    held = runs.take(first, "clock", now=timezone.now())
    assert held is not None
    second = make_connection(first.company, institution=first.institution)
    attempt = make_attempt(make_user(company=first.company), first.company, connection=second, status="connected")
    link(attempt, [Choice(account=make_account(second), journal=journal)])
    with pytest.raises(runs.LeaseLost):
        runs.keep(held)


def test_a_journal_in_another_currency_is_refused_with_the_reason() -> None:
    first = make_connection()
    journal = make_journal(account=make_account(first))
    second = make_connection(first.company, institution=first.institution)
    attempt = make_attempt(make_user(company=first.company), first.company, connection=second, status="connected")
    with pytest.raises(CannotLink, match="same currency"):
        link(attempt, [Choice(account=make_account(second, currency="USD"), journal=journal)])
    assert Journal.objects.get().account == journal.account


def test_a_journal_of_another_bank_is_not_taken_over() -> None:
    journal = make_journal(account=make_account())
    second = make_connection(journal.company)
    attempt = make_attempt(make_user(company=journal.company), journal.company, connection=second, status="connected")
    with pytest.raises(CannotLink, match="already fed"):
        link(attempt, [Choice(account=make_account(second), journal=journal)])


def test_a_permission_that_both_share_is_not_ended() -> None:
    first = make_connection(status="superseded")
    make_account(first, identifier="one and the same")
    make_account(make_connection(first.company, institution=first.institution), identifier="one and the same")
    assert ending.end_superseded(first)
    assert Connection.objects.get(pk=first.pk).ended_at is not None
