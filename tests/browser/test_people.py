"""An administrator invites somebody, who joins by the mail's link and is given another role."""

from __future__ import annotations

import email
import re
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from playwright.sync_api import Browser, expect

from scripts.installation import Installation
from scripts.waiting import until
from tests.browser.conftest import Person
from tests.browser.own_books import OwnBooks

PASSWORD = "a-long-walk-in-november"


def invitation_in(folder: Path, address: str) -> str:
    """The link in the newest mail to somebody who was invited; "" where none has come."""
    for path in sorted(folder.glob("*"), key=lambda one: one.stat().st_mtime, reverse=True):
        mail = email.message_from_bytes(path.read_bytes(), policy=default)
        assert isinstance(mail, EmailMessage)
        text = mail.get_body(("plain",))
        links = re.findall(r"http\S+/invitations/\S+", text.get_content()) if text else []
        if mail["To"] == address and links:
            return str(links[0])
    return ""


def test_somebody_is_invited_joins_and_becomes_an_administrator(
    bookkeeper: Person, own_books: OwnBooks, browser: Browser, stack: Installation
) -> None:
    page = bookkeeper.page
    invited = own_books.email.replace("admin@", "nora@")
    bookkeeper.go("/settings/people/")
    page.get_by_label("E-mail address").fill(invited)
    page.get_by_label("Role", exact=True).select_option("Accountant")
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.locator("main")).to_contain_text(f"An invitation goes to {invited}.")
    mails = Path(stack.environment["BANKSYNC_VAR"]) / "mail"
    link = until(lambda: invitation_in(mails, invited), 30, what="the invitation", every=0.2)

    with browser.new_context(locale="en-GB") as window:
        theirs = window.new_page()
        theirs.goto(link)
        expect(theirs.locator("main")).to_contain_text(f"invites {invited} as Accountant")
        theirs.get_by_label("First name").fill("Nora")
        theirs.get_by_label("Last name").fill("Peeters")
        theirs.get_by_label("Password").fill(PASSWORD)
        theirs.get_by_role("button", name="Accept the invitation").click()
        expect(theirs.locator("main")).to_contain_text("You are in the books of")
        theirs.goto(f"{bookkeeper.base_url}/settings/people/")
        expect(theirs.get_by_role("heading", name="Invite somebody")).to_have_count(0)

        bookkeeper.go("/settings/people/")
        page.get_by_role("combobox", name="Role of Nora Peeters").select_option("Administrator")
        page.get_by_role("button", name="Save the role of Nora Peeters").click()
        expect(page.get_by_role("combobox", name="Role of Nora Peeters")).to_have_value("admin")
        theirs.reload()
        expect(theirs.get_by_role("heading", name="Invite somebody")).to_be_visible()

        page.get_by_role("link", name="Remove Nora Peeters").click()
        page.locator("main").get_by_role("button", name="Remove").click()
        expect(page.locator("main")).not_to_contain_text("Role of Nora Peeters")
        theirs.reload()
        expect(theirs.locator("main")).not_to_contain_text("Journey Books")
