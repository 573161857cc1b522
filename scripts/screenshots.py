"""``make screenshots``: the pictures of the documentation, taken in a real browser from a throwaway installation."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
from playwright.sync_api import Browser, Page, expect, sync_playwright

from scripts import form_browser, main_job, ports, programs
from scripts.failure import FAILURES, sentence
from scripts.installation import Installation, running
from scripts.interruption import stop_on_signals
from scripts.packages import CHROMIUM, ProgramMissing, require
from scripts.programs import ROOT
from scripts.text_messages import code_for

IMAGES = ROOT / "docs" / "images"
# By the ending of the file's name: a desk, and a phone held upright.
WIDTHS = {"": (1440, 900), "-phone": (375, 812)}
MOST_BYTES = 170_000
FETCH = 180_000  # milliseconds, for two years of transactions
# It tells card payments as booked at once and takes each back when the real booking comes.
CORRECTING_BANK = "Booked Holds Bank"
DAYS_BACK = 3
TIMEOUT = (5, 60)


class PictureTooLarge(Exception):
    """A picture would make every clone slower; the message names it and its size."""


@dataclass(frozen=True)
class Camera:
    """A signed-in person's window on a desk, whose pages are also looked at on a phone."""

    page: Page
    base_url: str

    def go(self, path: str) -> None:
        """Opens one of the app's pages."""
        self.page.goto(self.base_url + path)

    def take(self, name: str) -> None:
        """Writes what the window shows as ``<name>.png`` and ``<name>-phone.png``. Raises ``PictureTooLarge``."""
        for ending, (width, height) in WIDTHS.items():
            self.page.set_viewport_size({"width": width, "height": height})
            path = IMAGES / f"{name}{ending}.png"
            self.page.screenshot(path=path, animations="disabled", scale="css", caret="hide")
            if path.stat().st_size > MOST_BYTES:
                raise PictureTooLarge(f"{path.relative_to(ROOT)} has {path.stat().st_size} bytes, over {MOST_BYTES}.")
        width, height = WIDTHS[""]
        self.page.set_viewport_size({"width": width, "height": height})


def main() -> int:
    """Takes all pictures anew; gives the exit code."""
    stop_on_signals()
    try:
        [chromium] = require([CHROMIUM], log=ROOT / "var" / "log" / "packages.log")
        with tempfile.TemporaryDirectory(prefix="banksync-pictures-") as folder:
            chosen = ports.free()
            environment = {**programs.inherited(), **programs.addresses(Path(folder), chosen)}
            print("Starting a throwaway installation…", flush=True)
            with running(environment, chosen) as installation, _browser(chromium) as browser:
                _photograph(installation, browser)
    except KeyboardInterrupt:
        print("Stopped before the end.", file=sys.stderr)
        return 130
    except (*FAILURES, PictureTooLarge, ProgramMissing) as error:
        print(sentence(error), file=sys.stderr)
        return 1
    pictures = sorted(IMAGES.glob("*.png"))
    print(f"{len(pictures)} pictures in docs/images, {sum(path.stat().st_size for path in pictures) // 1024} kB")
    return 0


@contextmanager
def _browser(chromium: Path) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # Chromium's own sandbox does not work for root and in containers.
        arguments = ["--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars"]
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


def _photograph(installation: Installation, browser: Browser) -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    window = browser.new_context(locale="en-GB", timezone_id="UTC", color_scheme="light", reduced_motion="reduce")
    camera = Camera(window.new_page(), installation.environment["BASE_URL"])
    accountant, admin = (
        next(person for person in installation.people if person["role"] == role) for role in ("accountant", "admin")
    )
    _sign_in(camera, accountant)
    _connect_a_bank(camera, phone=installation.environment["SANDBOX_BASE_URL"])
    _read_the_books(camera)
    _let_a_bank_correct_itself(installation, accountant)
    _review(camera)
    camera.page.context.clear_cookies()
    _sign_in(camera, admin)
    _look_after_it(camera)


def _sign_in(camera: Camera, person: dict[str, str]) -> None:
    camera.go("/login/")
    camera.page.get_by_label("E-mail address").fill(person["email"])
    camera.page.get_by_label("Password").fill(person["password"])
    camera.page.get_by_role("button", name="Sign in").click()
    expect(camera.page).to_have_url(f"{camera.base_url}/")


def _connect_a_bank(camera: Camera, *, phone: str) -> None:
    """Every step of Connect bank, as the accountant walks it."""
    page = camera.page
    camera.go("/connect/")
    page.get_by_role("searchbox").fill("Demo Business")
    bank = page.get_by_role("link", name=re.compile(main_job.BANK)).first
    expect(bank).to_be_visible()
    camera.take("connect-1-choose")
    bank.click()
    page.get_by_label("Phone number").fill("+32 460 00 12 34")
    page.get_by_role("checkbox").check()
    camera.take("connect-2-agree")
    page.get_by_role("button", name="Send the code").click()
    page.get_by_label("Code", exact=True).fill(code_for(main_job.PHONE_NUMBER, phone))
    with page.expect_popup() as popup:
        page.get_by_role("button", name="Go to the bank").click()
    with popup.value.expect_event("close"):
        popup.value.get_by_label("User name").fill("anna")
        popup.value.get_by_label("Password").fill(main_job.PIN)
        popup.value.get_by_role("button", name="Sign in").click()
        popup.value.get_by_role("button", name="Approve").click()
    expect(page).to_have_url(re.compile(r"/accounts/$"))
    camera.take("connect-3-accounts")
    page.locator("main").get_by_role("button", name=re.compile("Link|Fetch|synchroni", re.IGNORECASE)).first.click()
    expect(page).to_have_url(re.compile(r"/done/$"))
    expect(page.locator("main")).to_contain_text(re.compile(r"\d+ new"), timeout=FETCH)
    camera.take("connect-4-fetched")


def _let_a_bank_correct_itself(installation: Installation, person: dict[str, str]) -> None:
    """Reads a bank as it was some days ago, and again as it is now: what it took back meanwhile waits in Review."""
    clock = f"{installation.environment['SANDBOX_BASE_URL']}/control/clock"
    requests.post(clock, json={"days": -DAYS_BACK}, timeout=TIMEOUT).raise_for_status()
    base_url = installation.environment["BASE_URL"]
    browser = form_browser.Browser()
    try:
        main_job.sign_in(browser, base_url, email=person["email"], password=person["password"])
        phone = installation.environment["SANDBOX_BASE_URL"]
        main_job.wait_for_run(browser, main_job.connect(browser, base_url, bank=CORRECTING_BANK, phone=phone))
        requests.delete(clock, timeout=TIMEOUT).raise_for_status()
        page = browser.get(browser.get(f"{base_url}/connections/").link(CORRECTING_BANK))
        main_job.wait_for_run(browser, browser.send(page.form(action="/fetch/")))
    finally:
        browser.close()


def _read_the_books(camera: Camera) -> None:
    """What the accountant reads once the transactions are there."""
    page = camera.page
    camera.go("/")
    camera.take("dashboard")
    card = page.locator("article").filter(has_text="Operating account").first
    journal = str(card.get_by_role("link", name="Operating account").first.get_attribute("href"))
    camera.go(journal)
    camera.take("lines")
    for name in ("missing", "duplicates", "import"):
        camera.go(f"{journal}{name}/")
        camera.take(name)
    number = journal.strip("/").rpartition("/")[2]
    camera.go(f"/statements/?journal={number}")
    camera.take("statements")
    # The first one is this month's, which goes on.
    page.locator("main table tbody th a").nth(1).click()
    expect(page).to_have_url(re.compile(r"/statements/\d+/$"))
    camera.take("statement")


def _review(camera: Camera) -> None:
    camera.go("/review/")
    expect(camera.page.locator("[data-item]").first).to_be_visible()
    camera.take("review")
    # The balance of this bank differs now by what it took back.
    camera.go("/journals/")
    row = camera.page.get_by_role("row").filter(has_text="differs by").first
    camera.go(f"{row.get_by_role('rowheader').get_by_role('link').first.get_attribute('href')}balance/")
    expect(camera.page.get_by_role("heading", name="What can explain it")).to_be_visible()
    camera.take("balance")


def _look_after_it(camera: Camera) -> None:
    """What the administrator looks at."""
    page = camera.page
    camera.go("/connections/")
    camera.take("connections")
    page.locator("main").get_by_role("link", name=CORRECTING_BANK).first.click()
    expect(page.get_by_role("heading", name="Chatter")).to_be_visible()
    camera.take("connection")
    camera.go("/settings/company/")
    camera.take("settings")
    camera.go("/settings/people/")
    camera.take("people")


if __name__ == "__main__":
    sys.exit(main())
