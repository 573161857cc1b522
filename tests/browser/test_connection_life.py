"""What an administrator does with a connection, from its chatter to its end."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.at_the_bank import approve_by, open_the_bank
from tests.browser.conftest import FETCH, Person
from tests.browser.own_books import OwnBooks
from tests.browser.test_main_job import approve_at_the_bank, choose, link_all_and_wait
from tests.browser.the_journal import lines_shown


def more(page: Page, action: str) -> None:
    """What stands in the menu behind More."""
    in_more(page).get_by_role("button", name=action).or_(in_more(page).get_by_role("link", name=action)).click()


def in_more(page: Page) -> Locator:
    """The menu behind More, opened."""
    menu = page.locator("details.menu").filter(has_text="Support bundle")
    if menu.get_attribute("open") is None:
        menu.locator("summary").click()
    return menu.locator(".menu-list")


@pytest.fixture(scope="module")
def connection(own_books: OwnBooks) -> str:
    """The path of a connection that works."""
    return own_books.connect("Ninety Days Bank")


def test_a_note_is_found_among_its_kind_and_the_rest_goes_to_support(bookkeeper: Person, connection: str) -> None:
    page = bookkeeper.page
    bookkeeper.go(connection)
    page.get_by_label("Note").fill("Called the bank: the new card comes in December.")
    page.get_by_role("button", name="Add note").click()
    entries = page.locator("#entries li")
    expect(entries.first).to_contain_text("Called the bank")
    page.get_by_role("navigation", name="Show").get_by_role("link", name="Notes").click()
    expect(entries).to_have_count(1)
    page.get_by_role("navigation", name="Show").get_by_role("link", name="Fetches").click()
    expect(entries.first).to_contain_text("Fetched after linking")
    expect(page.locator("#entries")).not_to_contain_text("Called the bank")

    with page.expect_download() as download:
        more(page, "Support bundle")
    assert download.value.suggested_filename.endswith(".json")
    bundle = json.loads(download.value.path().read_text())
    assert bundle["connection"]["status"] == "connected"
    # What people write to each other stays with them.
    assert "Called the bank" not in json.dumps(bundle)


def test_how_often_it_is_fetched_is_changed_and_switched_off(bookkeeper: Person, connection: str) -> None:
    page = bookkeeper.page
    bookkeeper.go(connection)
    page.get_by_label("Fetched").select_option("every 4 hours")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#facts")).to_contain_text("every 4 hours")
    expect(page.locator("#entries li").first).to_contain_text("Automatic synchronization is on: every 4 hours.")
    page.get_by_role("checkbox", name="Automatic synchronization").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#entries li").first).to_contain_text("Automatic synchronization is off: switched by hand.")
    expect(page.locator("#facts")).to_contain_text("by hand")


def test_an_account_that_was_left_out_is_found_and_linked(bookkeeper: Person, own_books: OwnBooks) -> None:
    page = choose(bookkeeper, "New Numbers Bank")
    window = open_the_bank(page.get_by_role("button", name="Go to the bank"))
    window.get_by_label("User name").fill("anna")
    window.get_by_label("Password").fill("secret")
    window.get_by_role("button", name="Sign in").click()
    window.get_by_label("Business credit card").uncheck()
    with window.expect_event("close"):
        window.get_by_role("button", name="Approve").click()
    link_all_and_wait(page)
    page.locator("main").get_by_role("link", name="New Numbers Bank").first.click()
    expect(page.locator("#accounts tbody tr")).to_have_count(1)

    # At the bank the other account is ticked as well; from then on it waits here for a journal.
    in_more(page)
    approve_ticking_all(page)
    expect(page.locator("#accounts tbody tr")).to_have_count(2)
    more(page, "Fetch Accounts")
    expect(page.locator("main")).to_contain_text("The bank shows 2 accounts.")
    page.locator("#accounts").get_by_role("link", name="choose a journal").click()
    expect(page.locator("fieldset.link-row")).to_have_count(1)
    page.get_by_role("button", name="Look what this brings").click()
    expect(page.locator("fieldset.link-row")).to_contain_text(re.compile(r"\d+ new transactions, .* in \d+ statements"))
    link_all_and_wait(page)
    page.get_by_role("link", name="To the statements").click()
    expect(page.locator("main tbody")).to_contain_text("Business credit card")


def approve_ticking_all(page: Page) -> None:
    window = open_the_bank(in_more(page).get_by_role("button", name="Update Credentials"))
    window.get_by_label("User name").fill("anna")
    window.get_by_label("Password").fill("secret")
    window.get_by_role("button", name="Sign in").click()
    for account in window.get_by_role("checkbox").all():
        account.check()
    with window.expect_event("close"):
        window.get_by_role("button", name="Approve").click()
    expect(page.locator("main")).to_contain_text("Signed in at the bank again", timeout=FETCH)


def test_a_sign_in_that_the_bank_refuses_is_renewed(bookkeeper: Person, own_books: OwnBooks) -> None:
    page = bookkeeper.page
    with own_books.days_ago(1):
        connection = own_books.connect("Password Changed Bank")
    bookkeeper.go(connection)
    page.get_by_role("button", name="Fetch Transactions").click()
    expect(page.locator("#progress")).to_contain_text("Sign in at the bank again", timeout=FETCH)
    page.reload()
    bookkeeper.go("/")
    expect(page.locator("main")).to_contain_text("Password Changed Bank")
    bookkeeper.go(connection)
    approve_by(page.locator("header .btn-primary, main .btn-primary").filter(has_text="Update Credentials").first)
    expect(page.locator("main")).to_contain_text("Signed in at the bank again", timeout=FETCH)
    expect(page.locator("#runs tbody tr").first).to_contain_text(
        re.compile("New transactions|nothing new|only pending"), timeout=FETCH
    )
    expect(page.get_by_role("heading", level=1).locator("xpath=..")).to_contain_text("Connected")


def test_a_permission_that_ends_soon_is_extended(bookkeeper: Person, own_books: OwnBooks) -> None:
    page = bookkeeper.page
    bookkeeper.go(own_books.connect("Short Consent Bank", provider="Salt Edge"))
    ends = page.locator("#facts .facts-list div").filter(has_text="Consent until").locator("dd")
    expect(ends).to_contain_text("days")
    approve_by(in_more(page).get_by_role("button", name="Extend consent"))
    expect(page.locator("main")).to_contain_text("Signed in at the bank again", timeout=FETCH)
    expect(page.locator("#entries")).to_contain_text("Signed in at the bank again.")


def test_a_bank_that_is_connected_anew_goes_on_with_the_same_journal(bookkeeper: Person, own_books: OwnBooks) -> None:
    page = bookkeeper.page
    older = own_books.connect("Credit Card Bank")
    journal = next(iter(own_books.journals_of(older).values()))
    bookkeeper.go(journal)
    lines = lines_shown(page)
    bookkeeper.go(older)
    more(page, "Disconnect")
    expect(page.get_by_role("heading", level=1)).to_have_text("Disconnect Credit Card Bank?")
    page.locator("main").get_by_role("button", name="Disconnect").click()
    expect(page.locator("main")).to_contain_text("Disconnected: nothing is read from this bank any more.")

    page.get_by_role("link", name="Reconnect", exact=True).click()
    page.get_by_role("checkbox").check()
    approve_by(page.get_by_role("button", name="Go to the bank"))
    expect(page.locator("main")).to_contain_text("it goes on where that one stopped, and nothing comes twice")
    page.get_by_role("button", name="Link and fetch").click()
    expect(page.locator("main")).to_contain_text(re.compile(r"\d+ new, [\d,]+ known"), timeout=FETCH)
    bookkeeper.go(journal)
    assert lines_shown(page) == lines
    bookkeeper.go(older)
    expect(page.locator("main")).to_contain_text("A newer connection has taken the accounts over.")


def test_what_salt_edge_keeps_is_told_before_and_after_the_end(bookkeeper: Person, own_books: OwnBooks) -> None:
    page = bookkeeper.page
    own_books.connect("One Connection Bank", provider="Salt Edge")
    # The same sign-in once more is refused there, and what is there is offered instead.
    bookkeeper.go("/connect/?q=One+Connection+Bank")
    page.get_by_role("link", name=re.compile("One Connection Bank")).first.click()
    page.get_by_role("link", name=re.compile("^Salt Edge")).click()
    expect(page.locator("main")).to_contain_text("One Connection Bank is connected already.")
    page.get_by_role("checkbox").check()
    window = open_the_bank(page.get_by_role("button", name="Go to the bank"))
    with window.expect_event("close"):
        approve_at_the_bank(window)
    expect(page.get_by_role("alert")).to_contain_text("connected already")
    page.get_by_role("link", name="To the connection").click()

    more(page, "Disconnect")
    expect(page.locator("main")).to_contain_text("keeps a record of the connection")
    page.locator("main").get_by_role("button", name="Disconnect").click()
    expect(page.locator("#entries")).to_contain_text("The provider keeps a record of the connection")
    page.locator("#entries").get_by_role("link", name="Removed at the provider? Delete it here too.").click()
    page.locator("main").get_by_role("button", name="Delete").click()
    page.get_by_role("checkbox").check()
    page.locator("main").get_by_role("button", name="Delete").click()
    expect(page).to_have_url(re.compile(r"/connections/$"))
    expect(page.locator("main")).to_contain_text("The connection to One Connection Bank is deleted.")
    expect(page.get_by_role("link", name="One Connection Bank")).to_have_count(0)
