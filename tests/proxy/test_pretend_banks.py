"""The proxy against the pretend banks: another program, which speaks Plaid's protocol by itself and knows the truth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
import requests

from providers.client import ProxyClient
from providers.errors import ConnectionGone, ConsentExpired, InstitutionDown, InvalidResponse, NotReady, PagesChanged
from providers.types import TransactionData, TransactionPage
from proxy.services import adapters, directory
from scripts import ports, programs
from scripts.form_browser import Browser
from scripts.manage import manage
from scripts.stack import Stack
from tests.proxy.conftest import USER

# Nobody listens there: the walk ends with the proxy's redirect.
NOWHERE = "http://127.0.0.1:9/back"


@dataclass(frozen=True)
class Banks:
    """Where the pretend banks answer, and their control door."""

    url: str

    def arm(self, kind: str, **options: Any) -> None:
        body = {"kind": kind, "route": "/transactions/sync", **options}
        assert requests.post(f"{self.url}/control/faults", json=body, timeout=30).status_code == 200

    def truth(self, institution: str) -> list[dict[str, Any]]:
        told = requests.get(f"{self.url}/control/truth", params={"institution": institution}, timeout=60)
        accounts: list[dict[str, Any]] = told.json()["accounts"]
        return accounts

    def reset(self) -> None:
        requests.delete(f"{self.url}/control/faults", timeout=30)
        requests.delete(f"{self.url}/control/clock", timeout=30)


@pytest.fixture(scope="module")
def running_banks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Banks]:
    folder = tmp_path_factory.mktemp("sandbox")
    chosen = ports.free()
    environment = {**programs.inherited(), **programs.addresses(folder / "var", chosen)}
    environment.pop("SANDBOX_DATABASE_URL", None)
    manage("sandbox", "migrate", environment=environment)
    with Stack(folder / "log") as stack:
        stack.start([programs.sandbox(environment, chosen.sandbox)])
        yield Banks(chosen.url("sandbox"))


@pytest.fixture
def banks(running_banks: Banks, site: str, settings: Any) -> Iterator[Banks]:
    """The pretend banks behind the running proxy, without faults, their directory taken over."""
    settings.PROVIDERS = {
        "plaid": {**settings.PROVIDERS["plaid"], "url": f"{running_banks.url}/plaid", "secret": "sandbox-secret"}
    }
    adapters.adapter.cache_clear()
    directory.synchronize(adapters.adapter("plaid"))
    yield running_banks
    running_banks.reset()


def walk(url: str, button: str = "Approve") -> None:
    """The holder signs in at the bank and presses a button; the browser ends up where the app would be."""
    browser = Browser()
    try:
        page = browser.send(browser.get(url).form(button="Sign in"), button="Sign in", user="anna", password="right")
        with pytest.raises(requests.ConnectionError) as caught:
            browser.send(page.form(button=button), button=button)
        assert caught.value.request is not None
        assert caught.value.request.url == NOWHERE
    finally:
        browser.close()


def connect(proxy: ProxyClient, name: str) -> str:
    """Connects a scenario bank by its name; gives the connection's reference."""
    page = proxy.start_connection(bank(proxy, name), return_url=NOWHERE, history_days=None, language="en", user=USER)
    walk(page.url)
    done = proxy.finish_connection(page.flow)
    assert done.status == "connected", done
    return done.connection


def bank(proxy: ProxyClient, name: str) -> str:
    after, has_more = 0, True
    while has_more:
        page = proxy.institutions(after, limit=5000)
        for each in page.institutions:
            if each.name == name:
                return each.id
        after, has_more = page.next_after, page.has_more
    raise AssertionError(f"no bank is called {name}")


def read_all(proxy: ProxyClient, reference: str, account: str) -> tuple[dict[str, TransactionData], TransactionPage]:
    """Every posted transaction by its id, as an app keeps them, and the last page."""
    kept: dict[str, TransactionData] = {}
    position, has_more = "", True
    while has_more:
        page = proxy.transactions(reference, account, position=position)
        for row in page.transactions:
            kept[row.id] = row
        for gone in page.removed:
            kept.pop(gone, None)
        position, has_more = page.position, page.has_more
    return kept, page


def test_the_main_job_reads_what_the_bank_has_booked(proxy: ProxyClient, banks: Banks) -> None:
    reference = connect(proxy, "Demo Business Bank")
    assert proxy.refresh(reference, user=USER).status == "ready"
    truth = {account["name"]: account for account in banks.truth("demo_business_bank")}
    accounts = proxy.accounts(reference)
    assert {account.name for account in accounts} == set(truth)
    for account in accounts:
        kept, last = read_all(proxy, reference, account.id)
        first_day = min(row.booking_date for row in kept.values())
        told = [row for row in truth[account.name]["transactions"] if row["booking_date"] > first_day.isoformat()]
        expected = sorted((row["booking_date"], Decimal(row["amount"])) for row in told)
        found = [row for row in kept.values() if row.booking_date > first_day]
        assert sorted((row.booking_date.isoformat(), row.amount) for row in found) == expected
        assert len(expected) > 20
        assert last.balance is not None
        assert last.balance.booked == Decimal(truth[account.name]["balance"])
        # Another fetch from there has nothing new to say.
        again = proxy.transactions(reference, account.id, position=last.position)
        assert (again.transactions, again.has_more) == ((), False)
    proxy.revoke(reference)
    with pytest.raises(ConnectionGone):
        proxy.accounts(reference)


def test_a_holder_who_cancels(proxy: ProxyClient, banks: Banks) -> None:
    institution = bank(proxy, "Demo Business Bank")
    page = proxy.start_connection(institution, return_url=NOWHERE, history_days=90, language="en", user=USER)
    assert proxy.finish_connection(page.flow).status == "waiting"
    walk(page.url, "Cancel")
    assert proxy.finish_connection(page.flow).status == "cancelled"


def test_a_sign_in_that_ended_and_is_renewed(proxy: ProxyClient, banks: Banks) -> None:
    reference = connect(proxy, "Password Changed Bank")
    requests.post(f"{banks.url}/control/clock", json={"days": 1}, timeout=30)
    with pytest.raises(ConsentExpired):
        proxy.refresh(reference, user=None)
    told = proxy.connection(reference)
    assert told.error is not None
    assert told.error.action == "update_credentials"
    opened = proxy.update_connection(reference, return_url=NOWHERE, language="en", user=USER)
    walk(opened.url)
    done = proxy.finish_connection(opened.flow)
    assert (done.status, done.connection) == ("connected", reference)
    assert proxy.connection(reference).error is None


def test_what_goes_wrong_at_the_bank_is_named(proxy: ProxyClient, banks: Banks) -> None:
    reference = connect(proxy, "Demo Business Bank")
    account = proxy.accounts(reference)[0].id
    for kind, options, error in (
        ("mutation", {}, PagesChanged),
        ("unreadable_amount", {}, InvalidResponse),
        ("unknown_currency", {}, InvalidResponse),
        ("broken_json", {}, InvalidResponse),
        ("plaid_error", {"error_type": "INSTITUTION_ERROR", "error_code": "INSTITUTION_DOWN"}, InstitutionDown),
    ):
        banks.arm(kind, times=1, **options)
        with pytest.raises(error) as caught:
            proxy.transactions(reference, account)
        assert caught.value.reference
    # A page of a gateway and a cut line heal by themselves: a read is asked again.
    for kind in ("html", "drop"):
        banks.arm(kind, times=1)
        assert proxy.transactions(reference, account).transactions


def test_a_bank_that_is_slow_to_start(proxy: ProxyClient, banks: Banks) -> None:
    reference = connect(proxy, "Slow Start Bank")
    told = proxy.refresh(reference, user=None)
    assert told.status == "working"
    assert told.retry_at is not None
    with pytest.raises(NotReady):
        proxy.transactions(reference, proxy.accounts(reference)[0].id)
    requests.post(f"{banks.url}/control/clock", json={"seconds": 600}, timeout=30)
    assert proxy.refresh(reference, user=None).status == "ready"
