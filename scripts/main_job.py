"""The main job, walked through the real pages over HTTP: connect a bank, approve there, fetch, see it end."""

from __future__ import annotations

import re

from scripts.form_browser import Browser, Form, Page, PageProblem
from scripts.text_messages import code_for
from scripts.waiting import until

BANK = "Demo Business Bank"
# Nobody's: numbers like this one are kept free for stories.
PHONE_NUMBER = "+32460001234"
FETCH_SECONDS = 300
# The pretend bank takes any password but “wrong”.
PIN = "12345"


def do(base_url: str, email: str, *, password: str, phone: str, bank: str = BANK, verify: bool | str = True) -> None:
    """Signs in and connects the bank, or fetches the connection there is; returns when the fetch has ended well.

    ``phone`` is the sandbox's address, where codes arrive; ``verify`` is a certificate to trust. Raises ``PageProblem``
    or ``WaitedTooLong``.
    """
    browser = Browser(verify=verify)
    try:
        dashboard = sign_in(browser, base_url, email=email, password=password)
        if _fetch_forms(dashboard):
            fetched = fetch(browser, dashboard)
        else:
            fetched = connect(browser, base_url, bank=bank, phone=phone, verify=verify)
        wait_for_run(browser, fetched)
    finally:
        browser.close()


def sign_in(browser: Browser, base_url: str, *, email: str, password: str) -> Page:
    """Gives the dashboard."""
    page = browser.get(f"{base_url}/login/")
    return browser.send(page.form(action="/login/"), username=email, password=password)


def connect(
    browser: Browser, base_url: str, *, bank: str, phone: str, provider: str = "", verify: bool | str = True
) -> Page:
    """All four steps of Connect bank, each account to a new journal from its first day; gives the last step's page.

    The first time, the code that arrives on the pretend phone (``phone`` is the sandbox's address) stands between.
    ``provider`` is its name on the page; without it, the one that is suggested.
    """
    found = browser.get(f"{base_url}/connect/", q=bank)
    start = browser.get(_address(found, r"/connect/\d+/$", text=bank))
    if provider:
        start = browser.get(_address(start, r"/connect/\d+/$", text=provider))
    form = start.form(action="/connect/")
    if "phone_number" in form.names:
        asked = browser.send(form, consent="on", phone_number=PHONE_NUMBER)
        code = code_for(PHONE_NUMBER, phone, verify=verify)
        bank_page = browser.send(asked.form(button="Go to the bank"), code=code)
    else:
        bank_page = browser.send(form, consent="on")
    back = approve(browser, bank_page)
    accounts = browser.get(_address(back, r"/connect/attempts/[0-9a-f-]+/(accounts/)?$"))
    return browser.send(accounts.form(action="/accounts/"))


def approve(browser: Browser, bank_page: Page) -> Page:
    """At the bank: signs in and approves all accounts; gives the page of the app that the bank leads back to."""
    consent = browser.send(bank_page.form(button="Sign in"), button="Sign in", user="anna", password=PIN)
    return browser.send(consent.form(button="Approve"), button="Approve")


def fetch(browser: Browser, dashboard: Page) -> Page:
    """Clicks Fetch Transactions on the first card that has it; gives the dashboard with the fetch under way."""
    return browser.send(_fetch_forms(dashboard)[0])


def wait_for_run(browser: Browser, page: Page) -> None:
    """Looks at a page that shows a fetch until it is over. Raises ``PageProblem`` when it ended badly."""
    under_way = [address for address in page.polled if re.search(r"/runs/\d+/$", address)]
    for run in under_way:
        until(lambda run=run: not browser.get(run).polled, FETCH_SECONDS, what="the fetch to end", every=0.3)  # type: ignore[misc]
    for ended in [browser.get(run) for run in under_way] or [page]:
        if ended.notices:
            raise PageProblem(f"the fetch ended badly: {ended.text}")


def _fetch_forms(page: Page) -> list[Form]:
    return [form for form in page.forms if re.search(r"/connections/\d+/fetch/$", form.action)]


def _address(page: Page, pattern: str, *, text: str = "") -> str:
    """The first link of a page that leads to an address of this kind and reads like this. Raises ``PageProblem``."""
    for link in page.links:
        if re.search(pattern, link.href) and text in link.text:
            return link.href
    raise PageProblem(f"{page.url} has no link to {pattern} “{text}”; it reads: {page.text[:400]}")
