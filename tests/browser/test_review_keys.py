"""In Review one key decides, held in a real browser."""

from __future__ import annotations

import pytest
from django.conf import settings
from playwright.sync_api import BrowserContext
from pytest_django.live_server_helper import LiveServer

from statements.models import ReviewItem
from tests.factories import make_user
from tests.sessions import browser_of
from tests.statements.test_review_page import make_item, make_journal

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_key_decides_about_the_first_item(live_server: LiveServer, context: BrowserContext) -> None:
    journal = make_journal()
    first, second = make_item(journal, "locked"), make_item(journal, "changed")
    cookie = browser_of(make_user(company=journal.company)).cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}/review/")
    page.keyboard.press("Control+k")
    page.keyboard.press("z")
    assert ReviewItem.objects.open().count() == 2
    with page.expect_navigation():
        page.keyboard.press("k")
    second.refresh_from_db()
    assert (second.decision, ReviewItem.objects.open().get()) == ("keep", first)
    with page.expect_navigation():
        page.keyboard.press("i")
    assert page.get_by_text("Nothing waits for you").is_visible()
    page.get_by_text("Last decisions").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Take back").first.click()
    assert ReviewItem.objects.open().get() == first
