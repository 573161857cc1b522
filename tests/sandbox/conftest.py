"""What the sandbox's tests share: a caller with Plaid's keys, Items to read, and the official client over real HTTP."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import msgspec
import plaid
import pytest
from django.conf import settings
from django.test import Client
from plaid.api import plaid_api
from pytest_django.live_server_helper import LiveServer

# A weekday, late enough that all of it is published.
NOON = dt.datetime(2026, 6, 17, 12, 0, tzinfo=dt.UTC)

KEYS = {"PLAID-CLIENT-ID": "sandbox-client-id", "PLAID-SECRET": "sandbox-secret"}


class Answer(msgspec.Struct):
    """A status and the JSON that came with it, amounts as the text said them."""

    status: int
    body: dict[str, Any]


class Caller:
    """Calls Plaid's routes as a program does."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def __call__(self, route: str, **body: Any) -> dict[str, Any]:
        """The body of an answer that has to be a success."""
        answer = self.ask(route, body)
        assert answer.status == 200, answer.body
        return answer.body

    def ask(self, route: str, body: dict[str, Any], *, headers: dict[str, str] | None = None) -> Answer:
        response = self._client.post(
            f"/plaid{route}",
            data=msgspec.json.encode(body),
            content_type="application/json",
            headers=KEYS if headers is None else headers,
        )
        return Answer(response.status_code, msgspec.json.Decoder(float_hook=Decimal).decode(response.content))

    def error(self, route: str, **body: Any) -> tuple[int, str, str]:
        """Status, type and code of an answer that has to be an error."""
        answer = self.ask(route, body)
        assert answer.status != 200, answer.body
        assert answer.body["request_id"]
        return answer.status, answer.body["error_type"], answer.body["error_code"]

    def read_all(self, token: str, *, cursor: str = "", count: int = 500, **options: Any) -> Reading:
        """Pages through ``/transactions/sync`` to the end."""
        reading = Reading(cursor=cursor)
        has_more = True
        while has_more:
            body = {"access_token": token, "cursor": reading.cursor, "count": count, "options": options}
            page = self("/transactions/sync", **body)
            reading.take(page)
            has_more = page["has_more"]
        return reading


class Reading:
    """What a reader of ``/transactions/sync`` knows after its pages."""

    def __init__(self, *, cursor: str) -> None:
        self.cursor = cursor
        self.pages: list[dict[str, Any]] = []

    def take(self, page: dict[str, Any]) -> None:
        self.pages.append(page)
        self.cursor = page["next_cursor"]

    def rows(self, kind: str) -> list[dict[str, Any]]:
        return [row for page in self.pages for row in page[kind]]

    def ids(self, kind: str) -> list[str]:
        return [row["transaction_id"] for row in self.rows(kind)]


@pytest.fixture
def api(client: Client) -> Caller:
    """Plaid's routes, called without a network."""
    return Caller(client)


@pytest.fixture
def link(api: Caller, db: None) -> Callable[..., dict[str, Any]]:
    """Links a bank without its pages: ``link("quiet_bank", days=730)`` gives ``access_token`` and ``item_id``."""

    def make(bank: str, *, days: int = 90) -> dict[str, Any]:
        options = {"transactions": {"days_requested": days}}
        made = api(
            "/sandbox/public_token/create",
            institution_id=f"ins_{bank}",
            initial_products=["transactions"],
            options=options,
        )
        return api("/item/public_token/exchange", public_token=made["public_token"])

    return make


@pytest.fixture
def control(client: Client, db: None) -> Callable[..., Answer]:
    """The control routes: ``control("POST", "clock", days=1)``; ``GET`` takes its words as a query."""

    def call(method: str, path: str, /, **body: Any) -> Answer:
        if method == "GET":
            response = client.get(f"/control/{path}", query_params=body)
        else:
            content = msgspec.json.encode(body)
            response = client.generic(method, f"/control/{path}", content, content_type="application/json")
        return Answer(response.status_code, msgspec.json.decode(response.content))

    return call


@pytest.fixture
def official(live_server: LiveServer) -> Iterator[plaid_api.PlaidApi]:
    """Plaid's own Python client, pointed at a running sandbox."""
    configuration = plaid.Configuration(
        host=f"{live_server.url}/plaid",
        api_key={
            "clientId": settings.PLAID_CLIENT_ID,
            "secret": settings.PLAID_SECRET,
            "plaidVersion": "2020-09-14",
        },
    )
    with plaid.ApiClient(configuration) as client:
        yield plaid_api.PlaidApi(client)
