"""The guard: who misbehaves with its own key is blocked, with a reason; nobody else can have it blocked."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
import requests
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from providers import signing
from providers.client import ProxyClient
from providers.errors import (
    BadRequest,
    ClientBlocked,
    ClientDisconnected,
    ClockSkew,
    FeedError,
    NotFound,
    PhoneUnconfirmed,
    RateLimited,
    SignatureInvalid,
    SubscriptionRefused,
)
from proxy.models import AuditEntry, Client, Event, Incident, Standing, Subscription
from proxy.services import pruning, standing
from tests.providers.plaid import payload
from tests.providers.plaid.wire_plaid import WirePlaid
from tests.proxy.conftest import PHONE, Phone, connect, make_institution, make_subscription, row_of, start, unregistered
from tests.proxy.test_callers import send, signed


def limits(settings: Any, **changed: int) -> None:
    settings.GUARD = {**settings.GUARD, **changed}


def ask_for(proxy: ProxyClient, *references: str) -> list[str]:
    """The codes with which requests for these connections are refused."""
    codes = []
    for reference in references:
        with pytest.raises(FeedError) as caught:
            proxy.accounts(reference)
        codes.append(caught.value.code)
    return codes


# --- before the phone is confirmed -----------------------------------------------------------------------------------
def test_until_the_code_is_entered_everything_else_is_refused(
    site: str, subscription: Subscription, phone: Phone
) -> None:
    proxy = unregistered(site)
    told = proxy.register(subscription.code, PHONE, name="Acme")
    assert told.error is not None
    assert (told.error.code, told.error.action, told.phone_hint) == (
        "phone_unconfirmed",
        "reactivate",
        "+32 ··· ·· ·· 56",
    )
    for call in (proxy.events, lambda: proxy.accounts("x"), lambda: proxy.connection("x")):
        with pytest.raises(PhoneUnconfirmed):
            call()
    with pytest.raises(NotFound):
        proxy.revoke("x")
    proxy.send_phone_code()
    assert proxy.confirm_phone_code(phone.code).error is None
    assert proxy.events().events == ()


# --- what blocks -----------------------------------------------------------------------------------------------------
def test_asking_for_other_clients_connections_blocks_and_says_why(
    registered: Callable[..., ProxyClient], plaid: WirePlaid, settings: Any
) -> None:
    make_institution()
    limits(settings, foreign_references=3)
    alice, mallory = registered(), registered()
    references = [connect(alice, plaid) for _ in range(3)]
    assert ask_for(mallory, *references) == ["not_found", "not_found", "client_blocked"]
    row = row_of(mallory)
    assert row.status == Client.Status.BLOCKED
    change = Standing.objects.get(client=row)
    assert (change.kind, change.by) == ("client_blocked", "guard")
    assert change.why == "asked for 3 different connections of another client within 60 minutes"
    assert Event.objects.filter(client=row).values_list("kind", flat=True).get() == "client_blocked"
    assert AuditEntry.objects.filter(client=row, status_code=403).count() == 1
    assert row_of(alice).status == Client.Status.ACTIVE


def test_one_lost_connection_that_the_clock_asks_for_again_and_again_is_one(
    registered: Callable[..., ProxyClient], plaid: WirePlaid, settings: Any
) -> None:
    make_institution()
    limits(settings, foreign_references=2, unknown_references=3)
    alice, bob = registered(), registered()
    theirs = connect(alice, plaid)
    assert set(ask_for(bob, *[theirs] * 6, *["lost"] * 6, *["lost too"] * 3)) == {"not_found"}
    assert row_of(bob).status == Client.Status.ACTIVE
    assert ask_for(bob, "a third") == ["client_blocked"]


def test_what_is_long_ago_does_not_count(proxy: ProxyClient, settings: Any) -> None:
    limits(settings, unknown_references=3)
    ask_for(proxy, "a", "b")
    Incident.objects.update(at=timezone.now() - dt.timedelta(minutes=61))
    assert ask_for(proxy, "c", "d") == ["not_found", "not_found"]
    assert ask_for(proxy, "e") == ["client_blocked"]


def test_another_clients_visit_counts_like_a_connection(
    registered: Callable[..., ProxyClient], plaid: WirePlaid, settings: Any
) -> None:
    make_institution()
    limits(settings, unknown_references=1)
    alice, mallory = registered(), registered()
    flow = start(alice, plaid)
    with pytest.raises(ClientBlocked):
        mallory.finish_connection(flow)


def test_many_different_requests_that_come_again_block(site: str, proxy: ProxyClient, settings: Any) -> None:
    limits(settings, replays=3)
    requests_sent = [signed(site, proxy) for _ in range(3)]
    assert [send(one).status_code for one in requests_sent] == [200] * 3
    answers = [send(one).json()["error"]["code"] for one in requests_sent]
    assert answers == ["replayed", "replayed", "client_blocked"]
    assert proxy.status().status == "blocked"


def test_one_request_that_a_gateway_repeats_is_one(site: str, proxy: ProxyClient, settings: Any) -> None:
    limits(settings, replays=2)
    request = signed(site, proxy)
    codes = [send(request).status_code for _ in range(8)]
    assert codes == [200, *[401] * 7]
    assert proxy.status().status == "active"


def test_a_person_who_tries_often_is_told_to_wait_and_only_a_program_goes_on(
    proxy: ProxyClient, plaid: WirePlaid, settings: Any
) -> None:
    make_institution()
    limits(settings, attempts=2, attempts_block=5)
    start(proxy, plaid)
    start(proxy, plaid)
    for _ in range(2):
        with pytest.raises(RateLimited) as caught:
            start(proxy, plaid)
        assert caught.value.retry_at is not None
    assert proxy.status().status == "active"
    with pytest.raises(ClientBlocked):
        start(proxy, plaid)


# --- what does not ---------------------------------------------------------------------------------------------------
def test_a_stranger_cannot_have_a_client_blocked_with_bad_signatures(
    site: str, proxy: ProxyClient, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    limits(settings, bad_signatures=5, replays=1, foreign_references=1, unknown_references=1)
    stranger = ProxyClient(site, proxy.client_id, private_key=signing.generate_private_key())
    for number in range(12):
        with pytest.raises(SignatureInvalid):
            stranger.accounts(f"guess-{number}")
    assert proxy.status().status == "active"
    assert proxy.events().events == ()
    # The operator hears of it, once; and it fills no table.
    assert caplog.text.count("had a bad signature") == 1
    assert Incident.objects.filter(kind=Incident.Kind.BAD_SIGNATURE).count() <= 2
    assert sum(Incident.objects.filter(kind=Incident.Kind.BAD_SIGNATURE).values_list("times", flat=True)) == 12


def test_a_stranger_cannot_have_a_client_blocked_with_one_request_that_was_overheard(
    site: str, proxy: ProxyClient, settings: Any
) -> None:
    limits(settings, replays=2, bad_signatures=100)
    overheard = signed(site, proxy)
    send(overheard)
    changed = signed(site, proxy)
    changed.url = f"{site}/v1/events"
    for request in itertools.chain([overheard] * 10, [changed] * 10):
        assert send(request).status_code == 401
    assert proxy.status().status == "active"


def test_a_clock_that_is_off_blocks_nobody(site: str, proxy: ProxyClient, settings: Any) -> None:
    limits(settings, replays=1, bad_signatures=1, foreign_references=1, unknown_references=1)
    for hours in (-5, 5):
        with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(hours=hours), tick=False):
            request = signed(site, proxy)
        for _ in range(3):
            assert send(request).json()["error"]["code"] == ClockSkew.code
    assert proxy.status().status == "active"
    assert not Incident.objects.exclude(kind=Incident.Kind.CODE_SENT).exists()


def test_a_day_of_an_ordinary_client_leaves_no_trace(proxy: ProxyClient, plaid: WirePlaid, connected: str) -> None:
    plaid.on("/accounts/get", payload("accounts"))
    for _ in range(50):
        proxy.accounts(connected)
        proxy.events()
    assert set(Incident.objects.values_list("kind", flat=True)) == {"code_sent", "connection_attempt"}
    Incident.objects.update(at=timezone.now() - dt.timedelta(days=8))
    assert pruning.prune()["incidents"] == 2


# --- blocked, and awake again ----------------------------------------------------------------------------------------
def test_the_code_wakes_and_what_was_before_is_forgotten(proxy: ProxyClient, phone: Phone, settings: Any) -> None:
    limits(settings, unknown_references=2)
    ask_for(proxy, "a", "b")
    told = proxy.status()
    assert told.error is not None
    assert (told.status, told.error.code, told.error.action) == ("blocked", "client_blocked", "reactivate")
    proxy.send_phone_code()
    assert proxy.confirm_phone_code(phone.code).error is None
    assert ask_for(proxy, "c") == ["not_found"]
    assert list(Standing.objects.order_by("pk").values_list("kind", "by")) == [
        ("client_blocked", "guard"),
        ("client_unblocked", "phone"),
    ]
    assert [event.kind for event in proxy.events().events] == ["client_blocked", "client_unblocked"]


def test_of_two_decisions_at_once_one_is_made(proxy: ProxyClient) -> None:
    one, two = row_of(proxy), row_of(proxy)
    assert standing.block(one, by="anna", why="asked by phone")
    assert not standing.block(two, by="guard", why="replays")
    assert two.status == Client.Status.BLOCKED
    assert Standing.objects.count() == 1


# --- cut off, and back -----------------------------------------------------------------------------------------------
def test_who_is_let_back_comes_with_a_new_key_and_finds_its_connections(
    proxy: ProxyClient, plaid: WirePlaid, connected: str, phone: Phone, subscription: Subscription
) -> None:
    plaid.on("/accounts/get", payload("accounts"))
    standing.disconnect(row_of(proxy), by="anna", why="stolen laptop")
    with pytest.raises(ClientDisconnected):
        proxy.accounts(connected)
    back = unregistered(proxy.base_url)
    with pytest.raises(ClientDisconnected, match="not let this installation back"):
        back.come_back(proxy.client_id, subscription.code)
    standing.allow_again(row_of(proxy), by="anna", why="new laptop")
    told = back.come_back(proxy.client_id, subscription.code)
    assert (told.client_id, told.status) == (proxy.client_id, "blocked")
    # A lost answer: the same again changes nothing.
    assert back.come_back(proxy.client_id, subscription.code) == told
    with pytest.raises(ClientBlocked):
        back.accounts(connected)
    with pytest.raises(SignatureInvalid):
        proxy.status()
    back.send_phone_code()
    assert back.confirm_phone_code(phone.code).error is None
    assert len(back.accounts(connected)) > 0
    kinds = list(Standing.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["client_disconnected", "client_allowed_again", "client_returned", "client_unblocked"]


def test_the_old_key_of_who_was_cut_off_is_told_so_even_after_a_new_one_was_made(proxy: ProxyClient) -> None:
    standing.disconnect(row_of(proxy), by="anna", why="asked by phone")
    another = ProxyClient(proxy.base_url, proxy.client_id, private_key=signing.generate_private_key())
    with pytest.raises(ClientDisconnected):
        another.status()


def test_coming_back_needs_the_subscription_and_a_time(
    proxy: ProxyClient, subscription: Subscription, registered: Callable[..., ProxyClient]
) -> None:
    other = make_subscription("CODE-2")
    standing.disconnect(row_of(proxy), by="anna", why="asked by phone")
    standing.allow_again(row_of(proxy), by="anna", why="asked by phone")
    back = unregistered(proxy.base_url)
    with pytest.raises(SubscriptionRefused):
        back.come_back(proxy.client_id, "WRONG")
    with pytest.raises(BadRequest, match="another subscription"):
        back.come_back(proxy.client_id, other.code)
    stolen = unregistered(proxy.base_url, registered()._private_key)
    with pytest.raises(BadRequest, match="another client"):
        stolen.come_back(proxy.client_id, subscription.code)
    Client.objects.filter(pk=proxy.client_id).update(may_return_until=timezone.now() - dt.timedelta(seconds=1))
    with pytest.raises(ClientDisconnected):
        back.come_back(proxy.client_id, subscription.code)
    assert row_of(proxy).status == Client.Status.DISCONNECTED


def test_a_key_that_only_names_a_client_does_not_come_back(site: str, proxy: ProxyClient) -> None:
    body = b'{"subscription_code":"CODE-1","public_key":"' + signing.public_key_of(proxy._private_key).encode() + b'"}'
    request = requests.Request(
        "POST", f"{site}/v1/clients/{proxy.client_id}/key", data=body, headers={"Content-Type": "application/json"}
    ).prepare()
    signing.sign(request, body, key_id="new", private_key=signing.generate_private_key())
    assert send(request).json()["error"]["code"] == "signature_invalid"


def test_a_subscription_that_is_renewed_heals_by_itself(proxy: ProxyClient, subscription: Subscription) -> None:
    Subscription.objects.update(valid_until=dt.date(2020, 1, 1))
    told = proxy.status()
    assert told.error is not None
    assert (told.status, told.error.code) == ("active", "subscription_refused")
    Subscription.objects.update(valid_until=dt.date(2099, 1, 1), is_trial=True)
    assert "trial" in proxy.status().error.message  # type: ignore[union-attr]
    Subscription.objects.update(is_trial=False)
    assert proxy.status().error is None


# --- the operator's command ------------------------------------------------------------------------------------------
def test_an_operator_decides_by_command(proxy: ProxyClient) -> None:
    def stand(change: str) -> str:
        out = StringIO()
        call_command("stand_client", proxy.client_id, change, by="anna", why="asked by phone", stdout=out)
        return out.getvalue()

    assert "is blocked" in stand("block")
    assert "active again" in stand("unblock")
    assert "disconnected" in stand("disconnect")
    assert "seven days" in stand("allow-again")
    with pytest.raises(CommandError, match="is not blocked"):
        stand("unblock")
    assert set(Standing.objects.values_list("by", "why")) == {("anna", "asked by phone")}
