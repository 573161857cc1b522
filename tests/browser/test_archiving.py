"""A journal that is no longer needed: archived, read all the same, and brought back."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import FETCH, Person
from tests.browser.own_books import OwnBooks
from tests.browser.the_journal import by_the_gear, lines_shown


def test_a_journal_is_archived_and_brought_back(bookkeeper: Person, own_books: OwnBooks) -> None:
    page = bookkeeper.page
    connection = own_books.connect("Renaming Bank")
    name, journal = next(
        (name, path) for name, path in own_books.journals_of(connection).items() if name.startswith("Savings account")
    )
    bookkeeper.go(journal)
    lines = lines_shown(page)
    by_the_gear(page, "Settings")
    page.get_by_role("link", name="Archive").click()
    expect(page.locator("main")).to_contain_text("Nothing is deleted.")
    page.get_by_role("button", name="Archive").click()
    expect(page.locator("main")).to_contain_text(f"The journal {name} is archived.")

    bookkeeper.go("/")
    expect(page.locator("main")).not_to_contain_text(name)
    bookkeeper.go("/journals/")
    expect(page.locator("main")).not_to_contain_text(name)
    bookkeeper.go(connection)
    account = page.locator("#accounts tbody tr").filter(has_text="Savings account")
    expect(account).to_contain_text("not synchronized")
    page.get_by_role("button", name="Fetch Transactions").click()
    expect(page.locator("#runs tbody tr").nth(1)).to_be_visible(timeout=FETCH)

    bookkeeper.go("/settings/journals/")
    archived = page.get_by_role("region", name="Archived").get_by_role("row").filter(has_text=name)
    archived.get_by_role("link", name=name).click()
    expect(page.locator("main")).to_contain_text("This journal is archived")
    assert lines_shown(page) == lines
    page.get_by_role("button", name="Bring back").click()
    expect(page.locator("main")).to_contain_text("feeds it again")
    expect(page.locator("main")).not_to_contain_text("This journal is archived")
    bookkeeper.go("/journals/")
    expect(page.locator("main")).to_contain_text(name)
