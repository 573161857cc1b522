"""Banks that cannot be read while nobody is there: told plainly, and read by hand with the bank's own step."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from scripts.installation import Installation
from scripts.waiting import until
from tests.browser.at_the_bank import approve_by
from tests.browser.conftest import FETCH, Person
from tests.browser.own_books import OwnBooks
from tests.drills.books import ask


def test_a_bank_that_asks_for_a_code_each_time_is_fetched_with_it(bookkeeper: Person, own_books: OwnBooks) -> None:
    page = bookkeeper.page
    bookkeeper.go("/connect/?q=Code+Each+Time+Bank")
    page.get_by_role("link", name=re.compile("Code Each Time Bank")).first.click()
    page.get_by_role("link", name=re.compile("^Salt Edge")).click()
    expect(page.locator("main")).to_contain_text("you sign in and approve, and confirm again at every fetch")
    expect(page.locator("main")).to_contain_text("only while you are here")

    # The bank was read when it was approved; a day later it wants its holder again.
    with own_books.days_ago(1):
        bookkeeper.go(own_books.connect("Code Each Time Bank", provider="Salt Edge", is_read=False))
    expect(page.locator("#facts")).to_contain_text("This bank can be read only while somebody is there: fetch by hand.")
    expect(page.locator("#runs")).to_contain_text("The bank asks for a confirmation each time", timeout=FETCH)
    page.get_by_role("button", name="Fetch Transactions").click()
    expect(page.locator("#progress")).to_contain_text("fetch by hand", timeout=FETCH)
    page.reload()
    approve_by(page.get_by_role("button", name="Confirm at the bank").first)
    expect(page.locator("main")).to_contain_text("Signed in at the bank again", timeout=FETCH)
    expect(page.locator("#runs tbody tr").first).to_contain_text("New transactions were booked.", timeout=FETCH)


def test_a_bank_that_refuses_the_clock_is_left_to_people(
    bookkeeper: Person, own_books: OwnBooks, stack: Installation
) -> None:
    page = bookkeeper.page
    with own_books.days_ago(1):
        connection = own_books.connect("Quiet Bank", provider="Salt Edge")
    own_books.arm(
        "plaid_error",
        route="/connections/*/background_refresh",
        error_type="",
        error_code="InteractiveTimeout",
    )
    number = int(connection.strip("/").rpartition("/")[2])
    due = f"UPDATE connections_connection SET next_fetch_at = now() WHERE id = {number} RETURNING id"  # noqa: S608 - a number
    ask(stack, due)
    bookkeeper.go(connection)
    expect(page.get_by_role("checkbox", name="Automatic synchronization")).to_be_checked()
    told = page.locator("#entries li").filter(
        has=page.get_by_role("button", name="Switch automatic synchronization off")
    )

    def it_is_told() -> bool:
        page.reload()
        return told.count() > 0

    until(it_is_told, 60, what="it", every=1)
    told.get_by_role("button", name="Switch automatic synchronization off").click()
    expect(page.get_by_role("checkbox", name="Automatic synchronization")).not_to_be_checked()
    expect(page.locator("#entries")).to_contain_text("Automatic synchronization is off: switched by hand.")
    page.get_by_role("button", name="Fetch Transactions").click()
    expect(page.locator("#progress")).to_contain_text(re.compile(r"\d+ new"), timeout=FETCH)


def test_the_result_of_a_fetch_has_room_at_every_width(bookkeeper: Person, own_books: OwnBooks) -> None:
    page = bookkeeper.page
    bookkeeper.go(own_books.connect("Dormant Bank"))
    card = page.locator("#runs")
    for width in (375, 1000, 1200, 1280, 1440, 1600):
        page.set_viewport_size({"width": width, "height": 900})
        # On a phone the noughts are not listed.
        for cell in card.locator("tbody tr").first.locator("td:visible").all():
            place, room = cell.bounding_box(), card.bounding_box()
            assert place is not None
            assert room is not None
            assert room["x"] <= place["x"], width
            assert place["x"] + place["width"] <= room["x"] + room["width"], width
    page.set_viewport_size({"width": 1280, "height": 900})
