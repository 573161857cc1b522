"""The far side for tests: a real proxy and the real pretend banks, and a holder who clicks through the bank's page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import requests
from django.conf import settings

from companies.models import Company, User
from connections.models import Account, Connection, Institution, LinkAttempt, ProxyRegistration
from connections.services import attempts, directory, registrations
from providers import signing
from providers.client import ProxyClient
from providers.types import EndUser, InstitutionData, InstitutionPage
from scripts import ports, programs
from scripts.holder import NOWHERE, walk
from scripts.manage import manage
from scripts.services import Services
from scripts.stack import Stack
from scripts.text_messages import code_for
from scripts.throwaway import own_databases
from statements.services import linking
from tests.factories import make_company, make_user

PERSON = EndUser(ip="192.0.2.7", agent="Firefox")
PHONE = "+32470123456"
# Which pretend phone stands behind which proxy.
_SANDBOX_BEHIND: dict[str, str] = {}
RETURN = f"{NOWHERE}/{{attempt}}"


@dataclass(frozen=True)
class FarSide:
    """Where proxy and sandbox answer, and the sandbox's control door; ``banks`` are the scenario banks by name.

    Those of other providers than Plaid have the provider's name before theirs: ``"saltedge One Connection Bank"``.
    """

    proxy_url: str
    sandbox_url: str
    stack: Stack
    banks: dict[str, InstitutionData]
    # What its programs were started with, for a command of the proxy's operator.
    environment: dict[str, str]

    def bank(self, name: str) -> Institution:
        """A scenario bank, as the directory would have it."""
        data = self.banks[name]
        directory.store(InstitutionPage(institutions=(data,), next_after=0, has_more=False))
        return Institution.objects.get(identifier=data.id)

    def arm(self, kind: str, *, route: str = "/transactions/sync", **options: Any) -> None:
        """Lets a fault happen at the provider (see the sandbox's control routes)."""
        self._control("POST", "faults", {"kind": kind, "route": route, **options})

    def disarm(self) -> None:
        self._control("DELETE", "faults")

    def move_clock(self, *, days: int) -> None:
        """Tomorrow comes at the bank."""
        self._control("POST", "clock", {"days": days})

    def tell(self, institution: str, code: str, *, kind: str = "ITEM", variant: str = "", **fields: Any) -> None:
        """Plaid sends a message about the connection that was made last at a bank (its id in the world)."""
        told = {"institution": institution, "webhook_type": kind, "webhook_code": code, "variant": variant}
        assert self._control("POST", "plaid/notice", {**told, "fields": fields}) == {"sent": True}

    def reset(self) -> None:
        """No faults, and today's date."""
        self.disarm()
        self._control("DELETE", "clock")

    def _control(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = requests.request(method, f"{self.sandbox_url}/control/{path}", json=body, timeout=30)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


@contextmanager
def far_side(servers: Services, folder: Path, *, more: dict[str, str] | None = None) -> Iterator[FarSide]:
    """Sandbox and proxy on databases of their own, the directory of banks read; ``more`` is for their environment."""
    chosen = ports.free()
    with own_databases(servers, count=2) as urls:
        environment = {
            **programs.inherited(),
            **programs.addresses(folder / "var", chosen),
            **dict(zip(("PROXY_DATABASE_URL", "SANDBOX_DATABASE_URL"), urls, strict=True)),
            # Many companies, and one phone that all of them share.
            "PROXY_GUARD_CODES_TO_A_NUMBER": "1000000",
            **(more or {}),
        }
        for site in ("proxy", "sandbox"):
            manage(site, "migrate", environment=environment)
        manage("proxy", "seed_development", environment=environment)
        with Stack(folder / "log") as stack:
            stack.start([programs.sandbox(environment, chosen.sandbox), programs.proxy(environment, chosen.proxy)])
            manage("proxy", "sync_directory", environment=environment)
            _SANDBOX_BEHIND[chosen.url("proxy")] = chosen.url("sandbox")
            yield FarSide(
                proxy_url=chosen.url("proxy"),
                sandbox_url=chosen.url("sandbox"),
                stack=stack,
                banks=_scenario_banks(chosen.url("proxy")),
                environment=environment,
            )


def registered(company: Company, phone_number: str = PHONE) -> ProxyRegistration:
    """The company at the proxy, its phone confirmed by the code that arrived there."""
    registration = registrations.register(company, phone_number)
    if registration.status == ProxyRegistration.Status.UNCONFIRMED:
        registrations.send_code(company)
        registration = registrations.confirm(company, code_for(phone_number, _SANDBOX_BEHIND[settings.PROXY_URL]))
    return registration


def begin(company: Company, person: User, institution: Institution) -> LinkAttempt:
    """Opens the bank's page."""
    registered(company)
    return attempts.begin(
        company,
        institution,
        person=person,
        language="en",
        end_user=PERSON,
        return_url_for=RETURN,
    )


def approve(url: str) -> None:
    """The holder signs in at the pretend bank and approves all accounts."""
    walk(url, "Approve")


def give_up(url: str) -> None:
    """The holder signs in and then leaves."""
    walk(url, "Cancel")


def visited(company: Company, person: User, institution: Institution) -> LinkAttempt:
    """A visit to the bank whose holder approved, settled."""
    attempt = begin(company, person, institution)
    approve(attempt.hosted_url)
    return attempts.settle(attempt)


def connected(
    far: FarSide, name: str, *, company: Company | None = None, first_day: dt.date | None = None
) -> Connection:
    """A connection to a scenario bank, each of its accounts feeding a new journal."""
    company = company or make_company()
    person = make_user(company=company)
    attempt = visited(company, person, far.bank(name))
    connection = attempt.connection
    assert connection is not None, attempt.error_message
    found = attempts.fetch_accounts(connection)
    linking.link(attempt, [linking.Choice(account=account, is_new=True, first_day=first_day) for account in found])
    return Connection.objects.get(pk=connection.pk)


def truth(far: FarSide, account: Account, *, institution: str) -> dict[str, Any]:
    """What the bank itself has booked on an account, by its name: the oracle."""
    told = requests.get(f"{far.sandbox_url}/control/truth", params={"institution": institution}, timeout=60).json()
    found: dict[str, Any] = next(one for one in told["accounts"] if one["name"] == account.name)
    return found


def amounts(told: dict[str, Any], *, first_day: dt.date) -> list[tuple[str, Decimal]]:
    """(booking date, amount) of every posted transaction from a day on, sorted."""
    return sorted(
        (row["booking_date"], Decimal(row["amount"]))
        for row in told["transactions"]
        if row["booking_date"] >= first_day.isoformat()
    )


def _scenario_banks(proxy_url: str) -> dict[str, InstitutionData]:
    """Those whose name says how they behave: they alone are at home in many countries."""
    client = ProxyClient(proxy_url, "", private_key=signing.generate_private_key())
    found: dict[str, InstitutionData] = {}
    page = client.institutions(limit=5000)
    while True:
        scenarios = (data for data in page.institutions if len(data.countries) > 5 and data.provider == "plaid")
        found.update({data.name: data for data in scenarios})
        others = (data for data in page.institutions if data.provider != "plaid" and "NL" in data.countries)
        found.update({f"{data.provider} {data.name}": data for data in others})
        if not page.has_more:
            return found
        page = client.institutions(page.next_after, limit=5000)
