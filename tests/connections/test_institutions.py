"""Supported banks: a list that anyone may read, page by page, at a bounded cost."""

from __future__ import annotations

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from connections.models import DirectoryCursor, Institution
from connections.services import directory
from connections.views.institutions import PAGE
from tests.factories import make_company, make_institution
from tests.pages.elements import Element, read
from tests.sessions import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def banks() -> None:
    """Two pages of banks in Belgium, one of them with two providers, and one bank of two countries."""
    for number in range(PAGE):
        make_institution(name=f"Bank {number:03}", country="BE")
    make_institution(name="Bank 000", country="BE", provider="ponto", is_beta=True)
    make_institution(name="Zebra Bank", country="NL", countries=["NL", "BE"], capabilities={"history_days": 730})
    directory.count_banks()


def page(client: Client, address: str) -> Element:
    response = client.get(address)
    assert response.status_code == 200
    return read(response.content)


def rows(root: Element) -> list[list[str]]:
    return [[cell.text for cell in row if cell.tag in ("th", "td")] for row in root.one("tbody").all("tr")]


def test_anyone_sees_every_country_and_how_many_banks_it_has(client: Client, banks: None) -> None:
    root = page(client, reverse("institutions"))
    assert [link.text for link in root.one("ul", class_="countries").all("a")] == [
        f"Belgium {PAGE + 1}",
        "Netherlands 1",
    ]
    assert f"{PAGE + 1} banks in 2 countries can be connected." in root.text
    assert root.one("h1").text == "Supported banks"


def test_a_country_lists_its_banks_with_every_provider(client: Client, banks: None) -> None:
    root = page(client, reverse("institutions_of", args=["be"]))
    assert rows(root)[:3] == [
        ["Bank 000", "Plaid", "as far as the bank gives", "until you end it", "by itself"],
        ["Bank 000", "Ponto Beta", "as far as the bank gives", "until you end it", "by itself"],
        ["Bank 001", "Plaid", "as far as the bank gives", "until you end it", "by itself"],
    ]
    onward = root.one("a", rel="next").attributes["href"]
    assert rows(page(client, reverse("institutions_of", args=["be"]) + onward)) == [
        ["Zebra Bank", "Plaid", "2 years", "until you end it", "by itself"]
    ]


@pytest.mark.parametrize("address", ["be/?page=3", "be/?page=0", "be/?page=x", "xx/", "de/", "b%25/"])
def test_a_page_that_is_not_there_is_not_found(client: Client, banks: None, address: str) -> None:
    assert client.get(f"{reverse('institutions')}{address}").status_code == 404


def test_a_country_has_one_address(client: Client, banks: None) -> None:
    response = client.get(f"{reverse('institutions')}BE/")
    assert (response.status_code, response.headers["Location"]) == (301, reverse("institutions_of", args=["be"]))


def test_anyone_can_search(client: Client, banks: None) -> None:
    root = page(client, f"{reverse('institutions')}?q=zebr+bakn&country=BE")
    assert rows(root) == [["Zebra Bank", "Belgium", "Plaid", "2 years", "until you end it", "by itself"]]
    assert "No bank goes by “qqqzzz”" in page(client, f"{reverse('institutions')}?q=qqqzzz").text


def test_an_account_number_is_not_kept_in_the_address(client: Client, banks: None) -> None:
    response = client.get(reverse("institutions"), {"q": "BE71 0961 2345 6769"})
    assert (response.status_code, response.headers["Location"]) == (302, reverse("institutions"))


def test_pages_are_cached_for_anyone_and_hold_nothing_of_a_person(client: Client, banks: None) -> None:
    for address in (reverse("institutions"), reverse("institutions_of", args=["be"])):
        response = client.get(address)
        assert "public" in response.headers["Cache-Control"]
        assert response.cookies == {}
        assert "csrf" not in response.content.decode()
        again = client.get(address, headers={"If-None-Match": response.headers["ETag"]})
        assert again.status_code == 304
        mine = signed_in(make_company()).get(address)
        assert "private" in mine.headers["Cache-Control"]


def test_no_row_costs_a_query_of_its_own(client: Client, banks: None) -> None:
    def queries() -> int:
        with CaptureQueriesContext(database) as captured:
            page(client, reverse("institutions_of", args=["be"]))
        return len(captured)

    many = queries()
    Institution.objects.exclude(name__startswith="Bank 00").update(is_removed=True)
    assert queries() == many <= 4


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/institutions/?q=a%00bank", 200),
        ("/institutions/?q=bank&country=%00", 200),
        ("/institutions/?q=zebra&country=%25", 200),
        ("/institutions/?q=%22%27)+OR+NEAR(*", 200),
        ("/institutions/b%00/", 404),
        ("/institutions/%25%25/", 404),
        ("/institutions/belgium/", 404),
    ],
)
def test_what_no_keyboard_writes_breaks_nothing(client: Client, banks: None, address: str, status: int) -> None:
    assert client.get(address).status_code == status


def test_an_empty_directory_says_what_to_do(client: Client) -> None:
    DirectoryCursor.objects.all().delete()
    assert "The directory is empty" in page(client, reverse("institutions")).text


def test_the_sign_in_page_leads_there(client: Client) -> None:
    assert page(client, reverse("login")).all("a", href=reverse("institutions"))
