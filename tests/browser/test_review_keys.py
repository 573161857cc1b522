"""In Review one key decides, held in a real browser."""

from __future__ import annotations

import pytest
from django.conf import settings
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from statements.models import ReviewItem
from tests.factories import make_user
from tests.sessions import browser_of
from tests.statements.test_review_page import make_item, make_journal

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page(live_server: LiveServer, context: BrowserContext) -> Page:
    """The page of a journal with three items, the newest first."""
    journal = make_journal(name="Three")
    for kind in ("locked", "removed", "changed"):
        make_item(journal, kind)
    cookie = browser_of(make_user(company=journal.company)).cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}/review/")
    return page


def open_kinds() -> list[str]:
    return list(ReviewItem.objects.open().values_list("kind", flat=True))


def press(page: Page, key: str) -> None:
    with page.expect_navigation():
        page.keyboard.press(key)


def test_one_key_decides_about_the_first_item(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.press("z")
    assert open_kinds() == ["changed", "removed", "locked"]
    press(page, "k")
    assert open_kinds() == ["removed", "locked"]
    press(page, "k")
    press(page, "i")
    assert page.get_by_text("Nothing waits for you").is_visible()
    page.get_by_text("Last decisions").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Take back", exact=True).last.click()
    assert open_kinds() == ["changed"]


def test_after_a_decision_the_next_item_has_the_focus_and_is_told_of_what_was_done(page: Page) -> None:
    articles = page.locator("article")
    articles.nth(1).get_by_role("button", name="Keep the line").focus()
    press(page, "k")
    assert open_kinds() == ["changed", "locked"]
    heading = articles.nth(1).get_by_role("heading", level=2)
    expect(heading).to_be_focused()
    expect(heading).to_have_accessible_description("Done: Keep the line.")
    press(page, "i")
    expect(articles.first.get_by_role("heading", level=2)).to_be_focused()


def test_one_key_takes_the_last_decision_back_and_leads_to_it(page: Page) -> None:
    press(page, "k")
    press(page, "k")
    press(page, "u")
    assert open_kinds() == ["removed", "locked"]
    expect(page.locator("article").first.get_by_role("heading", level=2)).to_be_focused()
    press(page, "u")
    assert open_kinds() == ["changed", "removed", "locked"]


def test_a_key_pressed_twice_decides_once(page: Page) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    with page.expect_navigation():
        page.evaluate(
            "[1, 2].forEach(() => document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'k', bubbles: true})))"
        )
    assert len(sent) == 1
    assert open_kinds() == ["removed", "locked"]
    expect(page.get_by_role("alert")).to_have_count(0)


def test_the_keys_are_listed_and_can_be_switched_off(page: Page) -> None:
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    expect(dialog).to_contain_text("Take back the last decision")
    page.keyboard.press("k")
    dialog.get_by_label("Single keys work in this browser").uncheck()
    dialog.get_by_role("button", name="Close").click()
    page.keyboard.press("k")
    page.reload()
    page.keyboard.press("k")
    assert open_kinds() == ["changed", "removed", "locked"]
