"""What the tests of the Salt Edge simulator share: a signed caller, a person at the widget, the real adapter."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from foundation import development_keys
from providers.base import HostedPage, HostedRequest
from providers.saltedge.adapter import SaltEdgeAdapter
from providers.saltedge.signing import signer
from providers.types import EndUser
from sandbox.conditions import clock, outbox
from sandbox.saltedge import callbacks
from tests.sandbox.conftest import Answer
from tests.sandbox.plaid.test_link import Page

KEYS = {"App-id": "sandbox-app-id", "Secret": "sandbox-secret"}
BACK = "https://proxy.example/return/abc"
USER = EndUser(ip="192.0.2.7", agent="Firefox")
sign = signer(development_keys.SALTEDGE_CLIENT_PRIVATE)


class Caller:
    """Calls the routes as a program does, signed."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def __call__(self, method: str, path: str, **data: Any) -> dict[str, Any]:
        """The body of an answer that has to be a success."""
        answer = self.ask(method, path, data=data or None)
        assert answer.status == 200, answer.body
        return answer.body

    def ask(
        self, method: str, path: str, *, data: dict[str, Any] | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        target = f"/saltedge/api/v6{path}"
        body = b"" if data is None else msgspec.json.encode({"data": data})
        if headers is None:
            headers = {**KEYS, **sign(method, f"http://testserver{target}", body)}
        response = self._client.generic(method, target, body, content_type="application/json", headers=headers)
        return Answer(response.status_code, msgspec.json.Decoder(float_hook=Decimal).decode(response.content))

    def error(self, method: str, path: str, **data: Any) -> tuple[int, str]:
        """Status and class of an answer that has to be an error."""
        answer = self.ask(method, path, data=data or None)
        assert answer.status != 200, answer.body
        assert answer.body["error"]["request_id"]
        return answer.status, answer.body["error"]["class"]


class Visitor:
    """A person at the widget of one session."""

    def __init__(self, client: Client, url: str) -> None:
        self._client = client
        self.url = url

    def see(self) -> Page:
        return Page(self._client.get(self.url))

    def do(self, action: str, **fields: Any) -> Any:
        return self._client.post(self.url, {"action": action, **fields})

    def approve(self) -> str:
        """Signs in and approves everything; gives the address the browser is sent to."""
        self.do("sign_in", user="ada", password="lovelace")
        return str(self.do("approve", account=self.see().accounts)["Location"])


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bytes, dict[str, str]]]:
    """What was sent to the callback addresses; nothing leaves the test."""
    sent: list[tuple[str, bytes, dict[str, str]]] = []
    monkeypatch.setattr(outbox, "send", lambda url, *, body, headers: sent.append((url, body, dict(headers))))
    return sent


@pytest.fixture
def salt(client: Client, db: None) -> Caller:
    return Caller(client)


@pytest.fixture
def adapter(live_server: LiveServer) -> SaltEdgeAdapter:
    """The proxy's own adapter, pointed at the running sandbox."""
    return SaltEdgeAdapter.from_config(
        {
            "url": f"{live_server.url}/saltedge/api/v6",
            "app_id": KEYS["App-id"],
            "secret": KEYS["Secret"],
            "private_key": development_keys.SALTEDGE_CLIENT_PRIVATE,
            "callback_key": development_keys.SALTEDGE_CALLBACK_PUBLIC,
        }
    )


def request(bank: str = "demo_business_bank_nl", **changes: Any) -> HostedRequest:
    good: dict[str, Any] = {
        "institution": bank,
        "countries": ("NL",),
        "holder": "holder-1",
        "return_url": BACK,
        "callback_url": "https://proxy.example/return/saltedge",
        "state": "abc",
        "language": "en",
        "history_days": None,
        "user": USER,
        "webhook_url": "https://proxy.example/webhooks/saltedge",
    }
    return HostedRequest(**{**good, **changes})


@pytest.fixture
def visit(client: Client) -> Callable[[HostedPage], Visitor]:
    """A person at a page the adapter opened."""

    def make(page: HostedPage) -> Visitor:
        return Visitor(client, page.url.partition("/saltedge")[1] + page.url.partition("/saltedge")[2])

    return make


@pytest.fixture
def connect(adapter: SaltEdgeAdapter, visit: Callable[[HostedPage], Visitor]) -> Callable[..., str]:
    """Connects a bank through its widget: ``connect("quiet_bank_nl")`` gives the secret of the connection."""

    def make(bank: str = "demo_business_bank_nl", **changes: Any) -> str:
        page = adapter.begin(request(bank, **changes))
        visit(page).approve()
        outcome = adapter.finish(page.state, answer={})
        assert outcome.status == "connected", outcome
        return outcome.secret

    return make


@pytest.fixture
def later(db: None) -> Callable[..., None]:
    """Moves the sandbox's clock: ``later(days=1)``."""

    def move(**span: int) -> None:
        before = clock.now()
        clock.move(int(dt.timedelta(**span).total_seconds()))
        callbacks.catch_up(before, now=clock.now())

    return move
