"""The books are locked, the bank still sends what lies before: each way to decide about it, and back."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from playwright.sync_api import Page, expect

from scripts.installation import Installation
from tests.browser.conftest import FETCH, Person, sign_in
from tests.browser.own_books import OwnBooks, found
from tests.browser.the_journal import lines_shown

# So long before today the bank is read for the first time; what it books late lies on days that are locked by then.
DAYS_BACK = 10


@pytest.fixture(scope="module")
def locked_books(stack: Installation) -> OwnBooks:
    """A company of its own: a lock holds for all of a company's journals."""
    return found(stack, "Locked Books")


def lock(person: Person, day: dt.date | None) -> None:
    """What stands in the company's settings, typed as the reader's language shows it."""
    person.go("/settings/")
    person.page.get_by_label("Lock everything up to").fill(day.isoformat() if day else "")
    person.page.get_by_role("button", name="Save").click()
    expect(person.page.locator("main")).to_contain_text("The company was changed.")


def decide(page: Page, decision: str) -> None:
    """About the first item; its sentence is read afterwards."""
    items = page.locator("[data-item]")
    waiting = items.count()
    items.first.get_by_role("button", name=re.compile(decision)).click()
    expect(page.locator("main")).to_contain_text("Done: ")
    expect(items).to_have_count(waiting - 1)


def take_back(page: Page) -> None:
    items = page.locator("[data-item]")
    waiting = items.count()
    page.get_by_text("Last decisions").click()
    page.get_by_role("button", name="Take back").first.click()
    expect(page.locator("main")).to_contain_text("Taken back: it waits for a decision again.")
    expect(items).to_have_count(waiting + 1)


def test_what_comes_late_for_locked_days_is_decided_by_a_person(page: Page, locked_books: OwnBooks) -> None:
    person = Person(page=page, base_url=locked_books.base_url, phone=locked_books.sandbox)
    sign_in(person, email=locked_books.email, password=locked_books.password)
    with locked_books.days_ago(DAYS_BACK):
        connection = locked_books.connect("Late Payments Bank")
    journals = locked_books.journals_of(connection)
    journal = next(path for name, path in journals.items() if name.startswith("Operating account"))
    last_locked = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=DAYS_BACK)
    lock(person, last_locked)

    person.go(connection)
    page.get_by_role("button", name="Fetch Transactions").click()
    expect(page.locator("#progress")).to_contain_text(re.compile(r"\d+ held"), timeout=FETCH)
    page.locator("#progress").get_by_role("link", name="Decide in Review").click()
    expect(page.locator("[data-item]").first).to_contain_text("It falls into the period that is locked up to")

    person.go(journal)
    before = lines_shown(page)
    person.go("/review/")
    decide(page, "Book it on the first open day")
    person.go(journal)
    assert lines_shown(page) == before + 1
    person.go("/review/")
    take_back(page)
    decide(page, "Leave it out for good")
    person.go(journal)
    assert lines_shown(page) == before
    person.go("/review/")
    take_back(page)

    lock(person, None)
    person.go("/review/")
    expect(page.locator("[data-item]").first).to_contain_text("is open now: it can be booked.")
    name = page.locator("[data-item] h2").first.inner_text()
    decide(page, "Book it on its own day")
    person.go(journal)
    assert lines_shown(page) == before + 1
    page.get_by_label("Name, text or account").fill(name)
    expect(page.locator("#lines td.who").filter(has_text=name).first).to_be_visible()
    person.go("/review/")
    take_back(page)
    person.go(journal)
    assert lines_shown(page) == before
