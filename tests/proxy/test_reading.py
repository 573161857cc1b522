"""Reading a connection through the proxy: its own client only, positions of its own accounts only, errors as named."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from django.db import IntegrityError, transaction

from foundation.sealing import needs_resealing
from providers.client import ProxyClient
from providers.errors import (
    BadRequest,
    ConnectionGone,
    FeedError,
    InvalidResponse,
    NotFound,
    NotReady,
    PagesChanged,
    PositionLost,
    ProviderDown,
)
from proxy.models import Grant
from tests.providers.plaid import payload
from tests.providers.plaid.wire_plaid import WirePlaid, failure, item, page
from tests.providers.wire import Said
from tests.proxy.conftest import USER, connect

ACCOUNT = "BxBXxLj1m4HMXBm9WZZmCWVbPjX16EHwv99vp"
TOKEN = "access-sandbox-canary"


def test_the_connection_as_its_provider_sees_it(proxy: ProxyClient, plaid: WirePlaid, connected: str) -> None:
    plaid.on("/item/get", item())
    told = proxy.connection(connected)
    assert (told.reference, told.provider, told.institution, told.status) == (
        connected,
        "plaid",
        "plaid:ins_1",
        "active",
    )
    assert told.consent_expires_at == dt.datetime(2026, 12, 24, 15, tzinfo=dt.UTC)
    assert (told.unattended, told.error) == (True, None)


def test_a_connection_that_does_not_work_says_why(proxy: ProxyClient, plaid: WirePlaid, connected: str) -> None:
    plaid.on("/item/get", item(error={"error_type": "ITEM_ERROR", "error_code": "ITEM_LOGIN_REQUIRED"}))
    told = proxy.connection(connected)
    assert told.status == "active"
    assert told.error is not None
    assert (told.error.code, told.error.action) == ("consent_expired", "update_credentials")


def test_accounts(proxy: ProxyClient, plaid: WirePlaid, connected: str) -> None:
    plaid.on("/accounts/get", payload("accounts"))
    told = proxy.accounts(connected)
    assert [(account.id, account.balance.booked) for account in told] == [
        ("checking-1", Decimal("110.55")),
        ("card-1", Decimal("-410.50")),
        ("loan-1", Decimal("0.00")),
        ("wallet-1", None),
    ]
    assert plaid.calls("/accounts/get") == [{"access_token": TOKEN}]


def test_a_refresh(proxy: ProxyClient, plaid: WirePlaid, connected: str) -> None:
    plaid.on("/item/get", item())
    plaid.on("/transactions/refresh", {})
    plaid.on("/transactions/sync", page(), page(transactions_update_status="NOT_READY", next_cursor=""))
    assert proxy.refresh(connected, user=USER).status == "ready"
    assert proxy.refresh(connected, user=None).status == "working"
    assert len(plaid.calls("/transactions/refresh")) == 1


def test_transactions_page_by_page(proxy: ProxyClient, plaid: WirePlaid, connected: str) -> None:
    last = {**msgspec.json.decode(payload("sync_page")), "next_cursor": "cursor-2"}
    plaid.on("/transactions/sync", page(next_cursor="cursor-1", has_more=True), msgspec.json.encode(last))
    first = proxy.transactions(connected, ACCOUNT)
    assert (first.transactions, first.has_more) == ((), True)
    second = proxy.transactions(connected, ACCOUNT, position=first.position, limit=100)
    assert [row.amount for row in second.transactions] == [
        Decimal("-72.10"),
        Decimal("1500.00"),
        Decimal("-23631.9805"),
        Decimal("0.00"),
    ]
    assert msgspec.json.decode(second.transactions[0].raw)["merchant_name"] == "Walmart"
    assert second.balance is not None
    asked = plaid.calls("/transactions/sync")
    assert "cursor" not in asked[0]
    assert (asked[1]["cursor"], asked[1]["count"]) == ("cursor-1", 100)


def test_a_position_is_sealed_text_of_its_own_account(proxy: ProxyClient, plaid: WirePlaid, connected: str) -> None:
    plaid.on("/transactions/sync", page(next_cursor="cursor-1", has_more=True))
    position = proxy.transactions(connected, ACCOUNT).position
    other = connect(proxy, plaid)
    plaid.on("/transactions/sync", page(has_more=True))
    assert "cursor-1" not in position
    seen = len(plaid.wire.seen)
    for reference, account, tried in (
        (connected, "another-account", position),
        (other, ACCOUNT, position),
        (connected, ACCOUNT, position[:-2]),
        (connected, ACCOUNT, "cursor-1"),
    ):
        with pytest.raises(PositionLost):
            proxy.transactions(reference, account, position=tried)
    assert len(plaid.wire.seen) == seen


def test_a_position_is_good_as_long_as_its_key_is_kept(
    proxy: ProxyClient, plaid: WirePlaid, connected: str, settings: Any
) -> None:
    plaid.on("/transactions/sync", page(next_cursor="cursor-1", has_more=True))
    position = proxy.transactions(connected, ACCOUNT).position
    settings.SEALING_KEYS = ["a new key", *settings.SEALING_KEYS]
    proxy.transactions(connected, ACCOUNT, position=position)
    assert plaid.calls("/transactions/sync")[-1]["cursor"] == "cursor-1"


def test_a_secret_moves_to_the_new_key_when_it_is_used(
    proxy: ProxyClient, plaid: WirePlaid, connected: str, settings: Any
) -> None:
    plaid.on("/accounts/get", payload("accounts"))
    settings.SEALING_KEYS = ["a new key", *settings.SEALING_KEYS]
    assert needs_resealing(Grant.objects.get().sealed_secret)
    proxy.accounts(connected)
    assert not needs_resealing(Grant.objects.get().sealed_secret)
    settings.SEALING_KEYS = ["a new key"]
    proxy.accounts(connected)
    assert plaid.calls("/accounts/get")[-1] == {"access_token": TOKEN}


def test_not_ready_and_changed_pages_reach_the_caller(proxy: ProxyClient, plaid: WirePlaid, connected: str) -> None:
    plaid.on("/transactions/sync", page(transactions_update_status="NOT_READY", next_cursor=""))
    with pytest.raises(NotReady) as caught:
        proxy.transactions(connected, ACCOUNT)
    assert caught.value.retry_at is not None
    code = "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION"
    plaid.on("/transactions/sync", failure(code, error_type="TRANSACTIONS_ERROR"))
    with pytest.raises(PagesChanged):
        proxy.transactions(connected, ACCOUNT)


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (Said(body=payload("sync_page").replace(b"72.1", b'"many"')), InvalidResponse, r"\$\.added\[0\]\.amount"),
        (Said(body=payload("sync_page").replace(b'"XBT"', b"null")), InvalidResponse, r"\$\.added\[2\]: it names no"),
        (Said(body=payload("sync_page").replace(b'"EUR"', b'"XQQ"')), InvalidResponse, "unknown currency XQQ"),
        (Said(body=payload("sync_page")[:300]), InvalidResponse, "not readable as JSON"),
        (Said(status=503, body=b"<html>"), ProviderDown, "HTTP 503"),
    ],
)
def test_bad_answers_of_the_provider_are_named(
    proxy: ProxyClient, plaid: WirePlaid, connected: str, answer: Said, kind: type[FeedError], words: str
) -> None:
    plaid.on("/transactions/sync", answer)
    with pytest.raises(kind, match=words) as caught:
        proxy.transactions(connected, ACCOUNT)
    assert caught.value.reference


def test_pending(proxy: ProxyClient, plaid: WirePlaid, connected: str) -> None:
    rows = msgspec.json.decode(payload("sync_page"))["added"]
    plaid.on("/transactions/get", {"accounts": [], "transactions": rows, "total_transactions": len(rows)})
    assert [row.id for row in proxy.pending(connected, ACCOUNT)] == ["pending-1"]


@pytest.mark.parametrize(
    "query", [{"limit": 501}, {"limit": 0}, {"account": ""}, {"first_day": "yesterday"}, {"position": "x" * 4001}]
)
def test_a_question_outside_of_the_contract_is_refused(
    proxy: ProxyClient, plaid: WirePlaid, connected: str, query: dict[str, Any]
) -> None:
    seen = len(plaid.wire.seen)
    asked = {"account": ACCOUNT, **query}
    with pytest.raises(BadRequest, match="not understood"):
        proxy.transactions(connected, **asked)
    assert len(plaid.wire.seen) == seen


def test_another_client_s_connection_is_not_found(
    registered: Callable[..., ProxyClient], plaid: WirePlaid, connected: str
) -> None:
    bob = registered()
    seen = len(plaid.wire.seen)
    for call in (
        lambda: bob.connection(connected),
        lambda: bob.accounts(connected),
        lambda: bob.refresh(connected, user=None),
        lambda: bob.transactions(connected, ACCOUNT),
        lambda: bob.pending(connected, ACCOUNT),
        lambda: bob.revoke(connected),
    ):
        with pytest.raises(NotFound):
            call()
    assert len(plaid.wire.seen) == seen
    assert bob.events().events == ()
    assert Grant.objects.get().status == Grant.Status.ACTIVE


def test_a_secret_does_not_open_in_another_client_s_row(
    registered: Callable[..., ProxyClient], proxy: ProxyClient, plaid: WirePlaid, connected: str
) -> None:
    bob = registered()
    theirs = connect(bob, plaid, "access-sandbox-of-bob")
    Grant.objects.filter(reference=theirs).update(sealed_secret=Grant.objects.get(reference=connected).sealed_secret)
    seen = len(plaid.wire.seen)
    with pytest.raises(FeedError) as caught:
        bob.accounts(theirs)
    assert caught.value.code == "internal"
    assert len(plaid.wire.seen) == seen


# --- the end ---------------------------------------------------------------------------------------------------------
def test_ending_a_connection_destroys_its_secret(proxy: ProxyClient, plaid: WirePlaid, connected: str) -> None:
    plaid.on("/item/remove", {})
    proxy.revoke(connected)
    proxy.revoke(connected)
    grant = Grant.objects.get()
    assert (grant.status, grant.sealed_secret) == ("revoked", "")
    assert plaid.calls("/item/remove") == [{"access_token": TOKEN}]
    assert proxy.connection(connected).status == "revoked"
    assert [event.kind for event in proxy.events().events] == ["connection_made", "connection_revoked"]
    with pytest.raises(ConnectionGone):
        proxy.accounts(connected)


def test_a_connection_that_could_not_be_ended_keeps_its_secret(
    proxy: ProxyClient, plaid: WirePlaid, connected: str
) -> None:
    plaid.on("/item/remove", failure("INTERNAL_SERVER_ERROR", error_type="API_ERROR", status=500))
    with pytest.raises(ProviderDown):
        proxy.revoke(connected)
    assert Grant.objects.get().status == Grant.Status.ACTIVE
    plaid.on("/item/remove", {})
    proxy.revoke(connected)
    assert Grant.objects.get().status == Grant.Status.REVOKED


def test_the_database_refuses_an_active_connection_without_secret_and_a_revoked_one_with(
    connected: str, transactional_db: None
) -> None:
    for change in ({"sealed_secret": ""}, {"status": Grant.Status.REVOKED}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Grant.objects.update(**change)


def test_a_connection_the_provider_forgot_becomes_one_event(
    proxy: ProxyClient, plaid: WirePlaid, connected: str
) -> None:
    plaid.on("/accounts/get", failure("ITEM_NOT_FOUND"))
    for _ in range(2):
        with pytest.raises(ConnectionGone):
            proxy.accounts(connected)
    told = proxy.events()
    assert [event.kind for event in told.events] == ["connection_made", "connection_gone"]
    assert {event.connection for event in told.events} == {connected}
    assert (told.next_after, told.has_more) == (told.events[-1].id, False)


def test_events_are_paged(proxy: ProxyClient, plaid: WirePlaid, connected: str) -> None:
    connect(proxy, plaid)
    first = proxy.events(limit=1)
    assert (len(first.events), first.has_more) == (1, True)
    second = proxy.events(first.next_after, limit=1)
    assert (len(second.events), second.has_more) == (1, False)
    assert proxy.events(second.next_after).next_after == second.next_after
