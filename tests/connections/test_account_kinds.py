"""Some kinds of account only: offered where a bank can be asked so, kept, said, and never more than was asked for."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from companies.models import Company
from connections.forms import StartForm
from connections.models import Institution
from connections.templatetags.ways import connect_again
from tests.factories import make_account, make_attempt, make_company, make_connection, make_institution, make_user
from tests.pages.elements import Element, read
from tests.sessions import browser_of, signed_in

pytestmark = pytest.mark.django_db

NARROW: dict[str, Any] = {"account_kinds": ["current", "savings", "cards"], "can_narrow": True}
NO_SUCH = "This bank has no such kind of account: choose from those that are shown."


@pytest.fixture
def company() -> Company:
    return make_company()


@pytest.fixture
def person(company: Company) -> Client:
    return signed_in(company)


def start_page(person: Client, bank: Institution, **query: Any) -> Element:
    return read(person.get(reverse("connect_start", args=[bank.pk]), query).content)


def choices(root: Element) -> dict[str, bool]:
    """The kinds that can be ticked, and whether they are."""
    boxes = root.all("input", name="account_kinds")
    return {box.attributes["value"]: "checked" in box.attributes for box in boxes}


# --- the choice ------------------------------------------------------------------------------------------------------
def test_a_bank_that_can_be_asked_for_some_kinds_offers_them_and_asks_for_all(person: Client) -> None:
    root = start_page(person, make_institution(capabilities=NARROW))
    assert choices(root) == {"current": False, "savings": False, "cards": False}
    [closed] = root.all("details", class_="more-of field")
    assert "open" not in closed.attributes
    assert [label.text for label in closed.all("label")] == ["Current accounts", "Savings", "Cards"]
    group = closed.one("fieldset")
    assert root.described(group) == "With nothing ticked, every account is asked for."
    assert group.one("legend").text == "Only these kinds of account"


@pytest.mark.parametrize(
    "capabilities",
    [
        {},
        {"account_kinds": ["current", "cards"]},
        {"account_kinds": ["current"], "can_narrow": True},
        {"can_narrow": True},
        # As an older proxy says it.
        {"account_types": ["account", "savings"]},
    ],
)
def test_where_there_is_nothing_to_choose_nothing_is_offered(person: Client, capabilities: dict[str, Any]) -> None:
    assert choices(start_page(person, make_institution(capabilities=capabilities))) == {}


def test_what_was_asked_for_before_is_ticked_when_connecting_again(person: Client, company: Company) -> None:
    bank = make_institution(capabilities=NARROW)
    ended = make_connection(company, institution=bank, status="disconnected", account_kinds=["cards", "savings"])
    root = read(person.get(connect_again(ended)).content)
    assert choices(root) == {"current": False, "savings": True, "cards": True}
    assert "open" in root.one("details", class_="more-of field").attributes
    assert not any(choices(start_page(person, bank, kind=["everything", "<b>"])).values())
    ended.account_kinds = []
    assert connect_again(ended) == reverse("connect_start", args=[bank.pk])


# --- what comes back in a form ---------------------------------------------------------------------------------------
def form(*kinds: str, bank: Institution | None = None) -> StartForm:
    offered = (bank or Institution(capabilities=NARROW)).choosable_kinds
    data = {"consent": "on", "account_kinds": list(kinds)}
    return StartForm(data, company=Company(), is_confirmed=True, account_kinds=offered)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [([], []), (["cards"], ["cards"]), (["current", "cards"], ["current", "cards"])],
)
def test_what_is_ticked_is_asked_for(sent: list[str], kept: list[str]) -> None:
    chosen = form(*sent)
    assert chosen.is_valid()
    assert chosen.cleaned_data["account_kinds"] == kept


def test_who_ticks_every_kind_asks_for_everything() -> None:
    chosen = form("current", "savings", "cards")
    assert chosen.is_valid()
    assert chosen.cleaned_data["account_kinds"] == []


@pytest.mark.parametrize(
    "sent", [["loans"], ["cards", "everything"], ["Cards"], [""], ["'; DROP TABLE"], ["cards", "\x00"]]
)
def test_a_kind_that_is_not_offered_is_refused_in_one_sentence(person: Client, sent: list[str]) -> None:
    bank = make_institution(capabilities=NARROW)
    response = person.post(
        reverse("connect_start", args=[bank.pk]),
        {"phone_number": "+32470123456", "consent": "on", "account_kinds": sent},
    )
    assert response.status_code == 422
    assert read(response.content).text.count(NO_SUCH) == 1


def test_a_bank_that_cannot_be_asked_so_says_no_rather_than_to_give_everything(person: Client) -> None:
    bank = make_institution(capabilities={"account_kinds": ["current", "cards"]})
    data = {"phone_number": "+32470123456", "consent": "on", "account_kinds": ["cards"]}
    response = person.post(reverse("connect_start", args=[bank.pk]), data)
    assert response.status_code == 422
    assert NO_SUCH in read(response.content).text


# --- afterwards ------------------------------------------------------------------------------------------------------
def test_the_connection_says_what_is_asked_for_and_how_to_ask_for_all(person: Client, company: Company) -> None:
    connection = make_account(make_connection(company, account_kinds=["savings", "cards"])).connection
    section = read(person.get(reverse("connection", args=[connection.pk])).content).one("section", id="accounts")
    assert "Only these kinds of account are asked for: savings, cards." in section.text
    [way_on] = section.all("form")
    assert way_on.attributes["action"] == reverse("update_credentials", args=[connection.pk])
    assert way_on.labelled("every_account").attributes["type"] == "hidden"
    everything = make_account(make_connection(company)).connection
    page = read(person.get(reverse("connection", args=[everything.pk])).content)
    assert page.one("section", id="accounts").all("form") == []


def test_a_visit_that_found_no_such_account_says_what_was_asked_for(company: Company) -> None:
    user = make_user(company=company)
    attempt = make_attempt(
        user,
        company,
        institution=make_institution(capabilities=NARROW),
        status="failed",
        error_code="not_supported",
        error_message="The bank showed no account that can be connected.",
        account_kinds=["cards"],
    )
    root = read(browser_of(user).get(reverse("attempt", args=[attempt.pk])).content)
    assert "You asked for these kinds of account only: cards. Ask for all of them, or choose others." in root.text
    [again] = [link for link in root.all("a") if link.text == "Try again"]
    assert again.attributes["href"].endswith("?kind=cards")


# --- one bank, listed apart for whom it is ---------------------------------------------------------------------------
def others(root: Element) -> list[str]:
    return [way.one("strong").text for nav in root.all("nav", aria_labelledby="for-others") for way in nav.all("a")]


def test_a_bank_that_is_listed_for_companies_too_leads_there(person: Client) -> None:
    plain = make_institution(name="Second Bank", provider="saltedge", capabilities={"holder_types": ["personal"]})
    business = make_institution(
        name="Second Bank Business", provider="saltedge", capabilities={"holder_types": ["business"]}
    )
    make_institution(name="Second Bank Business", provider="plaid")
    make_institution(name="Second Bank (Private)", provider="saltedge")
    for different in ("Second Bank of Ghent", "Second Bank Businessmen", "Second"):
        make_institution(name=different, provider="saltedge")
    make_institution(name="Second Bank Business", provider="saltedge", country="FR")
    root = start_page(person, plain)
    assert others(root) == ["Second Bank (Private)", "Second Bank Business"]
    [link] = [way for way in root.all("a", class_="way") if way.one("strong").text == "Second Bank Business"]
    assert link.attributes["href"] == reverse("connect_start", args=[business.pk])
    assert link.one("span").text == "Salt Edge · companies"
    assert others(start_page(person, business)) == ["Second Bank", "Second Bank (Private)"]


def test_a_bank_whose_whole_name_is_such_a_word_has_no_others(person: Client) -> None:
    assert others(start_page(person, make_institution(name="Business"))) == []
