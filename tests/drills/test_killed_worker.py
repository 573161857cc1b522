"""A worker that is killed in the middle of a fetch: the next one takes over, and the books are those of a calm day."""

from __future__ import annotations

from collections.abc import Callable

from scripts import main_job
from scripts.form_browser import Browser
from scripts.installation import Installation
from scripts.waiting import until
from tests.drills.books import booked, last_run, true

# Twenty pages and more: enough to be in the middle of.
BANK = "Busy Street Bank"


def begin(installation: Installation) -> None:
    """Connects the bank; its first fetch starts at once."""
    browser = Browser()
    person = installation.people[0]
    base_url = installation.environment["BASE_URL"]
    main_job.sign_in(browser, base_url, email=person["email"], password=person["password"])
    main_job.connect(browser, base_url, bank=BANK, phone=installation.environment["SANDBOX_BASE_URL"])
    browser.close()


def test_the_books_are_those_of_an_undisturbed_fetch(install: Callable[..., Installation]) -> None:
    installation = install(more={"CLOCK_SECONDS": "1", "RUN_LEASE_SECONDS": "5"})
    begin(installation)
    until(lambda: last_run(installation).get("pages", 0) >= 3, 60, what="the fetch to be under way", every=0.01)
    installation.stack.kill("worker")
    broken = last_run(installation)
    assert broken["state"] == "running"
    assert booked(installation).total() < 10_000
    installation.stack.restart("worker")
    until(lambda: last_run(installation)["state"] == "done", 120, what="another worker to end the fetch")
    assert booked(installation).total() > 10_000
    assert booked(installation) == true(installation)
    assert all(journal["agrees"] for journal in installation.summary()["journals"])
