"""A journal's lines in a real browser: filtered, opened beside the list, walked through with single keys."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from companies.models import User
from statements.models import Journal
from statements.periods import period_of
from statements.services import balances
from tests.factories import make_company, make_journal, make_line, make_user
from tests.pages import shifts
from tests.sessions import browser_of

pytestmark = pytest.mark.django_db(transaction=True)
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 375, "height": 812}


@pytest.fixture
def journal() -> Journal:
    """Forty lines, one a day, of Odd and Even in turns; the newest is Odd 40."""
    journal = make_journal(make_company(), name="Long book")
    for number in range(1, 41):
        day = dt.date(2026, 9, 21) + dt.timedelta(days=number)
        name = f"{'Odd' if number % 2 == 0 else 'Even'} {number}"
        make_line(journal, f"{number}.00", day=day, counterparty_name=name, remittance=f"text {number}")
    months = [period_of(dt.date(2026, month, 1), journal.period) for month in (9, 10)]
    balances.rechain(journal, touched=months)
    return journal


@pytest.fixture
def person(journal: Journal) -> User:
    return make_user(company=journal.company)


def sign_in(context: BrowserContext, person: User, url: str) -> None:
    cookie = browser_of(person).cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": url}])


@pytest.fixture
def page(context: BrowserContext, live_server: LiveServer, journal: Journal, person: User) -> Page:
    """The journal's page on a wide screen, drawn, with every jump written down."""
    sign_in(context, person, live_server.url)
    page = context.new_page()
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    page.goto(live_server.url + reverse("line_list", args=[journal.pk]))
    shifts.watch(page)
    return page


def line(page: Page, name: str) -> str:
    return str(page.get_by_role("link", name=name, exact=True).get_attribute("href")).strip("/").rpartition("/")[2]


def test_a_line_opens_beside_the_list_and_the_focus_goes_there_and_back(page: Page) -> None:
    link = page.get_by_role("link", name="Odd 38", exact=True)
    number = line(page, "Odd 38")
    link.click()
    heading = page.locator("#panel h2")
    expect(heading).to_have_text("Odd 38")
    expect(heading).to_be_focused()
    expect(page).to_have_url(re.compile(rf"\?line={number}$"))
    expect(page.locator("#about")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    expect(link).to_be_focused()
    expect(page).to_have_url(re.compile(r"/journals/\d+/$"))
    assert shifts.jumped(page) == []


def test_the_buttons_back_and_forward_close_and_open_the_line(page: Page) -> None:
    page.get_by_role("link", name="Odd 38", exact=True).click()
    expect(page.locator("#panel h2")).to_have_text("Odd 38")
    page.get_by_role("link", name="Even 37", exact=True).click()
    expect(page.locator("#panel h2")).to_have_text("Even 37")
    page.go_back()
    expect(page.locator("#panel")).to_be_hidden()
    page.go_forward()
    expect(page.locator("#panel h2")).to_have_text("Even 37")
    page.reload()
    expect(page.locator("#panel h2")).to_have_text("Even 37")
    expect(page.locator(".lines [aria-current]")).to_have_text("Even 37")
    page.get_by_role("link", name="Close").click()
    expect(page.locator("#panel")).to_be_hidden()


def test_the_filter_works_while_typing_and_stays_in_the_address(page: Page) -> None:
    page.keyboard.press("/")
    search = page.get_by_label("Name, text or account")
    expect(search).to_be_focused()
    page.keyboard.type("odd")
    expect(page.locator(".found")).to_contain_text("20 lines")
    expect(search).to_be_focused()
    expect(page).to_have_url(re.compile(r"\?q=odd$"))
    page.get_by_label("Amount").fill("10 - 20")
    expect(page.locator(".found")).to_contain_text("6 lines")
    expect(page.locator(".found")).to_contain_text("€90.00")
    assert shifts.jumped(page) == []
    page.reload()
    expect(page.locator(".found")).to_contain_text("6 lines")
    page.get_by_label("Amount").fill("much")
    expect(page.get_by_role("alert")).to_contain_text("This is not an amount")


def test_single_keys_walk_open_and_can_be_switched_off(page: Page) -> None:
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Odd 40", exact=True)).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.get_by_role("link", name="Even 39", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#panel h2")).to_have_text("Even 39")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Odd 38", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#panel h2")).to_have_text("Odd 38")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    expect(dialog).to_be_visible()
    page.keyboard.press("j")
    dialog.get_by_label("Single keys work in this browser").uncheck()
    dialog.get_by_role("button", name="Close").click()
    page.reload()
    page.keyboard.press("/")
    expect(page.get_by_label("Name, text or account")).not_to_be_focused()
    page.keyboard.press("?")
    expect(dialog).to_be_hidden()
    page.get_by_role("link", name="Close").click()
    page.get_by_role("button", name="Keys").click()
    dialog.get_by_label("Single keys work in this browser").check()
    dialog.get_by_role("button", name="Close").click()
    page.keyboard.press("/")
    expect(page.get_by_label("Name, text or account")).to_be_focused()
    page.keyboard.type("jk?")
    expect(page.get_by_label("Name, text or account")).to_have_value("jk?")


def test_a_text_from_right_to_left_runs_its_own_way_and_stands_where_others_stand(page: Page, journal: Journal) -> None:
    make_line(journal, "1.00", day=dt.date(2026, 10, 31), counterparty_name="(בנק) שלום 12", remittance="חשבון 15!")
    page.reload()
    first, others = page.locator(".lines .who > a").first, page.locator(".lines .who > a").nth(1)
    expect(first).to_have_text("(בנק) שלום 12")
    edges = [one.evaluate("link => link.getBoundingClientRect().left") for one in (first, others)]
    assert edges[0] == edges[1]
    # Read from the right: what comes first in the text is drawn behind what comes after it.
    drawn = first.evaluate(
        """link => [0, link.firstChild.length - 1].map((at) => {
             const range = document.createRange();
             range.setStart(link.firstChild, at);
             range.setEnd(link.firstChild, at + 1);
             return range.getBoundingClientRect().left;
           })"""
    )
    assert drawn[0] > drawn[1]


def test_the_first_of_the_older_lines_has_the_focus(page: Page, journal: Journal) -> None:
    day = dt.date(2026, 9, 1)
    for number in range(61, 0, -1):
        make_line(journal, "1.00", day=day, counterparty_name=f"Old {number}")
    balances.rechain(journal, touched=[period_of(day, journal.period)])
    page.reload()
    shown = page.locator(".lines .who > a")
    expect(shown).to_have_count(100)
    page.get_by_role("link", name="Older lines").focus()
    page.keyboard.press("Enter")
    expect(shown).to_have_count(101)
    expect(shown.last).to_be_focused()
    page.keyboard.press("k")
    expect(shown.nth(99)).to_be_focused()


def test_on_a_phone_a_line_is_a_page_of_its_own(page: Page) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.reload()
    expect(page.get_by_label("Direction")).to_be_hidden()
    page.get_by_text("More filters").click()
    expect(page.get_by_label("Direction")).to_be_visible()
    page.get_by_role("link", name="Odd 38", exact=True).click()
    expect(page).to_have_url(re.compile(r"/lines/\d+/$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Odd 38")
    page.go_back()
    expect(page).to_have_url(re.compile(r"/journals/\d+/$"))


def test_without_a_script_the_filter_and_a_line_work_too(
    browser: Browser, live_server: LiveServer, journal: Journal, person: User
) -> None:
    context = browser.new_context(java_script_enabled=False)
    sign_in(context, person, live_server.url)
    page = context.new_page()
    page.goto(live_server.url + reverse("line_list", args=[journal.pk]))
    page.get_by_label("Name, text or account").fill("even")
    page.get_by_label("From").fill("2026-10-01")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".found")).to_contain_text("15 lines")
    page.get_by_role("link", name="Even 39", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Even 39")
    context.close()
