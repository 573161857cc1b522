"""A person at a real browser, before a whole installation: PostgreSQL, Redis, worker, proxy, pretend banks."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from scripts.installation import Installation
from tests.browser.own_books import OwnBooks, found

SECONDS = 1000
# A first fetch of two years on a busy machine.
FETCH = 120 * SECONDS
expect.set_options(timeout=15 * SECONDS)


@dataclass(frozen=True)
class Person:
    """Somebody who has signed in, and the window in front of them."""

    page: Page
    base_url: str
    # The sandbox's address: codes arrive on its pretend phone.
    phone: str

    def go(self, path: str) -> None:
        self.page.goto(self.base_url + path)


@pytest.fixture(scope="session")
def base_url(stack: Installation) -> str:
    """The address of the installation."""
    return stack.environment["BASE_URL"]


@pytest.fixture
def accountant(page: Page, stack: Installation, base_url: str) -> Person:
    """The demo company's accountant, signed in."""
    account = next(one for one in stack.people if one["role"] == "accountant")
    person = Person(page=page, base_url=base_url, phone=stack.environment["SANDBOX_BASE_URL"])
    sign_in(person, email=account["email"], password=account["password"])
    return person


@pytest.fixture(scope="session")
def own_books(stack: Installation) -> OwnBooks:
    """A company beside the demo one, which the journeys share: each has a bank of its own there."""
    return found(stack, "Journey Books")


@pytest.fixture
def bookkeeper(page: Page, own_books: OwnBooks) -> Person:
    """Its administrator, signed in."""
    person = Person(page=page, base_url=own_books.base_url, phone=own_books.sandbox)
    sign_in(person, email=own_books.email, password=own_books.password)
    return person


def sign_in(person: Person, *, email: str, password: str) -> None:
    """Ends on the dashboard."""
    person.go("/")
    person.page.get_by_label("E-mail address").fill(email)
    person.page.get_by_label("Password").fill(password)
    person.page.get_by_role("button", name="Sign in").click()
    expect(person.page).to_have_url(f"{person.base_url}/")
