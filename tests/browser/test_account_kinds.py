"""Somebody who wants only the cards of a bank: asked for, shown, linked, and all the rest later."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.at_the_bank import approve_by, open_the_bank
from tests.browser.conftest import Person, sign_in
from tests.browser.own_books import OwnBooks
from tests.browser.test_main_job import agree, approve_at_the_bank, choose, link_all_and_wait


def accounts(page: Page) -> Locator:
    """What can be linked to a journal."""
    return page.locator("fieldset.link-row")


def test_only_the_cards_of_a_bank_and_everything_later(bookkeeper: Person) -> None:
    page = choose(bookkeeper, "Pending Tips Bank", "Cards")
    approve_by(page.get_by_role("button", name="Go to the bank"))
    expect(accounts(page)).to_have_count(1)
    expect(accounts(page)).to_contain_text("Business credit card")
    link_all_and_wait(page)

    page.get_by_role("link", name="Pending Tips Bank").first.click()
    section = page.locator("#accounts")
    expect(section).to_contain_text("Only these kinds of account are asked for: cards.")
    window = open_the_bank(section.get_by_role("button", name="Ask for every account"))
    window.get_by_label("User name").fill("anna")
    window.get_by_label("Password").fill("secret")
    window.get_by_role("button", name="Sign in").click()
    window.get_by_role("checkbox", name="Operating account").check()
    with window.expect_event("close"):
        window.get_by_role("button", name="Approve").click()
    expect(section).to_contain_text("Operating account")
    expect(section).not_to_contain_text("Only these kinds")
    expect(page.locator("#entries")).to_contain_text("Every kind of account is asked for from now on.")


def test_a_bank_that_has_no_such_account_says_what_was_asked_for(bookkeeper: Person) -> None:
    page = choose(bookkeeper, "Ninety Days Bank", "Cards", "Loans")
    window = open_the_bank(page.get_by_role("button", name="Go to the bank"))
    window.get_by_label("User name").fill("anna")
    window.get_by_label("Password").fill("secret")
    window.get_by_role("button", name="Sign in").click()
    expect(window.get_by_role("heading", level=1)).to_have_text("No accounts to share")
    with window.expect_event("close"):
        window.get_by_role("button", name="Leave").click()
    expect(page.get_by_role("alert")).to_contain_text("You asked for these kinds of account only: cards, loans.")
    page.get_by_role("link", name="Try again").click()
    group = page.get_by_role("group", name="Only these kinds of account")
    expect(group.get_by_role("checkbox", name="Cards")).to_be_checked()
    expect(group.get_by_role("checkbox", name="Savings")).not_to_be_checked()


def test_without_a_script_the_choice_is_a_plain_form(browser: Browser, own_books: OwnBooks) -> None:
    window = browser.new_context(java_script_enabled=False, locale="en-GB")
    person = Person(page=window.new_page(), base_url=own_books.base_url, phone=own_books.sandbox)
    sign_in(person, email=own_books.email, password=own_books.password)
    page = person.page
    person.go("/connect/?q=Many+Currencies+Bank")
    page.get_by_role("link", name=re.compile("Many Currencies Bank")).first.click()
    page.get_by_role("link", name=re.compile("^Salt Edge")).click()
    agree(person, "Savings")
    page.get_by_role("button", name="Go to the bank").click()
    approve_at_the_bank(page)
    expect(page).to_have_url(re.compile(r"/accounts/$"))
    expect(page.locator("main")).to_contain_text("You asked for these kinds of account only: savings.")
    expect(page.get_by_role("button", name="Ask for every account")).to_be_visible()
    window.close()
