"""A company that a test has for itself in the shared installation, and what is set up there before a journey begins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests

from scripts import main_job
from scripts.form_browser import Browser
from scripts.installation import Installation
from scripts.manage import manage

TIMEOUT = (5, 60)


@dataclass(frozen=True)
class OwnBooks:
    """Who signs in as its administrator, and where the installation is."""

    company: str
    email: str
    password: str
    base_url: str
    sandbox: str

    def connect(self, bank: str, *, provider: str = "", is_read: bool = True) -> str:
        """Connects a bank with all of its accounts and fetches it once; gives the path of the connection's page.

        ``provider`` is its name on the page; without it, the one that is suggested. Raises ``PageProblem`` where the
        fetch does not end well, unless the bank is one that is not read at once.
        """
        with self._signed_in() as browser:
            done = main_job.connect(browser, self.base_url, bank=bank, phone=self.sandbox, provider=provider)
            connection = done.link(bank)
            if is_read:
                main_job.wait_for_run(browser, done)
            return connection.removeprefix(self.base_url)

    def journals_of(self, connection: str) -> dict[str, str]:
        """The names of the journals that a connection feeds, and the paths of their pages."""
        with self._signed_in() as browser:
            page = browser.get(self.base_url + connection)
            found = [link for link in page.links if re.search(r"/journals/\d+/$", link.href)]
            return {link.text: link.href.removeprefix(self.base_url) for link in found}

    @contextmanager
    def days_ago(self, days: int) -> Iterator[None]:
        """What is done inside happens so many days ago at the pretend banks; afterwards it is today there."""
        self._control("POST", "clock", {"days": -days})
        try:
            yield
        finally:
            self._control("DELETE", "clock")

    def arm(self, kind: str, **fault: Any) -> None:
        """Lets a fault happen at a provider (see the sandbox's control routes)."""
        self._control("POST", "faults", {"kind": kind, **fault})

    def _control(self, method: str, what: str, body: dict[str, Any] | None = None) -> None:
        answer = requests.request(method, f"{self.sandbox}/control/{what}", json=body, timeout=TIMEOUT)
        answer.raise_for_status()

    @contextmanager
    def _signed_in(self) -> Iterator[Browser]:
        browser = Browser()
        try:
            main_job.sign_in(browser, self.base_url, email=self.email, password=self.password)
            yield browser
        finally:
            browser.close()


def found(stack: Installation, company: str) -> OwnBooks:
    """Makes a company of this name and its administrator."""
    email = f"admin@{company.lower().replace(' ', '-')}.example"
    said = manage(
        "banksync", "create_company", "--name", company, "--admin-email", email, environment=stack.environment
    )
    [password] = re.findall(r"shown this once: (\S+)", said)
    base_url, sandbox = (stack.environment[name] for name in ("BASE_URL", "SANDBOX_BASE_URL"))
    return OwnBooks(company, email, password, base_url, sandbox)
