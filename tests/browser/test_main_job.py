"""The whole way in a real browser: sign in, connect a bank, approve there, link, fetch, read the statement."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from scripts.text_messages import code_for
from tests.browser.conftest import FETCH, Person


def choose(person: Person, bank: str, *kinds: str) -> Page:
    """Searches for a bank and opens it, up to the button that leads to its page; gives the page.

    ``kinds`` are the only kinds of account to be asked for.
    """
    page = person.page
    person.go("/connect/")
    page.get_by_role("searchbox").fill(bank)
    page.get_by_role("link", name=re.compile(bank)).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(bank)
    agree(person, *kinds)
    return page


def agree(person: Person, *kinds: str) -> None:
    """On the page of a chosen bank: what is asked for, the agreement, and once the phone."""
    page = person.page
    if kinds:
        page.get_by_text("Ask for some kinds of account only").click()
    for kind in kinds:
        page.get_by_role("group", name="Only these kinds of account").get_by_role("checkbox", name=kind).check()
    page.get_by_role("checkbox", name=re.compile("I am allowed")).check()
    phone = page.get_by_label("Phone number")
    if phone.count():
        phone.fill("+32 470 12 34 56")
        page.get_by_role("button", name="Send the code").click()
        page.get_by_label("Code", exact=True).fill(code_for("+32470123456", person.phone))


def approve_at_the_bank(bank_page: Page) -> None:
    """What the holder does on the bank's own page."""
    bank_page.get_by_label("User name").fill("anna")
    bank_page.get_by_label("Password").fill("secret")
    bank_page.get_by_role("button", name="Sign in").click()
    bank_page.get_by_role("button", name="Approve").click()


def link_all_and_wait(page: Page) -> None:
    """Step 3 and 4: every account to a new journal, and the first fetch to its end."""
    expect(page).to_have_url(re.compile(r"/accounts/$"))
    page.locator("main").get_by_role("button", name=re.compile("Link|Fetch|synchroni", re.IGNORECASE)).first.click()
    expect(page).to_have_url(re.compile(r"/done/$"))
    expect(page.locator("main")).to_contain_text(re.compile(r"\d+ new"), timeout=FETCH)


def test_from_signing_in_to_a_statement_that_agrees_with_the_bank(accountant: Person) -> None:
    page = choose(accountant, "Demo Business Bank")
    with page.expect_popup() as popup:
        page.get_by_role("button", name="Go to the bank").click()
    expect(page.get_by_text("Approve at the bank")).to_be_visible()
    bank_page = popup.value
    with bank_page.expect_event("close"):
        approve_at_the_bank(bank_page)
    link_all_and_wait(page)

    accountant.go("/")
    card = page.locator("article, .card").filter(has_text="Operating account").first
    expect(card).to_contain_text(re.compile("agrees with (the )?bank"))
    card.get_by_role("button", name="Fetch Transactions").click()
    expect(card).to_contain_text("0 new", timeout=FETCH)

    accountant.go("/statements/")
    page.locator("main table").get_by_role("link").first.click()
    expect(page).to_have_url(re.compile(r"/statements/\d+/$"))
    expect(page.locator("main")).to_contain_text("Opening")
    expect(page.locator("main")).to_contain_text("Closing")


def test_a_blocked_pop_up_has_a_way_out_in_this_tab(accountant: Person) -> None:
    accountant.page.add_init_script("window.open = () => null;")
    page = choose(accountant, "Quiet Bank")
    page.get_by_role("button", name="Go to the bank").click()
    expect(page.get_by_text("did not let the window open")).to_be_visible()
    page.get_by_role("link", name="Open the bank's page in this tab").click()
    approve_at_the_bank(page)
    link_all_and_wait(page)


def test_a_visit_that_is_cancelled_at_the_bank_says_so(accountant: Person) -> None:
    page = choose(accountant, "Late Payments Bank")
    with page.expect_popup() as popup:
        page.get_by_role("button", name="Go to the bank").click()
    popup.value.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was connected")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("link", name="Try again")).to_be_visible()


def test_a_bad_account_number_is_one_sentence_and_loses_nothing(accountant: Person) -> None:
    page = accountant.page
    accountant.go("/journals/new/")
    page.get_by_label("Name", exact=True).fill("My own bank")
    page.get_by_label("Account number").fill("BE00 0000 0000 0000")
    with page.expect_response(lambda response: response.status == 422):
        page.locator("main form").get_by_role("button").first.click()
    expect(page.locator("main")).to_contain_text("This IBAN is not right")
    expect(page.get_by_label("Name", exact=True)).to_have_value("My own bank")
