"""A reference is copied in a real browser: the button says so, also to who does not see it, and has its words again."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from playwright.sync_api import BrowserContext, expect
from pytest_django.live_server_helper import LiveServer

from companies.models import Company
from tests.factories import make_company, make_connection, make_run, make_user
from tests.pages.books import make_books
from tests.pages.elements import read
from tests.sessions import browser_of

pytestmark = pytest.mark.django_db(transaction=True)
REFERENCE = "7F3K-21QX"


def test_a_reference_is_copied_and_said_aloud(live_server: LiveServer, context: BrowserContext) -> None:
    company = make_company()
    run = make_run(make_connection(company), state="failed", reason="other", error_reference=REFERENCE)
    sign_in(context, live_server, company)
    page = context.new_page()
    page.goto(live_server.url + reverse("run", args=[run.pk]))
    button = page.locator("main .copy").first
    button.dblclick()
    expect(button).to_have_text("Copied")
    expect(page.locator("#announcer")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == REFERENCE
    expect(button).to_have_text("Copy")


@pytest.mark.parametrize("template", ["connections/come_back.html", "connections/renewal.html"])
def test_a_page_without_the_frame_brings_what_copies(template: str) -> None:
    books = make_books()
    error = {"message": "The bank does not answer.", "code": "bank_unavailable", "reference": REFERENCE}
    facts = {"attempt": books.attempt, "connection": books.connection, "company": books.company, "error": error}
    page = read(render_to_string(template, facts))
    assert page.one("button", data_copy=REFERENCE).text == "Copy"
    assert any("js/copy" in script.attributes.get("src", "") for script in page.all("script"))


def sign_in(context: BrowserContext, live_server: LiveServer, company: Company) -> None:
    value = browser_of(make_user(company=company)).cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}])
    context.grant_permissions(["clipboard-read", "clipboard-write"])
