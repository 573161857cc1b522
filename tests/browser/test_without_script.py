"""Everything works as plain forms: the whole way of an administrator in a browser that runs no script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from scripts.installation import Installation
from scripts.manage import manage
from scripts.text_messages import code_for
from scripts.waiting import until
from tests.browser.conftest import Person
from tests.browser.test_main_job import approve_at_the_bank

EMAIL = "plain@books.example"
PHONE = "+32470998877"
SAMPLE = Path(__file__).parents[1] / "statements" / "imports" / "samples" / "statement_02.camt.xml"
# The last entries of the sample lie behind it.
LOCKED = "2026-02-28"


@pytest.fixture(scope="module")
def password(stack: Installation) -> str:
    """A company of one's own in the installation; gives the password of its administrator."""
    books = ("--name", "Plain Books", "--admin-email", EMAIL)
    said = manage("banksync", "create_company", *books, environment=stack.environment)
    [made] = re.findall(r"shown this once: (\S+)", said)
    return str(made)


@pytest.fixture
def admin(browser: Browser, stack: Installation, base_url: str, password: str) -> Iterator[Person]:
    """Signed in where no script runs."""
    window = browser.new_context(java_script_enabled=False, locale="en-GB", viewport={"width": 1280, "height": 900})
    page = window.new_page()
    page.goto(f"{base_url}/")
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{base_url}/")
    yield Person(page=page, base_url=base_url, phone=stack.environment["SANDBOX_BASE_URL"])
    window.close()


def says(page: Page, words: str) -> None:
    """Waits until a page says so, as a person does who loads it again."""

    def looked() -> bool:
        page.reload()
        return bool(re.search(words, page.locator("main").inner_text()))

    until(looked, 120, what=f"the page to say {words!r}", every=1)


def test_a_bank_is_connected_and_fetched(admin: Person) -> None:
    page = admin.page
    admin.go("/connect/")
    page.get_by_role("searchbox").fill("Demo Business Bank")
    page.get_by_role("searchbox").press("Enter")
    page.get_by_role("link", name=re.compile("Demo Business Bank")).first.click()
    page.get_by_role("checkbox").check()
    page.get_by_label("Phone number").fill(PHONE)
    page.get_by_role("button", name="Send the code").click()
    page.get_by_label("Code", exact=True).fill(code_for(PHONE, admin.phone))
    page.get_by_role("button", name="Go to the bank").click()
    approve_at_the_bank(page)
    # The page back from the bank leads on by itself; its button does the same.
    expect(page).to_have_url(re.compile(r"/accounts/$"))
    page.locator("main").get_by_role("button", name=re.compile("Link|Fetch|synchroni", re.IGNORECASE)).first.click()
    expect(page).to_have_url(re.compile(r"/done/$"))
    says(page, r"\d+ new")

    admin.go("/")
    page.locator("article").filter(has_text="Operating account").get_by_role(
        "button", name="Fetch Transactions"
    ).click()
    says(page, "0 new")
    admin.go("/statements/")
    page.locator("main table").get_by_role("link").first.click()
    expect(page).to_have_url(re.compile(r"/statements/\d+/$"))
    expect(page.locator("main")).to_contain_text("Closing")


def test_a_locked_period_a_file_and_a_decision(admin: Person) -> None:
    page = admin.page
    admin.go("/settings/")
    page.get_by_label("Lock everything up to").fill(LOCKED)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text("The company was changed.")

    admin.go("/journals/new/")
    page.get_by_label("Name", exact=True).fill("From files")
    page.get_by_label("Account number").fill("DE87200500001234567890")
    page.get_by_label("Currency").fill("EUR")
    page.locator("main form").get_by_role("button").first.click()
    journal = page.url
    page.goto(f"{journal}import/")
    page.locator("input[type=file]").set_input_files(SAMPLE)
    page.get_by_role("button", name="Look at the file").click()
    expect(page.locator("main")).to_contain_text("In the locked period")
    page.locator("main form button.btn-primary").click()
    expect(page).to_have_url(re.compile(r"/files/\d+/result/$"))

    admin.go("/review/")
    items = page.locator("[data-item]")
    waiting = items.count()
    assert waiting > 0
    items.first.get_by_role("button", name="Leave it out").click()
    expect(items).to_have_count(waiting - 1)
    page.get_by_text("Last decisions").click()
    page.get_by_role("button", name="Take back").first.click()
    expect(items).to_have_count(waiting)


def test_people_and_one_s_own_profile(admin: Person) -> None:
    page = admin.page
    admin.go("/settings/people/")
    page.get_by_label("E-mail address").fill("somebody@books.example")
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.locator("main")).to_contain_text("An invitation goes to somebody@books.example.")
    page.get_by_role("button", name="Withdraw").click()
    expect(page.locator("main")).to_contain_text("is withdrawn")

    admin.go("/settings/profile/")
    page.get_by_label("First name").fill("Paula")
    page.get_by_label("Theme").last.select_option("dark")
    page.locator("main form").get_by_role("button", name="Save").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    admin.go("/settings/notifications/")
    page.get_by_role("checkbox").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("checkbox")).not_to_be_checked()


def test_a_language_is_chosen_and_the_session_ends(admin: Person) -> None:
    page = admin.page
    page.locator("header.top details.languages > summary").click()
    page.locator("header.top").get_by_role("button", name="Nederlands").click()
    expect(page.locator("html")).to_have_attribute("lang", "nl")
    page.locator("header.top details.languages > summary").click()
    page.locator("header.top").get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.locator("header.top details.menu > summary").last.click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile(r"/login/$"))
