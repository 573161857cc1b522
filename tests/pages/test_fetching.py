"""The progress of a fetch: while it is open it asks again, and when it is over it says so once."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from connections.models import Connection
from statements.models import AccountRun
from tests.factories import make_account, make_connection, make_journal, make_run
from tests.pages.books import Books
from tests.pages.elements import Element, read

HTMX = {"HX-Request": "true"}


def part(client: Client, address: str) -> Element:
    return read(client.get(address, headers=HTMX).content)


def test_an_open_run_asks_again_by_itself(member: Client, books: Books) -> None:
    run = make_run(books.connection, state="running", reason="", finished_at=None, pages=2, seen=1412)
    address = reverse("run", args=[run.pk])
    response = member.get(address, headers=HTMX)
    assert "HX-Trigger" not in response.headers
    root = read(response.content)
    assert root.all("html") == []
    place = root.one("div", class_="run")
    assert place.attributes["hx-get"] == address
    assert place.attributes["hx-trigger"] == "every 1s"
    assert place.all("p")[0].text == "Asking the bank… 2 pages, 1,412 lines so far"
    assert place.one("noscript").one("a").attributes["href"] == address


def test_an_open_run_says_how_many_accounts_it_has_read(member: Client, books: Books) -> None:
    second = make_account(books.connection)
    make_journal(books.company, account=second)
    run = make_run(books.connection, state="running", reason="", finished_at=None, pages=1, seen=5)
    AccountRun.objects.create(run=run, account=second, reason="new_lines")
    place = part(member, reverse("run", args=[run.pk])).one("div", class_="run")
    assert place.all("p")[0].text == "Asking the bank… 1 of 2 accounts, 1 page, 5 lines so far"


def test_the_focus_goes_from_the_button_to_the_progress_and_back(member: Client, books: Books) -> None:
    run = make_run(books.connection, state="running", reason="", finished_at=None)
    address = reverse("run", args=[run.pk])
    place = read(member.get(address, {"focus": "7"}, headers=HTMX).content).one("div", class_="run")
    assert (place.attributes["id"], place.attributes["tabindex"]) == ("fetch-7", "-1")
    assert place.attributes["hx-get"] == f"{address}?focus=7"
    hostile = read(member.get(address, {"focus": '"><b>'}, headers=HTMX).content).one("div", class_="run")
    assert "id" not in hostile.attributes


def test_a_run_that_waits_says_for_what(member: Client, books: Books) -> None:
    run = make_run(books.connection, state="queued", reason="", finished_at=None)
    assert part(member, reverse("run", args=[run.pk])).all("p")[0].text == "Waiting for its turn…"


def test_a_run_that_is_over_says_how_it_ended_and_asks_no_more(member: Client, books: Books) -> None:
    response = member.get(reverse("run", args=[books.run.pk]), headers=HTMX)
    assert response.headers["HX-Trigger"] == '{"run-finished": {}}'
    root = read(response.content)
    place = root.one("div", class_="run")
    assert "hx-get" not in place.attributes
    assert place.all("p")[0].text == "3 new, 4 known. Balance agrees."
    assert place.one("a").attributes["href"] == reverse("line_list", args=[books.journal.pk])
    assert "3 new, 4 known" in root.one("div", id="announcer").text


@pytest.mark.parametrize("is_automatic", [True, False])
def test_the_end_of_connect_bank_promises_only_what_comes(member: Client, books: Books, is_automatic: bool) -> None:
    Connection.objects.filter(pk=books.connection.pk).update(is_automatic=is_automatic)
    address = reverse("link_done", args=[books.attempt.pk])
    assert ("From now on it is fetched by itself." in read(member.get(address).content).text) is is_automatic
    assert "You need not stay" not in read(member.get(address).content).text
    make_run(books.connection, state="running", reason="", finished_at=None)
    assert "You need not stay" in read(member.get(address).content).text


def test_a_run_that_failed_shows_the_sentence_the_next_step_and_the_reference(member: Client, books: Books) -> None:
    failed = {"error_code": "consent_expired", "error_message": "The bank asks for a new sign-in."}
    run = make_run(
        books.connection,
        state="failed",
        reason="consent_expired",
        error_action="update_credentials",
        error_reference="7F3K-21QX",
        **failed,
    )
    notice = part(member, reverse("run", args=[run.pk])).one("div", class_="notice tone-broken")
    said = [paragraph.text for paragraph in notice.all("p")]
    assert said[0] == "The bank asks for a new sign-in."
    assert notice.one("form").attributes["action"] == reverse("update_credentials", args=[books.connection.pk])
    assert notice.one("form").text == "Sign in at the bank again"
    assert notice.one("button", data_copy="7F3K-21QX").text == "Copy"


def test_a_card_turns_into_the_progress_of_its_fetch(member: Client, books: Books) -> None:
    card = read(member.get(reverse("dashboard")).content).one("article", id=f"journal-{books.journal.pk}")
    form = card.one("form", action=reverse("fetch", args=[books.connection.pk]))
    assert form.attributes["hx-post"] == form.attributes["action"]
    assert form.labelled("next").attributes["value"].startswith(f"{reverse('dashboard')}?since=")
    assert form.one("button").attributes["id"] == f"fetch-{form.labelled('focus').attributes['value']}"
    run = make_run(books.connection, state="running", reason="", finished_at=None)
    card = read(member.get(reverse("dashboard")).content).one("article", id=f"journal-{books.journal.pk}")
    assert card.all("form", action=reverse("fetch", args=[books.connection.pk])) == []
    asks = card.one("div", class_="run").attributes["hx-get"]
    assert asks == f"{reverse('run', args=[run.pk])}?focus={books.journal.pk}"


def test_what_cannot_be_fetched_leads_the_whole_window_to_the_reason(member: Client, books: Books) -> None:
    gone = make_connection(books.company, status=Connection.Status.DISCONNECTED)
    address = reverse("connection", args=[gone.pk])
    response = member.post(reverse("fetch", args=[gone.pk]), headers=HTMX)
    assert response.headers["HX-Redirect"] == address
    root = read(member.get(address).content)
    button = next(one for one in root.all("button") if one.text == "Fetch Transactions")
    assert "disabled" in button.attributes
    assert "connect the bank again" in root.described(button)


def test_a_card_whose_bank_asks_for_a_person_says_so(member: Client, books: Books) -> None:
    Connection.objects.filter(pk=books.connection.pk).update(
        status=Connection.Status.ACTION_REQUIRED,
        error_code="consent_expired",
        error_message="The bank asks for a new sign-in.",
        error_action="update_credentials",
        error_reference="REF-9",
    )
    cards = read(member.get(reverse("dashboard")).content).all("article")
    assert cards[0].attributes["id"] == f"journal-{books.journal.pk}"
    assert "The bank asks for a new sign-in." in cards[0].one("div", class_="notice tone-wait").text
