"""What is missing and what is there twice is found in a journal; a whole fetch is undone and brought back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import FETCH, Person
from tests.browser.own_books import OwnBooks
from tests.browser.the_journal import by_the_gear, lines_shown

BANK = "Equal Payments Bank"


@pytest.fixture(scope="module")
def connection(own_books: OwnBooks) -> str:
    """The path of a connection whose bank books many payments twice."""
    return own_books.connect(BANK)


@pytest.fixture(scope="module")
def journal(own_books: OwnBooks, connection: str) -> str:
    """The path of the journal of its operating account."""
    journals = own_books.journals_of(connection)
    return next(path for name, path in journals.items() if name.startswith("Operating account"))


def groups(page: Page) -> Locator:
    return page.locator("section.card").filter(has=page.get_by_role("button", name="These are real ones"))


def test_what_looks_alike_is_kept_or_deleted_and_not_asked_about_again(bookkeeper: Person, journal: str) -> None:
    page = bookkeeper.page
    bookkeeper.go(journal)
    before = lines_shown(page)
    by_the_gear(page, "Find Duplicate Transactions")
    expect(page.get_by_role("heading", level=1)).to_have_text("Find Duplicate Transactions")
    page.get_by_role("button", name="Look").click()
    there = groups(page).count()
    assert there > 1
    real = groups(page).first.get_by_role("heading").inner_text()
    groups(page).first.get_by_role("button", name="These are real ones").click()
    expect(page.locator("main")).to_contain_text("Kept. You are not asked about these again.")
    expect(page.get_by_role("heading", name=real)).to_have_count(0)
    expect(groups(page)).to_have_count(there - 1)

    deleted = groups(page).first
    ticked = deleted.get_by_role("checkbox", checked=True).count()
    deleted.get_by_role("button", name="Delete the chosen ones").click()
    expect(groups(page)).to_have_count(there - 2)
    bookkeeper.go(journal)
    assert lines_shown(page) == before - ticked
    by_the_gear(page, "Taken out")
    expect(page.locator("tbody tr")).to_have_count(ticked)


def test_what_is_missing_is_found_and_imported(bookkeeper: Person, journal: str) -> None:
    page = bookkeeper.page
    bookkeeper.go(journal)
    page.locator("#lines td.who a").first.click()
    panel = page.locator("aside")
    panel.get_by_text("Take this line out").click()
    panel.get_by_role("button", name="Take it out").click()
    expect(page.locator("main")).to_contain_text("The line was taken out.")
    before = lines_shown(page)

    by_the_gear(page, "Find Missing Transactions")
    page.get_by_role("button", name="Ask the bank").click()
    expect(page.get_by_role("heading", name="Posted, and not in the books")).to_be_visible(timeout=FETCH)
    missing = page.get_by_role("checkbox")
    gone = page.locator("tbody tr").filter(has_text="You took it out of the books before.")
    assert gone.count() >= 1
    # What a person took out is not brought back unless they ask for it.
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(0)
    for one in missing.all():
        one.check()
    count = missing.count()
    page.get_by_role("button", name="Import the chosen ones").click()
    expect(page.locator("main")).to_contain_text(f"Imported: {count} new")
    bookkeeper.go(journal)
    assert lines_shown(page) == before + count


def test_a_fetch_is_undone_and_brought_back(bookkeeper: Person, connection: str, journal: str) -> None:
    page = bookkeeper.page
    bookkeeper.go(connection)
    page.locator("#runs tbody tr").last.get_by_role("link").first.click()
    page.get_by_role("link", name="Undo this fetch").click()
    page.get_by_role("button", name=re.compile(r"^Take [\d,]+ lines out$")).click()
    expect(page.locator("main")).to_contain_text("No fetch brings them back unless you ask for it.")
    undone = page.url
    bookkeeper.go(journal)
    expect(page.locator("#lines")).not_to_contain_text(re.compile(r"[\d,]{3,} lines"))

    page.goto(undone)
    page.get_by_role("button", name="Bring them back with the next fetch").click()
    expect(page.locator("main")).to_contain_text("The next fetch reads the bank from the beginning")
    bookkeeper.go(connection)
    page.get_by_role("button", name="Fetch Transactions").click()
    expect(page.locator("#progress")).to_contain_text(re.compile(r"[\d,]+ new"), timeout=FETCH)
    expect(page.locator("#progress")).to_contain_text("Balance agrees.")
    bookkeeper.go(journal)
    assert lines_shown(page) > 100
