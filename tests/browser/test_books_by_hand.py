"""Books that a person keeps: a journal without a bank, and a month that is confirmed and then changes."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Person
from tests.browser.test_files import make_journal
from tests.browser.the_journal import by_the_gear, lines_shown


def book(page: Page, day: str, amount: str, *, name: str) -> None:
    """A line by hand, from the journal's page and back."""
    by_the_gear(page, "Add a line")
    page.get_by_label("Booking date").fill(day)
    page.get_by_label("Amount").fill(amount)
    page.get_by_label(re.compile("^Counterparty \\(")).fill(name)
    page.get_by_role("button", name="Book it").click()
    expect(page.locator("main")).to_contain_text("The line was booked.")


def test_a_month_of_a_journal_by_hand_is_confirmed_and_tells_what_changed_since(bookkeeper: Person) -> None:
    page = bookkeeper.page
    journal = make_journal(bookkeeper, "Cash box")
    by_the_gear(page, "Opening balance")
    page.get_by_label("At the start of").fill("2026-10-01")
    page.get_by_label("Balance", exact=True).fill("100.00")
    page.get_by_role("button", name="Save").click()
    book(page, "2026-10-05", "-12.50", name="Stamps")
    book(page, "2026-10-19", "40.00", name="Cash sale")
    assert lines_shown(page) == 2
    expect(page.get_by_role("heading", level=1).locator("xpath=..")).to_contain_text("127.50")

    page.locator("#lines th").get_by_role("link", name="October 2026").click()
    expect(page.locator("aside")).to_contain_text("€100.00")
    expect(page.locator("aside")).to_contain_text("€127.50")
    page.get_by_role("button", name="Confirm this statement").click()
    expect(page.locator("main")).to_contain_text("The statement is confirmed.")
    statement = page.url

    bookkeeper.go(journal)
    book(page, "2026-10-21", "-7.50", name="Forgotten receipt")
    page.goto(statement)
    expect(page.locator("main")).to_contain_text("changed since confirmed")
    changed = page.get_by_role("region", name="Changed since it was confirmed")
    expect(changed.get_by_role("row").filter(has_text="Closing balance")).to_contain_text("€127.50")
    expect(changed.get_by_role("row").filter(has_text="Closing balance")).to_contain_text("€120.00")
    expect(changed).to_contain_text("Forgotten receipt")
    page.get_by_role("button", name="Confirm this statement").click()
    expect(changed).to_have_count(0)
    page.get_by_role("button", name="Take the confirmation back").click()
    expect(page.locator("main")).to_contain_text("The confirmation was taken back.")
