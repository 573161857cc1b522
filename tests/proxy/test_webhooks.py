"""What providers send by themselves: taken once, for the right connection, and only from who can prove it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import msgspec
import pytest
import requests

from providers.client import ProxyClient
from providers.types import ErrorEnvelope, EventData
from proxy.models import Event, Grant
from tests.providers.plaid.notices import notice, proof, published
from tests.providers.plaid.wire_plaid import WirePlaid
from tests.providers.wire import HANG_UP
from tests.proxy.conftest import connect

KEYS = "/webhook_verification_key/get"


@pytest.fixture
def keyed(plaid: WirePlaid) -> WirePlaid:
    plaid.on(KEYS, published())
    return plaid


def send(site: str, body: bytes, headers: dict[str, str] | None = None, *, path: str = "") -> requests.Response:
    proven = proof(body) if headers is None else headers
    return requests.post(f"{site}/webhooks/plaid{path}", data=body, headers=proven, timeout=5)


def told(proxy: ProxyClient) -> list[EventData]:
    return [event for event in proxy.events(0).events if event.kind != "connection_made"]


def test_a_proven_message_becomes_an_event_of_its_connection(
    site: str, proxy: ProxyClient, keyed: WirePlaid, connected: str
) -> None:
    ends = "2026-12-24T15:00:00Z"
    body = notice("PENDING_EXPIRATION", kind="ITEM", consent_expiration_time=ends)
    assert send(site, body).status_code == 200
    (event,) = told(proxy)
    assert (event.kind, event.connection) == ("consent_expiring", connected)
    assert event.detail == {"expires_at": "2026-12-24T15:00:00+00:00"}
    assert dt.datetime.now(dt.UTC) - event.at < dt.timedelta(minutes=1)


def test_the_same_message_twice_is_one_event(site: str, proxy: ProxyClient, keyed: WirePlaid, connected: str) -> None:
    headers = proof(notice())
    answers = [send(site, notice(), headers) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert [event.kind for event in told(proxy)] == ["transactions_available"]


def test_only_the_client_whose_connection_it_is_is_told(
    site: str, keyed: WirePlaid, connected: str, proxy: ProxyClient, registered: Callable[..., ProxyClient]
) -> None:
    send(site, notice())
    assert told(registered()) == []
    assert len(told(proxy)) == 1


def test_what_is_told_of_a_connection_nobody_has_is_taken_and_forgotten(
    site: str, proxy: ProxyClient, keyed: WirePlaid, connected: str
) -> None:
    assert send(site, notice(item_id="item-of-another-program")).status_code == 200
    assert send(site, notice(item_id="")).status_code == 200
    assert told(proxy) == []


def test_a_connection_that_was_ended_is_told_nothing_more(
    site: str, proxy: ProxyClient, keyed: WirePlaid, connected: str
) -> None:
    keyed.on("/item/remove", {})
    proxy.revoke(connected)
    send(site, notice())
    assert "transactions_available" not in [event.kind for event in told(proxy)]


def test_connections_that_share_a_reference_are_all_told(
    site: str, proxy: ProxyClient, keyed: WirePlaid, connected: str
) -> None:
    other = connect(proxy, keyed, kept="access-sandbox-other")
    assert Grant.objects.filter(provider_reference="item-1").count() == 2
    send(site, notice())
    assert {event.connection for event in told(proxy)} == {connected, other}


@pytest.mark.parametrize("headers", [{}, {"Plaid-Verification": "x.y.z"}, proof(b"another body")])
def test_a_message_that_proves_nothing_is_refused_and_changes_nothing(
    site: str, proxy: ProxyClient, keyed: WirePlaid, connected: str, headers: dict[str, str]
) -> None:
    answer = send(site, notice(), headers)
    error = msgspec.json.decode(answer.content, type=ErrorEnvelope).error
    assert (answer.status_code, error.code) == (400, "webhook_refused")
    assert answer.headers["Banksync-Reference"] == error.reference
    assert told(proxy) == []


def test_a_message_whose_key_cannot_be_had_is_asked_for_again(
    site: str, proxy: ProxyClient, plaid: WirePlaid, connected: str
) -> None:
    plaid.on(KEYS, HANG_UP)
    assert send(site, notice()).status_code == 502
    plaid.on(KEYS, published())
    assert send(site, notice(), path="/anything").status_code == 200
    assert len(told(proxy)) == 1


def test_a_body_too_large_is_refused(site: str, keyed: WirePlaid, transactional_db: None) -> None:
    assert send(site, b"x" * 300_000).status_code == 400
    assert Event.objects.count() == 0


def test_a_provider_without_a_contract_is_unknown(site: str, transactional_db: None) -> None:
    for path in ("/webhooks/nobody", "/webhooks/nobody/notify"):
        assert requests.post(site + path, data=b"{}", timeout=5).status_code == 404


def test_only_posting_is_understood(site: str, transactional_db: None) -> None:
    assert requests.get(f"{site}/webhooks/plaid", timeout=5).status_code == 405
