"""The search for a bank in a real browser: typed fast, by keyboard alone, and without JavaScript."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from tests.factories import make_company, make_institution, make_user
from tests.sessions import browser_of

pytestmark = pytest.mark.django_db(transaction=True)


def signed_in(context: BrowserContext, live_server: LiveServer) -> Page:
    """The page of a person of a company without banks, among a few that can be connected."""
    for name in ("Belfius Bank", "Beobank", "KBC Bank", "KBC Brussels"):
        make_institution(name=name)
    cookie = browser_of(make_user(company=make_company())).cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}/connect/")
    return page


def test_a_late_answer_to_an_early_letter_does_not_replace_the_right_one(
    live_server: LiveServer, context: BrowserContext
) -> None:
    page = signed_in(context, live_server)
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if "q=be&" in f"{route.request.post_data}&":
            held.append(route)
        else:
            route.continue_()

    banks = page.locator("#banks .row-link strong")
    box = page.get_by_role("searchbox")
    page.route("**/connect/", hold_the_first)
    with page.expect_request("**/connect/"):
        box.fill("be")
    box.fill("kbc")
    expect(banks).to_have_text(["KBC Bank", "KBC Brussels", "Not in the list? Add new bank"])
    held[0].continue_()
    with page.expect_response("**/connect/"):
        box.fill("kbc b")
    expect(banks.first).to_have_text("KBC Bank")
    expect(page).to_have_url(re.compile(r"\?q=kbc"))


def test_every_letter_typed_fast_asks_once_and_the_count_is_announced(
    live_server: LiveServer, context: BrowserContext
) -> None:
    page = signed_in(context, live_server)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.post_data or "") if request.method == "POST" else None)
    box = page.get_by_role("searchbox")
    expect(box).to_be_focused()
    with page.expect_response("**/connect/"):
        page.keyboard.type("belfius", delay=20)
    expect(page.locator("#announcer")).to_have_text("1 bank found")
    assert len(asked) == 1
    expect(box).to_be_focused()
    for _ in range(3):  # the country, the button, the bank
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Belfius Bank")
    page.go_back()
    expect(page.locator("#banks")).to_contain_text("Belfius Bank")


def test_the_country_is_chosen_and_the_results_follow(live_server: LiveServer, context: BrowserContext) -> None:
    make_institution(name="KBC Dublin", country="IE")
    page = signed_in(context, live_server)
    page.get_by_role("searchbox").fill("kbc")
    expect(page.locator("#banks")).to_contain_text("KBC Dublin")
    page.get_by_label("Country").select_option("")
    expect(page.locator("#banks")).to_contain_text("KBC Bank")


def test_the_search_works_without_javascript(live_server: LiveServer, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = signed_in(context, live_server)
    page.get_by_role("searchbox").fill("beoabnk")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name=re.compile("Beobank")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Beobank")
    context.close()
