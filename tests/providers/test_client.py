"""The app's door to the proxy, against a real socket: what is sent, what comes back, and every way it can fail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from providers import signing
from providers.client import EndUser, ProxyClient
from providers.errors import (
    ConsentExpired,
    FeedError,
    InvalidResponse,
    PagesChanged,
    ProxyUnreachable,
    RateLimited,
)
from providers.signing import IncomingRequest
from tests.providers.wire import HANG_UP, Said, Seen, WireServer, refused_url

KEY = signing.generate_private_key()
USER = EndUser(ip="192.0.2.7", agent="Firefox")
CLIENT = b'{"client_id":"c-1","status":"active","subscription_until":"2030-12-31","phone_confirmed":true}'
FLOW = b'{"flow":"f-1","status":"connected","connection":"r-1"}'
PAGE = b'{"flow":"f-1","url":"https://bank.example/x","expires_at":"2026-01-02T03:04:05Z"}'
ACCOUNT = b'{"id":"a","name":"Checking","currency":"EUR","balance":{"booked":"1.00","available":null,"currency":"EUR"}}'
TRANSACTION = b'{"id":"t","status":"posted","booking_date":"2026-01-31","amount":"-12.3400","currency":"EUR"}'


def client_of(url: str, **options: Any) -> ProxyClient:
    return ProxyClient(url, "c-1", private_key=KEY, **options)


def verified(seen: Seen) -> signing.Signature:
    incoming = IncomingRequest(seen.method, f"http://x{seen.target}", seen.headers, seen.body)
    return signing.verify(incoming, lambda _key_id: signing.public_key_of(KEY))


VERBS: list[tuple[Callable[[ProxyClient], Any], str, str, Any, bytes]] = [
    (lambda c: c.status(), "GET", "/v1/client", None, CLIENT),
    (lambda c: c.send_phone_code(), "POST", "/v1/client/phone-code", {}, b"{}"),
    (lambda c: c.confirm_phone_code("123456"), "POST", "/v1/client/phone-code/confirm", {"code": "123456"}, CLIENT),
    (
        lambda c: c.institutions(7, limit=2),
        "GET",
        "/v1/institutions?after=7&limit=2",
        None,
        b'{"institutions":[],"next_after":7,"has_more":false}',
    ),
    (
        lambda c: c.start_connection(
            "plaid:ins_1", return_url="https://app.example/r", history_days=None, language="en", user=USER
        ),
        "POST",
        "/v1/connections",
        {
            "institution": "plaid:ins_1",
            "return_url": "https://app.example/r",
            "history_days": None,
            "language": "en",
            "user": {"ip": "192.0.2.7", "agent": "Firefox"},
            "account_kinds": [],
        },
        PAGE,
    ),
    (lambda c: c.finish_connection("f-1"), "POST", "/v1/connections/finish", {"flow": "f-1"}, FLOW),
    (
        lambda c: c.connection("r-1"),
        "GET",
        "/v1/connections/r-1",
        None,
        b'{"reference":"r-1","provider":"plaid","institution":"plaid:ins_1","status":"active"}',
    ),
    (lambda c: c.accounts("r-1"), "GET", "/v1/connections/r-1/accounts", None, b'{"accounts":[' + ACCOUNT + b"]}"),
    (
        lambda c: c.refresh("r-1", user=None),
        "POST",
        "/v1/connections/r-1/refresh",
        {"user": None},
        b'{"status":"working","retry_at":"2026-01-02T03:04:05Z"}',
    ),
    (
        lambda c: c.transactions("r-1", "a/ b&ü", position="v1.x==", first_day=dt.date(2026, 1, 1), limit=50),
        "GET",
        "/v1/connections/r-1/transactions?account=a%2F+b%26%C3%BC&position=v1.x%3D%3D&first_day=2026-01-01&limit=50",
        None,
        b'{"transactions":[' + TRANSACTION + b'],"position":"p","has_more":false}',
    ),
    (
        lambda c: c.pending("r-1", "a"),
        "GET",
        "/v1/connections/r-1/pending?account=a",
        None,
        b'{"transactions":[' + TRANSACTION + b"]}",
    ),
    (
        lambda c: c.update_connection(
            "r-1", return_url="https://app.example/r", language="fr", user=USER, account_kinds=["cards"]
        ),
        "POST",
        "/v1/connections/r-1/update",
        {
            "return_url": "https://app.example/r",
            "language": "fr",
            "user": {"ip": "192.0.2.7", "agent": "Firefox"},
            "account_kinds": ["cards"],
        },
        PAGE,
    ),
    (lambda c: c.revoke("r-1"), "POST", "/v1/connections/r-1/revoke", {}, b"{}"),
    (
        lambda c: c.events(4),
        "GET",
        "/v1/events?after=4&limit=500",
        None,
        b'{"events":[],"next_after":4,"has_more":false}',
    ),
]


@pytest.mark.parametrize(("call", "method", "target", "body", "answer"), VERBS)
def test_each_verb_is_signed_and_sent_as_the_contract_says(
    wire: WireServer, call: Callable[[ProxyClient], Any], method: str, target: str, body: Any, answer: bytes
) -> None:
    wire.say(answer)
    call(client_of(wire.url))
    (seen,) = wire.seen
    assert (seen.method, seen.target) == (method, target)
    assert (seen.json() if seen.body else None) == body
    assert verified(seen).key_id == "c-1"


def test_registering_proves_the_new_key_and_takes_over_the_client_id(wire: WireServer) -> None:
    wire.say(CLIENT)
    proxy = ProxyClient(wire.url, "", private_key=KEY)
    told = proxy.register("CODE", "+3225550100", name="Acme")
    assert told.subscription_until == dt.date(2030, 12, 31)
    assert wire.seen[0].json() == {
        "subscription_code": "CODE",
        "phone_number": "+3225550100",
        "name": "Acme",
        "public_key": signing.public_key_of(KEY),
    }
    assert verified(wire.seen[0]).key_id == "new"
    proxy.status()
    assert verified(wire.seen[1]).key_id == "c-1"


def test_amounts_are_decimals_to_the_last_digit(wire: WireServer) -> None:
    wire.say(b'{"transactions":[' + TRANSACTION + b'],"position":"p","has_more":true}')
    page = client_of(wire.url).transactions("r-1", "a")
    assert page.transactions[0].amount == Decimal("-12.34")
    assert page.transactions[0].booking_date == dt.date(2026, 1, 31)
    assert page.has_more


def test_it_keeps_the_reference_of_every_answer(wire: WireServer) -> None:
    wire.say(Said(body=CLIENT, headers={"Banksync-Reference": "7F3K-21QX"}), HANG_UP)
    proxy = client_of(wire.url)
    proxy.status()
    assert proxy.last_reference == "7F3K-21QX"
    with pytest.raises(ProxyUnreachable):
        proxy.send_phone_code()
    assert proxy.last_reference == ""


def test_an_error_comes_back_as_the_proxy_named_it(wire: WireServer) -> None:
    error = {
        "code": "consent_expired",
        "message": "The bank asks for a new sign-in.",
        "action": "update_credentials",
        "reference": "AAAA-BBBB",
        "provider": {"code": "ITEM_LOGIN_REQUIRED", "message": "…", "request_id": "q"},
    }
    wire.say(Said(status=409, body=msgspec.json.encode({"error": error})))
    with pytest.raises(ConsentExpired) as caught:
        client_of(wire.url).accounts("r-1")
    assert caught.value.action == "update_credentials"
    assert caught.value.reference == "AAAA-BBBB"
    assert caught.value.provider is not None
    assert caught.value.provider.code == "ITEM_LOGIN_REQUIRED"


def test_an_error_says_when_to_come_back(wire: WireServer) -> None:
    body = b'{"error":{"code":"rate_limited","message":"m","action":"wait","retry_at":"2026-01-02T03:04:05Z"}}'
    wire.say(Said(status=429, body=body, headers={"Banksync-Reference": "CCCC-DDDD"}))
    with pytest.raises(RateLimited) as caught:
        client_of(wire.url).accounts("r-1")
    assert caught.value.retry_at == dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
    assert caught.value.reference == "CCCC-DDDD"


def test_an_error_that_is_new_keeps_its_words_and_its_action(wire: WireServer) -> None:
    wire.say(Said(status=418, body=b'{"error":{"code":"teapot","message":"Short and stout.","action":"wait"}}'))
    with pytest.raises(FeedError) as caught:
        client_of(wire.url).status()
    assert (caught.value.code, caught.value.message, caught.value.action) == ("teapot", "Short and stout.", "wait")


def test_pages_that_changed_are_told_apart(wire: WireServer) -> None:
    wire.say(Said(status=409, body=b'{"error":{"code":"pages_changed","message":"m","action":"retry"}}'))
    with pytest.raises(PagesChanged):
        client_of(wire.url).transactions("r-1", "a")


def test_a_refused_connection_names_the_address_to_allow() -> None:
    url = refused_url()
    with pytest.raises(ProxyUnreachable, match=url.removeprefix("http://")):
        client_of(url).status()


def test_silence_ends_with_the_timeout_and_is_not_waited_for_twice(wire: WireServer) -> None:
    wire.never_answer()
    with pytest.raises(ProxyUnreachable, match=r"0\.2 seconds"):
        client_of(wire.url, timeout=(1, 0.2)).status()
    assert len(wire.seen) == 1


def test_a_read_that_was_cut_off_is_asked_again_with_another_nonce(wire: WireServer) -> None:
    wire.say(HANG_UP, Said(body=CLIENT, promised=10), CLIENT)
    assert client_of(wire.url).status().client_id == "c-1"
    assert len({verified(seen).nonce for seen in wire.seen}) == 3


def test_a_write_that_was_cut_off_is_never_asked_again(wire: WireServer) -> None:
    wire.say(HANG_UP, FLOW)
    with pytest.raises(ProxyUnreachable):
        client_of(wire.url).finish_connection("f-1")
    assert len(wire.seen) == 1


def test_an_answer_that_breaks_off_is_told_as_that(wire: WireServer) -> None:
    wire.say(Said(body=CLIENT[:20], promised=50))
    with pytest.raises(ProxyUnreachable, match="broke off"):
        client_of(wire.url).status()
    assert len(wire.seen) == 3


def test_a_gateway_s_page_is_an_unreachable_proxy(wire: WireServer) -> None:
    wire.say(Said(status=502, body=b"<html>Bad gateway</html>", headers={"Content-Type": "text/html"}))
    with pytest.raises(ProxyUnreachable, match="HTTP 502 with text/html"):
        client_of(wire.url).status()


@pytest.mark.parametrize("status", [200, 302, 404, 500])
def test_a_page_in_the_place_of_the_proxy_is_an_invalid_answer(wire: WireServer, status: int) -> None:
    headers = {"Content-Type": "text/html; charset=utf-8", "Location": wire.url, "Banksync-Reference": "EEEE-FFFF"}
    wire.say(Said(status=status, body=b"<html></html>", headers=headers))
    with pytest.raises(InvalidResponse) as caught:
        client_of(wire.url).status()
    assert caught.value.reference == "EEEE-FFFF"


@pytest.mark.parametrize(
    ("answer", "place"),
    [
        (b'{"client_id":5,"status":"active","subscription_until":null}', "$.client_id"),
        (b'{"client_id":"c","status":"surprised","subscription_until":null}', "$.status"),
        (b'{"client_id":"c","status":"active","subscription_until":"tomorrow"}', "$.subscription_until"),
        (b"[]", "$"),
    ],
)
def test_what_does_not_fit_is_named_by_its_place_and_never_by_its_content(
    wire: WireServer, answer: bytes, place: str
) -> None:
    wire.say(answer)
    with pytest.raises(InvalidResponse) as caught:
        client_of(wire.url).status()
    assert f"at {place}." in caught.value.message
    assert "surprised" not in caught.value.message


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-Infinity"])
def test_an_amount_that_is_no_number_is_refused(wire: WireServer, amount: str) -> None:
    row = TRANSACTION.replace(b"-12.3400", amount.encode())
    wire.say(b'{"transactions":[' + TRANSACTION + b"," + row + b'],"position":"p","has_more":false}')
    with pytest.raises(InvalidResponse, match=r"\$\.transactions\[1\]\.amount"):
        client_of(wire.url).transactions("r-1", "a")


def test_broken_json_is_an_invalid_answer(wire: WireServer) -> None:
    wire.say(b'{"client_id": "c-1", ')
    with pytest.raises(InvalidResponse, match="not readable as JSON"):
        client_of(wire.url).status()
