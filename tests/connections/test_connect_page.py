"""The pages on the way to a bank: what the search shows, and what is said of a bank before going there."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from companies.models import Company
from tests.factories import make_account, make_company, make_connection, make_institution
from tests.pages.elements import Element, read
from tests.sessions import signed_in

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
ACCOUNT = "BE71 0961 2345 6769"


@pytest.fixture
def company() -> Company:
    return make_company()


@pytest.fixture
def person(company: Company) -> Client:
    return signed_in(company)


def found(root: Element) -> list[str]:
    """The banks of the results; the way to add one that is not there is always the last."""
    rows = root.all("a", class_="row-link")
    assert rows[-1].one("strong").text == "Not in the list? Add new bank"
    return [row.one("strong").text for row in rows[:-1]]


def searched(person: Client, text: str, **more: str) -> Element:
    response = person.post(reverse("connect"), {"q": text, **more}, headers=HTMX)
    assert response.status_code == 200
    return read(response.content)


def facts(root: Element) -> dict[str, str]:
    [shown] = root.all("dl", class_="facts-list")
    return dict(zip([term.text for term in shown.all("dt")], [one.text for one in shown.all("dd")], strict=True))


def test_a_bank_of_three_providers_is_one_row(person: Client) -> None:
    for provider in ("plaid", "saltedge", "ponto"):
        make_institution(name="Triple Bank", provider=provider, bic="TRIPBEBB")
    [row, _add] = searched(person, "triple").all("a", class_="row-link")
    assert row.one("span", class_="quiet small-print").text == "Belgium · TRIPBEBB · Plaid, Ponto, Salt Edge"


def test_how_many_are_found_is_said_to_those_who_do_not_see_it(person: Client) -> None:
    make_institution(name="Alpha One")
    make_institution(name="Alpha Two")
    root = searched(person, "alpha")
    assert root.one("div", id="announcer").text == "2 banks found"
    assert searched(person, "").one("div", id="announcer").text == ""


def test_what_is_not_found_can_be_added_with_what_was_typed(person: Client) -> None:
    root = searched(person, "My Village Bank")
    assert "No bank goes by “My Village Bank”" in root.text
    assert found(root) == []
    form = read(person.get(root.all("a", class_="row-link")[-1].attributes["href"]).content)
    assert form.labelled("bank_name").attributes["value"] == "My Village Bank"


def test_the_plain_form_leads_to_an_address_that_can_be_shared(person: Client) -> None:
    make_institution(name="Belfius Bank", bic="GKCCBEBB")
    response = person.post(reverse("connect"), {"q": "belfius", "country": ""})
    assert response.status_code == 302
    root = read(person.get(response.headers["Location"]).content)
    assert found(root) == ["Belfius Bank"]
    assert root.labelled("q").attributes["value"] == "belfius"


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_an_account_number_finds_the_bank_and_stays_out_of_the_address(person: Client, headers: dict[str, str]) -> None:
    make_institution(name="Belfius Bank", bic="GKCCBEBB")
    response = person.post(reverse("connect"), {"q": ACCOUNT, "country": "BE"}, headers=headers)
    address = response.headers["HX-Replace-Url" if headers else "Location"]
    assert address == f"{reverse('connect')}?q=GKCCBEBB&country=BE"
    assert found(read(person.get(address).content)) == ["Belfius Bank"]
    add = searched(person, ACCOUNT).all("a", class_="row-link")[-1]
    assert "0961" not in add.attributes["href"]


def test_an_account_number_in_an_address_is_taken_out_of_it(person: Client) -> None:
    response = person.get(reverse("connect"), {"q": ACCOUNT, "country": "BE"})
    assert response.headers["Location"] == f"{reverse('connect')}?q=GKCCBEBB&country=BE"


def test_the_country_of_the_last_bank_is_searched_first(person: Client, company: Company) -> None:
    make_connection(company, institution=make_institution(name="First Bank", country="NL"))
    for country in ("NL", "BE"):
        make_institution(name="Common Bank", country=country)
    root = read(person.get(reverse("connect"), {"q": "common"}).content)
    assert "Netherlands" in root.all("a", class_="row-link")[0].text
    assert found(root) == ["Common Bank"]
    everywhere = read(person.get(reverse("connect"), {"q": "common", "country": ""}).content)
    assert found(everywhere) == ["Common Bank", "Common Bank"]


def test_a_bank_that_is_only_elsewhere_is_shown_and_said_to_be(person: Client) -> None:
    make_institution(name="Common Bank", country="NL")
    make_institution(name="Faraway Trust", country="AU")
    root = searched(person, "faraway", country="NL")
    assert found(root) == ["Faraway Trust"]
    assert "No bank in Netherlands goes by that." in root.text
    assert root.one("div", id="announcer").text == "None in Netherlands, 1 bank found in all countries"
    assert "No bank in" not in searched(person, "comon bnak", country="NL").text


def test_the_browser_says_where_a_new_company_is(person: Client) -> None:
    for country in ("NL", "BE"):
        make_institution(name="Common Bank", country=country)

    def found_by(accepted: str) -> list[str]:
        root = read(person.get(reverse("connect"), {"q": "common"}, headers={"Accept-Language": accepted}).content)
        return [row.one("span", class_="quiet small-print").text for row in root.all("a", class_="row-link")[:-1]]

    assert found_by("en-BE,en-US;q=0.8") == ["Belgium · Plaid"]
    # What many a browser says everywhere says nothing.
    assert found_by("en-US,en;q=0.9") == ["Belgium · Plaid", "Netherlands · Plaid"]


def test_a_beta_bank_says_what_that_means(person: Client) -> None:
    make_institution(name="Newcomer", is_beta=True)
    [row, _add] = searched(person, "newcomer").all("a", class_="row-link")
    assert "details of a transaction may be missing" in row.text


def test_where_providers_differ_the_better_one_is_suggested_with_the_reason(person: Client) -> None:
    short = make_institution(name="Both Bank", provider="plaid", capabilities={"history_days": 90})
    long = make_institution(name="Both Bank", provider="ponto", capabilities={"history_days": 730})
    root = read(person.get(reverse("connect_start", args=[short.pk])).content)
    ways = root.all("a", class_="way")
    assert [way.attributes["href"] for way in ways] == [
        reverse("connect_start", args=[one.pk]) for one in (long, short)
    ]
    assert "Suggested" in ways[0].text
    assert "It promises the longest history." in ways[0].text
    assert [way.attributes.get("aria-current") for way in ways] == [None, "true"]
    assert facts(root)["History"] == "up to 3 months"


def test_banks_of_one_name_at_one_provider_are_told_apart_by_their_own_pages(person: Client) -> None:
    addresses = ["https://first.example", "https://second.example"]
    banks = [make_institution(name="First State Bank", country="US", website=address) for address in addresses]
    [row, _add] = searched(person, "first state").all("a", class_="row-link")
    assert row.attributes["href"] == reverse("connect_start", args=[banks[0].pk])
    ways = read(person.get(row.attributes["href"]).content).all("a", class_="way")
    assert [address in way.text for way, address in zip(ways, addresses, strict=True)] == [True, True]


def test_a_bank_of_one_provider_offers_no_choice(person: Client) -> None:
    bank = make_institution(name="Only Bank")
    make_institution(name="Only Bank", country="FR")
    assert read(person.get(reverse("connect_start", args=[bank.pk])).content).all("a", class_="way") == []


def test_the_facts_of_a_bank_are_said_before_going_there(person: Client) -> None:
    capabilities = {
        "history_days": 365,
        "consent_days": 90,
        "refreshes_per_day": 4,
        "unattended": False,
        "account_kinds": ["current", "savings", "something_new"],
        "holder_types": ["business", "personal"],
    }
    bank = make_institution(name="Fact Bank", bic="FACTBEBB", provider="saltedge", capabilities=capabilities)
    assert facts(read(person.get(reverse("connect_start", args=[bank.pk])).content)) == {
        "Country": "Belgium",
        "BIC": "FACTBEBB",
        "Provider": "Salt Edge",
        "History": "up to 1 year",
        "Your consent lasts": "3 months",
        "Fetched": "only while you are here",
        "Accounts": "current accounts, savings",
        "Customers": "companies and private people",
        "At the bank": "you sign in and approve, and confirm again at every fetch",
    }


def test_a_connected_bank_offers_to_update_it_and_to_fetch_its_accounts(person: Client, company: Company) -> None:
    connection = make_account(make_connection(company, institution=make_institution(name="Ours"))).connection
    [notice] = read(person.get(reverse("connect_start", args=[connection.institution_id])).content).all(
        "div", class_="notice tone-wait already"
    )
    actions = [form.attributes["action"] for form in notice.all("form")]
    assert actions == [reverse(name, args=[connection.pk]) for name in ("update_credentials", "fetch_accounts")]
