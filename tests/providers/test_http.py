"""The proxy's door to a provider, against a real socket."""

from __future__ import annotations

import logging

import pytest

from providers.errors import InvalidResponse, ProviderDown, RateLimited, Unreachable
from providers.http import ProviderHttp
from tests.providers.wire import HANG_UP, Said, WireServer, refused_url

SECRET = "canary-secret-5f1c"


def door(url: str, **options: object) -> ProviderHttp:
    return ProviderHttp(url, title="Plaid", headers={"PLAID-SECRET": SECRET}, **options)  # type: ignore[arg-type]


def test_it_sends_the_credentials_and_gives_back_status_and_bytes(wire: WireServer) -> None:
    wire.say(Said(status=400, body=b' {"error_code":"X"}'))
    answer = door(wire.url).post("/item/get", b'{"a":1}', is_read=True)
    assert (answer.status, answer.body) == (400, b' {"error_code":"X"}')
    assert wire.seen[0].headers["PLAID-SECRET"] == SECRET
    assert wire.seen[0].json() == {"a": 1}


def test_refused_is_unreachable_and_carries_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(Unreachable, match="Plaid cannot be reached") as caught:
        door(refused_url()).post("/item/get", b"{}", is_read=True)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert SECRET not in caplog.text


def test_silence_ends_with_the_timeout(wire: WireServer) -> None:
    wire.never_answer()
    with pytest.raises(Unreachable, match=r"0\.2 seconds"):
        door(wire.url, timeout=(1, 0.2)).post("/item/get", b"{}", is_read=True)
    assert len(wire.seen) == 1


def test_a_read_that_was_cut_off_is_asked_again(wire: WireServer) -> None:
    wire.say(HANG_UP, Said(body=b'{"a"', promised=9), b'{"a":1}')
    assert door(wire.url).post("/item/get", b"{}", is_read=True).body == b'{"a":1}'
    assert len(wire.seen) == 3


def test_a_write_is_sent_once(wire: WireServer) -> None:
    wire.say(HANG_UP, b"{}")
    with pytest.raises(Unreachable):
        door(wire.url).post("/item/public_token/exchange", b"{}", is_read=False)
    assert len(wire.seen) == 1


def test_an_answer_that_breaks_off_is_unreachable(wire: WireServer) -> None:
    wire.say(Said(body=b'{"added":[', promised=400))
    with pytest.raises(Unreachable, match="broke off"):
        door(wire.url).post("/transactions/sync", b"{}", is_read=True)


def test_a_page_with_a_server_error_is_a_provider_that_is_down(wire: WireServer) -> None:
    wire.say(Said(status=502, body=b"<html>", headers={"Content-Type": "text/html"}))
    with pytest.raises(ProviderDown, match="HTTP 502"):
        door(wire.url).post("/item/get", b"{}", is_read=True)


def test_a_server_error_in_the_provider_s_own_words_is_the_adapter_s_to_read(wire: WireServer) -> None:
    wire.say(Said(status=500, body=b'{"error_code":"INTERNAL_SERVER_ERROR"}'))
    assert door(wire.url).post("/item/get", b"{}", is_read=True).status == 500


def test_a_page_that_says_too_many_is_a_rate_limit(wire: WireServer) -> None:
    wire.say(Said(status=429, body=b"slow down"))
    with pytest.raises(RateLimited):
        door(wire.url).post("/item/get", b"{}", is_read=True)


@pytest.mark.parametrize("status", [200, 301, 403])
def test_any_other_page_is_an_invalid_answer(wire: WireServer, status: int) -> None:
    wire.say(Said(status=status, body=b"<html>", headers={"Content-Type": "text/html", "Location": "/"}))
    with pytest.raises(InvalidResponse, match=f"HTTP {status} with text/html"):
        door(wire.url).post("/item/get", b"{}", is_read=True)


def test_an_empty_answer_is_an_invalid_one(wire: WireServer) -> None:
    wire.say(b"")
    with pytest.raises(InvalidResponse):
        door(wire.url).post("/item/get", b"{}", is_read=True)


def test_an_answer_without_end_is_not_read_to_the_end(wire: WireServer) -> None:
    wire.say(b"[" + b"1," * 1_000_000 + b"1]")
    with pytest.raises(InvalidResponse, match="more than 1 MiB"):
        door(wire.url, largest_answer=1024 * 1024).post("/transactions/sync", b"{}", is_read=True)


def test_a_signature_covers_what_is_sent_and_is_made_again_for_each_attempt(wire: WireServer) -> None:
    signed: list[tuple[str, str, bytes]] = []

    def sign(method: str, url: str, body: bytes) -> dict[str, str]:
        signed.append((method, url, body))
        return {"Signature": f"s-{len(signed)}"}

    wire.say(HANG_UP, b"{}")
    signing = door(wire.url, sign=sign)
    assert signing.send("GET", "/rows?from=1&name=a%20b", is_read=True, headers={"X-More": "m"}).status == 200
    assert signed == [("GET", f"{wire.url}/rows?from=1&name=a%20b", b"")] * 2
    assert [seen.headers["Signature"] for seen in wire.seen] == ["s-1", "s-2"]
    assert {(seen.method, seen.target, seen.body) for seen in wire.seen} == {("GET", "/rows?from=1&name=a%20b", b"")}
    assert wire.seen[1].headers["X-More"] == "m"


def test_an_answer_without_a_body_is_one_only_where_none_is_promised(wire: WireServer) -> None:
    wire.say(Said(status=204, body=b""), Said(status=200, body=b""))
    plain = door(wire.url)
    assert plain.send("DELETE", "/rows/1", is_read=False).body == b""
    with pytest.raises(InvalidResponse):
        plain.send("DELETE", "/rows/1", is_read=False)
