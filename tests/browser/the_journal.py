"""What a person reads and presses on a journal's page."""

from __future__ import annotations

from playwright.sync_api import Page


def lines_shown(page: Page) -> int:
    """How many lines it says there are."""
    return int(page.locator("#lines .found strong").inner_text().split()[0].replace(",", ""))


def by_the_gear(page: Page, entry: str) -> None:
    """Opens the menu and goes where this entry leads."""
    page.locator("details.menu > summary").filter(has_text="More to do").click()
    page.locator("details.menu[open]").get_by_role("link", name=entry, exact=True).click()
