"""Asking a bank for some kinds of account only, over the wire: through the pages, the proxy and the pretend banks."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from companies.models import Company, User
from connections.models import Account, ChatterEntry, Connection, LinkAttempt
from connections.services import attempts
from providers.errors import BadRequest
from scripts.holder import NOWHERE, walk
from scripts.text_messages import code_for
from tests.factories import make_company, make_user
from tests.feed.pretend import PERSON, PHONE, RETURN, FarSide, registered
from tests.pages.elements import read
from tests.sessions import browser_of

pytestmark = pytest.mark.django_db

CARD = "Business credit card"


@pytest.fixture(autouse=True)
def _the_way_back_leads_nowhere(settings: Settings) -> None:
    settings.BASE_URL = NOWHERE


@pytest.fixture
def company(far: FarSide) -> Company:
    company = make_company()
    registered(company)
    return company


@pytest.fixture
def user(company: Company) -> User:
    return make_user(company=company)


@pytest.fixture
def browser(user: User) -> Client:
    return browser_of(user)


def go_to(browser: Client, far: FarSide, bank: str, *kinds: str) -> LinkAttempt:
    """Sends the form of the facts page, as a browser without scripts does."""
    address = reverse("connect_start", args=[far.bank(bank).pk])
    response = browser.post(address, {"consent": "on", "account_kinds": list(kinds)})
    attempt = LinkAttempt.objects.latest("created_at")
    assert (response.status_code, response.headers["Location"]) == (302, attempt.hosted_url)
    return attempt


def names(connection: Connection | None) -> list[str]:
    return sorted(Account.objects.filter(connection=connection, is_closed=False).values_list("name", flat=True))


@pytest.mark.parametrize("bank", ["Demo Business Bank", "saltedge Demo Business Bank"])
def test_who_chooses_cards_sees_cards_from_the_first_sign_in_to_the_last(
    far: FarSide, browser: Client, user: User, bank: str
) -> None:
    attempt = go_to(browser, far, bank, "cards")
    walk(attempt.hosted_url, "Approve")
    assert attempts.settle(attempt).status == "connected"
    page = read(browser.get(reverse("link_accounts", args=[attempt.pk])).content)
    assert [legend.text[: len(CARD)] for legend in page.one("main").all("legend")] == [CARD]
    connection = Connection.objects.get()
    assert connection.account_kinds == ["cards"]
    # Update Credentials and Extend consent.
    browser.post(reverse("update_credentials", args=[connection.pk]))
    again = LinkAttempt.objects.latest("created_at")
    walk(again.hosted_url, "Approve")
    assert attempts.settle(again).status == "linked"
    # Fetch Accounts.
    attempts.fetch_accounts(Connection.objects.get())
    assert names(connection) == [CARD]


@pytest.mark.parametrize("bank", ["Demo Business Bank", "saltedge Demo Business Bank"])
def test_every_account_can_be_asked_for_later(far: FarSide, browser: Client, user: User, bank: str) -> None:
    attempt = go_to(browser, far, bank, "cards")
    walk(attempt.hosted_url, "Approve")
    attempts.settle(attempt)
    connection = Connection.objects.get()
    attempts.fetch_accounts(connection)
    opened = attempts.begin_update(
        connection,
        user,
        language="en",
        end_user=PERSON,
        return_url_for=RETURN,
        every_account=True,
    )
    walk(opened.hosted_url, "Approve", ticks_all=True)
    assert attempts.settle(opened).status == "linked"
    assert len(names(connection)) == 4
    assert Connection.objects.get().account_kinds == []
    assert ChatterEntry.objects.filter(connection=connection, code="every_account", person=user).count() == 1


def test_a_sign_in_that_is_cancelled_changes_nothing_of_what_is_asked_for(
    far: FarSide, browser: Client, user: User
) -> None:
    attempt = go_to(browser, far, "Demo Business Bank", "cards")
    walk(attempt.hosted_url, "Approve")
    attempts.settle(attempt)
    connection = Connection.objects.get()
    browser.post(reverse("update_credentials", args=[connection.pk]), {"every_account": "yes"})
    opened = LinkAttempt.objects.latest("created_at")
    assert opened.account_kinds == []
    attempts.cancel(opened)
    assert Connection.objects.get().account_kinds == ["cards"]


def test_a_bank_without_the_kind_says_so_and_leads_on_after_the_sign_in(far: FarSide, browser: Client) -> None:
    """Salt Edge connects, and gives no account."""
    attempt = go_to(browser, far, "saltedge Quiet Bank", "cards")
    walk(attempt.hosted_url, "Approve")
    attempts.settle(attempt)
    page = read(browser.get(reverse("link_accounts", args=[attempt.pk])).content)
    assert "You asked for these kinds of account only: cards. The bank shows none of them." in page.text
    way_on = next(form for form in page.all("form") if form.all("input", name="every_account"))
    browser.post(way_on.attributes["action"], {"every_account": "yes"})
    again = LinkAttempt.objects.latest("created_at")
    walk(again.hosted_url, "Approve")
    assert attempts.settle(again).status == "linked"
    assert names(again.connection) == ["Savings account"]


def test_a_bank_without_the_kind_says_so_where_it_ends_the_visit(far: FarSide, browser: Client) -> None:
    """Plaid connects nothing."""
    attempt = go_to(browser, far, "Quiet Bank", "cards")
    walk(attempt.hosted_url, "Leave")
    page = read(browser.get(reverse("attempt", args=[attempt.pk])).content)
    assert "The bank showed no account that can be connected." in page.text
    assert "You asked for these kinds of account only: cards." in page.text
    assert not Connection.objects.exists()


def test_the_choice_outlives_the_code_on_the_phone(far: FarSide) -> None:
    company = make_company()
    browser = browser_of(make_user(company=company))
    bank = far.bank("Demo Business Bank")
    data = {"consent": "on", "phone_number": PHONE, "account_kinds": ["cards", "savings"]}
    asked = browser.post(reverse("connect_start", args=[bank.pk]), data)
    assert asked.headers["Location"] == reverse("connect_phone", args=[bank.pk])
    browser.post(asked.headers["Location"], {"code": code_for(PHONE, far.sandbox_url)})
    attempt = LinkAttempt.objects.get()
    assert sorted(attempt.account_kinds) == ["cards", "savings"]
    walk(attempt.hosted_url, "Approve")
    attempts.settle(attempt)
    attempts.fetch_accounts(Connection.objects.get())
    assert names(attempt.connection) == [CARD, "Savings account"]


def test_what_nobody_asked_for_is_not_kept_even_if_it_is_given(far: FarSide, browser: Client) -> None:
    attempt = go_to(browser, far, "Demo Business Bank")
    walk(attempt.hosted_url, "Approve")
    attempts.settle(attempt)
    Connection.objects.update(account_kinds=["savings", "cards"])
    attempts.fetch_accounts(Connection.objects.get())
    assert names(attempt.connection) == [CARD, "Savings account"]


def test_a_provider_that_takes_no_wish_is_never_sent_one(far: FarSide, company: Company, user: User) -> None:
    bank = far.bank("ponto Demo Business Bank")
    assert bank.choosable_kinds == []
    with pytest.raises(BadRequest):
        attempts.begin(
            company,
            bank,
            person=user,
            language="en",
            end_user=PERSON,
            return_url_for=RETURN,
            account_kinds=["cards"],
        )
    assert not LinkAttempt.objects.exists()
