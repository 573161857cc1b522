"""A running proxy before running pretend banks, and what a client of the proxy does with them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import requests

from providers import signing
from providers.client import ProxyClient
from providers.types import EndUser, EventData, InstitutionData, TransactionData, TransactionPage
from scripts import ports, programs
from scripts.holder import NOWHERE, walk
from scripts.manage import manage
from scripts.stack import Stack
from scripts.text_messages import register
from scripts.waiting import until

USER = EndUser(ip="192.0.2.7", agent="Firefox")


@dataclass(frozen=True)
class Stage:
    """Where the proxy and the pretend banks answer, what they wrote, and a client of the proxy."""

    proxy: ProxyClient
    sandbox_url: str
    logs: Path
    banks: dict[tuple[str, str], InstitutionData]

    def bank(self, provider: str, name: str) -> InstitutionData:
        """A scenario bank as a provider's directory has it."""
        return self.banks[provider, name]

    def control(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        answer = requests.request(method, f"{self.sandbox_url}/control/{path}", json=body, timeout=30)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def reset(self) -> None:
        """No faults, and today's date."""
        self.control("DELETE", "faults")
        self.control("DELETE", "clock")

    def truth(self, key: str) -> dict[str, dict[str, Any]]:
        """What a bank has booked, by the account's number or, where it has none, its mask."""
        told = requests.get(f"{self.sandbox_url}/control/truth", params={"institution": key}, timeout=60).json()
        return {account["name"]: account for account in told["accounts"]}

    def open(self, institution: InstitutionData, *, account_kinds: Sequence[str] = ()) -> tuple[str, str]:
        """Opens the bank's page for a new connection; gives the flow and the page's address."""
        page = self.proxy.start_connection(
            institution.id,
            return_url=NOWHERE,
            history_days=None,
            language="en",
            user=USER,
            account_kinds=account_kinds,
        )
        return page.flow, page.url

    def connect(self, institution: InstitutionData, *, account_kinds: Sequence[str] = ()) -> str:
        """A connection that the holder approved; gives its reference."""
        flow, url = self.open(institution, account_kinds=account_kinds)
        walk(url, "Approve")
        done = self.proxy.finish_connection(flow)
        assert done.status == "connected", done
        return done.connection

    def last_event(self) -> int:
        """Where the feed of events stands."""
        page = self.proxy.events()
        while page.has_more:
            page = self.proxy.events(page.next_after)
        return page.next_after

    def events_until(self, kinds: set[str], reference: str, *, after: int) -> list[EventData]:
        """The events of a connection, once all these kinds are among them. The feed is asked, as an app asks it."""

        def told() -> list[EventData]:
            found = [each for each in self.proxy.events(after).events if each.connection == reference]
            return found if kinds <= {each.kind for each in found} else []

        return until(told, 20, what=f"events of the kinds {sorted(kinds)}")

    def read(
        self, reference: str, account: str, *, position: str = "", limit: int = 500, first_day: dt.date | None = None
    ) -> Reading:
        """Reads an account to the end, from a position on."""
        reading = Reading()
        has_more = True
        while has_more:
            page = self.proxy.transactions(reference, account, position=position, limit=limit, first_day=first_day)
            reading.take(page)
            position, has_more = page.position, page.has_more
        return reading


class Reading:
    """What an app has kept after pages: every transaction by its id, and how often each id came."""

    def __init__(self) -> None:
        self.kept: dict[str, TransactionData] = {}
        self.pages: list[TransactionPage] = []

    def take(self, page: TransactionPage) -> None:
        self.pages.append(page)
        for row in page.transactions:
            self.kept[row.id] = row
        for gone in page.removed:
            self.kept.pop(gone, None)

    @property
    def ids(self) -> list[str]:
        """The ids in the order they came in, doubles and all."""
        return [row.id for page in self.pages for row in page.transactions]

    def booked(self, *, after: dt.date) -> list[tuple[str, Decimal]]:
        """(booking date, amount) of each after a day, sorted; a copy that the provider flagged is not booked."""
        rows = (row for row in self.kept.values() if row.booking_date > after and not row.is_flagged_duplicate)
        return sorted((row.booking_date.isoformat(), row.amount) for row in rows)


def booked(told: dict[str, Any], *, after: dt.date) -> list[tuple[str, Decimal]]:
    """The same of what the bank itself has booked."""
    rows = (row for row in told["transactions"] if row["booking_date"] > after.isoformat())
    return sorted((row["booking_date"], Decimal(row["amount"])) for row in rows)


@contextmanager
def staged(folder: Path) -> Iterator[Stage]:
    """Sandbox and proxy as processes with databases of their own, every provider's directory read."""
    chosen = ports.free()
    environment = {**programs.inherited(), **programs.addresses(folder / "var", chosen)}
    for name in ("DATABASE_URL", "PROXY_DATABASE_URL", "SANDBOX_DATABASE_URL"):
        environment.pop(name, None)
    # One client for all tests, which connects more banks than any company does.
    environment |= {"PROXY_GUARD_ATTEMPTS": "100000", "PROXY_GUARD_ATTEMPTS_BLOCK": "100000"}
    for site in ("sandbox", "proxy"):
        manage(site, "migrate", environment=environment)
    manage("proxy", "seed_development", environment=environment)
    with Stack(folder / "log") as stack:
        stack.start([programs.sandbox(environment, chosen.sandbox), programs.proxy(environment, chosen.proxy)])
        manage("proxy", "sync_directory", environment=environment)
        proxy = ProxyClient(chosen.url("proxy"), "", private_key=signing.generate_private_key())
        register(proxy, chosen.url("sandbox"))
        yield Stage(proxy, sandbox_url=chosen.url("sandbox"), logs=folder / "log", banks=_scenario_banks(proxy))


def _scenario_banks(proxy: ProxyClient) -> dict[tuple[str, str], InstitutionData]:
    found: dict[tuple[str, str], InstitutionData] = {}
    after, has_more = 0, True
    while has_more:
        page = proxy.institutions(after, limit=5000)
        named = (each for each in page.institutions if each.name.endswith("Bank") and "NL" in each.countries)
        for each in named:
            found.setdefault((each.provider, each.name), each)
        after, has_more = page.next_after, page.has_more
    return found
