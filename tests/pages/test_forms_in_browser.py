"""Forms in a real browser: pressed twice, and sent when the session has ended meanwhile."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from connections.models import ChatterEntry
from tests.factories import PASSWORD
from tests.pages.books import Books, make_books
from tests.sessions import browser_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def books(transactional_db: None) -> Books:
    return make_books()


@pytest.fixture
def page(context: BrowserContext, live_server: LiveServer, books: Books) -> Page:
    """The page of the connection."""
    cookie = browser_of(books.person).cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    page = context.new_page()
    page.goto(live_server.url + reverse("connection", args=[books.connection.pk]))
    return page


def notes(text: str) -> int:
    return ChatterEntry.objects.filter(code="note", text__contains=text).count()


def test_a_button_pressed_twice_sends_its_form_once(page: Page) -> None:
    page.get_by_label("Note", exact=True).fill("Called the bank")
    page.get_by_role("button", name="Add note").dblclick()
    expect(page.locator("#entries")).to_contain_text("Called the bank")
    page.wait_for_load_state()
    assert notes("Called the bank") == 1
    expect(page.locator("#chatter")).to_be_focused()
    page.get_by_role("link", name="Notes").click()
    expect(page.locator("#chatter")).to_be_focused()
    page.get_by_label("Note", exact=True).fill("Called again")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator("#entries")).to_contain_text("Called again")


def test_an_answer_that_takes_long_is_announced_and_moves_nothing(page: Page) -> None:
    # The server does not answer: the form stays on its way.
    page.evaluate("document.addEventListener('submit', (event) => event.preventDefault())")
    heading, working = page.get_by_role("heading", level=1), page.locator("#working")
    top = heading.bounding_box()
    page.get_by_label("Note", exact=True).fill("Slowly")
    expect(working).to_have_text("")
    page.get_by_role("button", name="Add note").click()
    expect(working).to_have_text("This takes a moment. The page goes on by itself.")
    assert heading.bounding_box() == top
    page.evaluate("document.dispatchEvent(new Event('answered'))")
    expect(working).to_have_text("")


def test_what_was_typed_outlives_the_session(page: Page, books: Books) -> None:
    page.get_by_label("Note", exact=True).fill("They said:\n“tomorrow”")
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.get_by_role("button", name="Add note").click()
    expect(page.get_by_role("status").last).to_contain_text("What you were sending is kept")
    page.get_by_label("E-mail address").fill(books.person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Send it now").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Bank of the Books")
    expect(page.locator("#entries")).to_contain_text("“tomorrow”")
    assert notes("“tomorrow”") == 1
