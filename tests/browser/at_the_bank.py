"""What somebody does on the bank's page when it opens in a window of its own."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

from tests.browser.test_main_job import approve_at_the_bank


def open_the_bank(button: Locator) -> Page:
    """Presses what leads to the bank; gives the window that opens."""
    with button.page.expect_popup() as popup:
        button.click()
    return popup.value


def approve_by(button: Locator) -> None:
    """To the bank, signing in and approving there, until its window has closed by itself."""
    window = open_the_bank(button)
    with window.expect_event("close"):
        approve_at_the_bank(window)
