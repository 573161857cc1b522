"""A company that is blocked, in a real browser: told on every page, woken by the code on the phone, at work again."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from scripts import main_job
from scripts.form_browser import Browser
from scripts.installation import Installation
from scripts.manage import CommandFailed, manage
from scripts.text_messages import code_for
from tests.browser.conftest import FETCH, Person


@pytest.fixture
def connected(accountant: Person, stack: Installation) -> None:
    """The company has a bank, by these tests or by others before."""
    browser = Browser()
    person = stack.people[0]
    try:
        dashboard = main_job.sign_in(browser, accountant.base_url, email=person["email"], password=person["password"])
        if "/fetch/" not in "".join(form.action for form in dashboard.forms):
            done = main_job.connect(browser, accountant.base_url, bank="Quiet Bank", phone=accountant.phone)
            main_job.wait_for_run(browser, done)
    finally:
        browser.close()


@pytest.fixture
def client_id(accountant: Person, stack: Installation, connected: None) -> Iterator[str]:
    """The company's id at the proxy; whatever the test leaves, it is active afterwards."""
    accountant.go("/access/")
    client = accountant.page.locator("code").first.inner_text()
    yield client
    try:
        stand(stack, client, "unblock")
    except CommandFailed as failed:
        assert "is not blocked" in str(failed)


def stand(stack: Installation, client: str, change: str) -> None:
    """What the proxy's operator does."""
    arguments = ("stand_client", client, change, "--by", "anna", "--why", "a test")
    manage("proxy", *arguments, environment=stack.environment)


def banner(person: Person) -> Locator:
    return person.page.locator("[data-banner=standing]")


def ask_to_fetch(person: Person) -> None:
    person.go("/")
    person.page.get_by_role("button", name="Fetch Transactions").first.click()


def test_from_a_block_to_the_next_fetch(accountant: Person, stack: Installation, client_id: str) -> None:
    page = accountant.page
    accountant.go("/")
    expect(banner(accountant)).to_have_count(0)
    stand(stack, client_id, "block")
    ask_to_fetch(accountant)
    expect(page.locator("main")).to_contain_text("blocked", timeout=FETCH)
    for path in ("/", "/connections/", "/journals/", "/statements/", "/review/", "/connect/"):
        accountant.go(path)
        expect(banner(accountant)).to_have_count(1)
        expect(banner(accountant)).to_contain_text("blocked")

    banner(accountant).get_by_role("link", name="Reactivate").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Access to the proxy")
    expect(page.locator("main")).to_contain_text(client_id)
    page.get_by_role("button", name=re.compile("^Send a code to")).click()
    code = code_for("", accountant.phone)
    page.get_by_label("Code", exact=True).fill(f"{(int(code) + 1) % 10**6:06d}")
    with page.expect_response(lambda response: response.status == 422):
        page.get_by_role("button", name="Reactivate").click()
    expect(page.locator("main")).to_contain_text("The code is not right.")
    page.get_by_label("Code", exact=True).fill(f"{code[:3]} {code[3:]}")
    page.get_by_role("button", name="Reactivate").click()
    expect(page.locator("main")).to_contain_text("works for this company again")
    expect(banner(accountant)).to_have_count(0)

    ask_to_fetch(accountant)
    expect(page.locator("main")).to_contain_text(re.compile(r"\d+ new"), timeout=FETCH)
    expect(banner(accountant)).to_have_count(0)
