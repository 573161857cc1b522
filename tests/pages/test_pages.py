"""Every page: what it must have, who may see it, and that it costs the same however much there is."""

from __future__ import annotations

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from companies.models import Membership
from connections.models import Connection
from tests.factories import make_account, make_attempt, make_company, make_connection, make_institution, make_user
from tests.pages.books import GENERAL, Books, make_books
from tests.pages.elements import Element, read

BARE = {"attempt_return"}


def addresses(books: Books) -> dict[str, str]:
    """The address of every page, by name."""
    bank = {"connect_start": reverse("connect_start", args=[books.connection.institution_id])}
    return {**{name: reverse(name) for name in GENERAL}, **bank, **books.addresses()}


def page(client: Client, address: str) -> Element:
    response = client.get(address)
    assert response.status_code == 200, (address, response.status_code)
    return read(response.content)


def test_every_page_has_one_heading_a_title_and_its_landmarks(member: Client, books: Books) -> None:
    for name, address in addresses(books).items():
        root = page(member, address)
        assert root.one("h1").text, name
        assert root.one("head").one("title").text.endswith("· banksync"), name
        assert root.one("html").attributes["lang"] == "en", name
        assert len(root.all("main")) == 1, name
        if name not in BARE:
            assert root.one("a", class_="skip").attributes["href"] == "#content", name
            assert root.one("nav", aria_label="Main"), name


def test_every_page_keeps_to_the_content_policy(member: Client, books: Books) -> None:
    for name, address in addresses(books).items():
        response = member.get(address)
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy, name
        assert "unsafe" not in policy, name
        for element in read(response.content):
            assert element.tag != "style", name
            assert "style" not in element.attributes, (name, element)
            assert not [attribute for attribute in element.attributes if attribute.startswith("on")], (name, element)
            if element.tag == "script":
                assert element.attributes["src"].startswith("/static/"), (name, element)
            if element.tag == "link":
                assert element.attributes["href"].startswith("/static/"), (name, element)


def test_every_form_that_changes_something_works_without_a_script(member: Client, books: Books) -> None:
    for name, address in addresses(books).items():
        for form in page(member, address).all("form", method="post"):
            assert form.labelled("csrfmiddlewaretoken").attributes["value"], name
            assert [button for button in form.all("button") if button.attributes.get("type", "submit") == "submit"], (
                name
            )


def test_no_page_is_shown_without_a_session(client: Client, books: Books) -> None:
    for name, address in addresses(books).items():
        response = client.get(address)
        assert response.status_code == 302, name
        assert response.headers["Location"].startswith(reverse("login")), name


def test_what_is_another_companys_does_not_exist(client: Client, books: Books) -> None:
    client.force_login(make_user(company=make_company()))
    for name, address in books.addresses().items():
        assert client.get(address).status_code == 404, name
    for verb in ("fetch", "fetch_accounts", "add_note"):
        assert client.post(reverse(verb, args=[books.connection.pk])).status_code == 404, verb
    assert client.post(reverse("attempt_cancel", args=[books.attempt.pk])).status_code == 404
    assert client.post(reverse("switch_company", args=[books.company.pk])).status_code == 404


def test_a_walk_to_the_bank_is_its_persons_alone(client: Client, books: Books) -> None:
    client.force_login(make_user(company=books.company))
    under_way = make_attempt(books.person, books.company)
    for name in ("attempt", "link_accounts", "link_done"):
        assert client.get(reverse(name, args=[under_way.pk])).status_code == 404, name


def test_what_was_left_halfway_is_found_again_by_everybody_of_the_company(client: Client, books: Books) -> None:
    connection = make_connection(books.company, institution=make_institution(name="Left Bank"))
    make_account(connection)
    attempt = make_attempt(books.person, books.company, connection=connection, status="connected")
    Connection.objects.filter(pk=connection.pk).update(next_fetch_at=None)
    onward = reverse("link_accounts", args=[attempt.pk])
    client.force_login(make_user(company=books.company))
    dashboard = read(client.get(reverse("dashboard")).content)
    banner = dashboard.one("div", data_banner="unlinked")
    assert banner.text.startswith("Left Bank is connected, but no journal is chosen for its accounts yet.")
    page = read(client.get(banner.one("a").attributes["href"]).content)
    assert page.one("a", class_="btn btn-primary", href=onward).text == "Choose journals"
    assert read(client.get(onward).content).all("div", data_banner="unlinked") == []


def test_a_person_without_a_company_is_told_so(client: Client, db: None) -> None:
    client.force_login(make_user("nobody@example.com"))
    response = client.get(reverse("dashboard"))
    assert response.status_code == 403
    root = read(response.content)
    assert "nobody@example.com" in root.one("main").text
    assert root.one("form", action=reverse("logout")).text == "Sign out"


def test_pages_cost_the_same_number_of_queries_however_long_the_books_are(client: Client, db: None) -> None:
    few, many = _queries(client, make_books(1)), _queries(client, make_books(30))
    assert few == many


def test_a_search_for_banks_costs_the_same_however_many_it_finds(member: Client) -> None:
    def queries(text: str) -> int:
        with CaptureQueriesContext(database) as captured:
            member.get(reverse("connect"), {"q": text})
        return len(captured)

    for number in range(6):  # with fewer, similar names are looked for too
        make_institution(name=f"Lonely {number}")
    for number in range(25):
        make_institution(name=f"Common {number}")
    assert queries("lonely") == queries("common")


def _queries(client: Client, books: Books) -> dict[str, int]:
    client.force_login(books.person)
    counted = {}
    for name, address in addresses(books).items():
        client.get(address)  # the first look may fill caches of the process
        with CaptureQueriesContext(database) as captured:
            assert client.get(address).status_code == 200, name
        counted[name] = len(captured)
    return counted


@pytest.mark.parametrize("name", ["dashboard", "connection_list", "journal_list", "statement_list", "review_list"])
def test_an_empty_page_says_what_to_do_next(client: Client, db: None, name: str) -> None:
    client.force_login(make_user(company=make_company()))
    state = page(client, reverse(name)).one("div", class_="empty-state")
    assert state.one("h2").text
    assert state.all("a") or state.all("form")


def test_the_frame_says_where_one_is_and_how_much_waits(member: Client, books: Books) -> None:
    side = page(member, reverse("journal_list")).one("nav", aria_label="Main")
    assert [link.text for link in side.all("a", aria_current="page")] == ["Journals"]
    side = page(member, reverse("line_list", args=[books.journal.pk])).one("nav", aria_label="Main")
    assert [link.text for link in side.all("a", aria_current="true")] == ["Journals"]
    assert side.one("span", class_="count").text == "1 waiting for a decision"


def test_what_is_in_another_of_ones_companies_is_one_press_away(client: Client, books: Books) -> None:
    person = make_user(company=make_company(name="Another"))
    Membership.objects.create(company=books.company, user=person, role="accountant")
    client.force_login(person)
    client.post(reverse("switch_company", args=[person.memberships.earliest("pk").company_id]))
    wanted = reverse("line_list", args=[books.journal.pk]) + "?q=rent"
    nothing = client.get(wanted)
    assert nothing.status_code == 404
    form = read(nothing.content).one("form", action=reverse("switch_company", args=[books.company.pk]))
    switched = client.post(form.attributes["action"], {"next": form.labelled("next").attributes["value"]})
    assert switched.headers["Location"] == wanted
    assert client.get(wanted).status_code == 200
    elsewhere = client.post(form.attributes["action"], {"next": "https://evil.example/"})
    assert elsewhere.headers["Location"] == reverse("dashboard")


def test_companies_are_switched_with_a_form(member: Client, books: Books) -> None:
    other = make_company(name="Other books")
    assert not page(member, reverse("dashboard")).all("form", action=reverse("switch_company", args=[other.pk]))
    books.person.memberships.create(company=other)
    form = page(member, reverse("dashboard")).one("form", action=reverse("switch_company", args=[other.pk]))
    assert form.text == "Other books"
    assert member.post(form.attributes["action"]).headers["Location"] == reverse("dashboard")
    assert page(member, reverse("dashboard")).one("h2").text == "Connect your first bank"
