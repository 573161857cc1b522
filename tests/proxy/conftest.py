"""The proxy as a running site, a Plaid on a real socket behind it, and clients that check every answer's shape."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from django.conf import settings as django_settings

from providers import client as client_module
from providers import http, signing
from providers.client import EndUser, ProxyClient
from providers.types import CapabilitiesData, InstitutionData, encode
from proxy.models import Client, Institution, Subscription
from proxy.services import adapters
from tests.providers.plaid.wire_plaid import WirePlaid, approved, link_token, sessions
from tests.providers.wire import WireServer, serving
from tests.proxy import contract

USER = EndUser(ip="192.0.2.7", agent="Firefox")
PHONE = "+32470123456"
GATEWAY = {
    "format": "json",
    "to_field": "to",
    "text_field": "text",
    "token_header": "Authorization",
    "token": "",
}
RETURN_URL = "https://books.example/bank/return?attempt=5"


class LiveServer(Protocol):
    url: str


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """On SQLite the tests use a file: the site answers in threads of its own, as it does in life."""
    database = django_settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        folder: Path = tmp_path_factory.mktemp("database")
        database["TEST"] = {**database.get("TEST", {}), "NAME": str(folder / "proxy.sqlite3")}


@pytest.fixture(scope="session", autouse=True)
def _addresses_of_files() -> None:
    """The test server looks for uploaded files before it asks the site, which has none."""
    django_settings.MEDIA_URL = "/media/"


@pytest.fixture
def plaid(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[WirePlaid]:
    """Plaid as far as the proxy can tell; reads are tried again at once."""
    monkeypatch.setattr(http, "READ_PAUSES", (0.0, 0.0))
    monkeypatch.setattr(client_module, "READ_PAUSES", (0.0, 0.0))
    with serving() as wire:
        settings.PROVIDERS = {
            "plaid": {**settings.PROVIDERS["plaid"], "url": wire.url, "secret": "canary-plaid-secret"}
        }
        adapters.adapter.cache_clear()
        yield WirePlaid(wire)
        adapters.adapter.cache_clear()


class Phone:
    """Where the proxy's text messages end: a gateway on a real socket."""

    def __init__(self, wire: WireServer) -> None:
        self.wire = wire

    @property
    def texts(self) -> list[str]:
        """What arrived, the latest last."""
        return [str(seen.json()["text"]) for seen in self.wire.seen]

    @property
    def code(self) -> str:
        """The code that arrived last."""
        found = re.search(r"\b\d{6}\b", self.texts[-1])
        assert found is not None
        return found.group()


@pytest.fixture
def phone(settings: Any) -> Iterator[Phone]:
    """The client's phone, behind the gateway that the proxy is set up with."""
    with serving() as wire:
        settings.MESSAGES = "gateway"
        settings.MESSAGE_GATEWAY = {**GATEWAY, "url": f"{wire.url}/send"}
        yield Phone(wire)


@pytest.fixture
def site(live_server: LiveServer, settings: Any, plaid: WirePlaid, phone: Phone) -> str:
    """The address of a running proxy."""
    settings.BASE_URL = live_server.url
    return live_server.url


@pytest.fixture
def subscription(transactional_db: None) -> Subscription:
    return make_subscription()


@pytest.fixture
def registered(site: str, subscription: Subscription, phone: Phone) -> Callable[..., ProxyClient]:
    """Makes clients of the proxy, each with a key of its own, whose every answer is held against the contract."""

    def make(code: str = subscription.code, phone_number: str = PHONE) -> ProxyClient:
        made = unregistered(site)
        made.register(code, phone_number, name="Acme")
        made.send_phone_code()
        made.confirm_phone_code(phone.code)
        return made

    return make


@pytest.fixture
def proxy(registered: Callable[..., ProxyClient]) -> ProxyClient:
    """A registered client whose phone is confirmed."""
    return registered()


@pytest.fixture
def connected(proxy: ProxyClient, plaid: WirePlaid) -> str:
    """The reference of a connection that ``proxy`` made."""
    make_institution()
    return connect(proxy, plaid)


def unregistered(site: str, private_key: str = "") -> ProxyClient:
    """A client that the proxy does not know yet."""
    made = ProxyClient(site, "", private_key=private_key or signing.generate_private_key())
    made._session.hooks["response"].append(contract.check)
    return made


def make_subscription(code: str = "CODE-1", *, days: int = 100, is_trial: bool = False) -> Subscription:
    until = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=days)
    return Subscription.objects.create(code=code, valid_until=until, is_trial=is_trial)


def make_institution(
    institution_id: str = "plaid:ins_1",
    *,
    sequence: int = 1,
    is_removed: bool = False,
    capabilities: CapabilitiesData = CapabilitiesData(),  # noqa: B008 - it cannot change
) -> Institution:
    told = InstitutionData(
        id=institution_id, provider="plaid", name="First Bank", countries=("US",), capabilities=capabilities
    )
    return Institution.objects.create(
        provider="plaid",
        institution_id=institution_id,
        data=encode(told).decode(),
        sequence=sequence,
        is_removed=is_removed,
    )


def start(proxy: ProxyClient, plaid: WirePlaid, **changes: Any) -> str:
    """Opens the bank's page; gives the flow."""
    plaid.on("/link/token/create", link_token())
    good = {"return_url": RETURN_URL, "history_days": None, "language": "en", "user": USER}
    return proxy.start_connection("plaid:ins_1", **{**good, **changes}).flow


def connect(proxy: ProxyClient, plaid: WirePlaid, kept: str = "access-sandbox-canary", **changes: Any) -> str:
    """Goes all the way to a connection; gives its reference."""
    flow = start(proxy, plaid, **changes)
    plaid.on("/link/token/get", sessions(approved("public-sandbox-canary")))
    plaid.on("/item/public_token/exchange", {"access_token": kept, "item_id": "item-1"})
    return proxy.finish_connection(flow).connection


def row_of(proxy: ProxyClient) -> Client:
    """The client's row in the proxy's database."""
    return Client.objects.get(pk=proxy.client_id)
