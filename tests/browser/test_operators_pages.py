"""The operators' pages of the proxy in a real browser: signing in, and renewing a subscription."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from scripts.installation import Installation

# As ``seed_development`` makes them.
OPERATOR, PASSWORD = "operator", "operator-password-2026"


def test_an_operator_signs_in_and_what_they_do_is_written_down(page: Page, stack: Installation) -> None:
    base_url = stack.environment["PROXY_URL"]
    page.goto(f"{base_url}/admin/")
    page.get_by_label("Username").fill(OPERATOR)
    page.get_by_label("Password").fill("not-the-password")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("Please enter the correct username and password")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url(f"{base_url}/admin/")
    page.get_by_role("link", name="Subscriptions", exact=True).first.click()
    page.get_by_role("link", name="DEMO-SUBSCRIPTION").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    page.goto(f"{base_url}/admin/proxy/operatorentry/")
    expect(page.locator("#result_list tbody tr").first).to_contain_text(re.compile("operator.*subscription_renewed"))
