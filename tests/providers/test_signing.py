"""Signed requests: what is signed is known to be whole, late and from whom it says."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
import requests

from providers import signing
from providers.errors import ClockSkew, SignatureInvalid
from providers.signing import IncomingRequest

KEY = signing.generate_private_key()
PUBLIC = signing.public_key_of(KEY)
NOW = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)


def signed(method: str = "POST", body: bytes = b'{"a":1}', **options: object) -> IncomingRequest:
    request = requests.Request(method, "http://proxy.example/v1/things?after=3&name=a%20b", data=body).prepare()
    signing.sign(request, body, key_id="client-1", private_key=KEY, now=options.get("now", NOW))  # type: ignore[arg-type]
    return IncomingRequest(method=method, url=str(request.url), headers=dict(request.headers), body=body)


def known(key_id: str) -> str | None:
    return PUBLIC if key_id == "client-1" else None


def test_a_signed_request_is_known_with_its_nonce_and_its_time() -> None:
    signature = signing.verify(signed(), known, now=NOW)
    assert signature.key_id == "client-1"
    assert signature.created == NOW
    assert len(signature.nonce) >= 16


def test_a_request_without_a_body_is_signed_over_the_digest_of_nothing() -> None:
    request = signed("GET", b"")
    assert request.headers["Content-Digest"].startswith("sha-256=:")
    assert signing.verify(request, known, now=NOW).key_id == "client-1"


def test_the_signature_says_label_algorithm_and_what_it_covers() -> None:
    said = signed().headers["Signature-Input"]
    assert said.startswith('banksync=("@method" "@path" "@query" "content-digest");')
    for parameter in ("created=", 'keyid="client-1"', 'alg="ed25519"', "nonce="):
        assert parameter in said


def test_signing_again_gives_another_nonce_and_leaves_one_signature() -> None:
    request = requests.Request("GET", "http://proxy.example/v1/client").prepare()
    nonces = set()
    for _ in range(2):
        signing.sign(request, b"", key_id="client-1", private_key=KEY, now=NOW)
        incoming = IncomingRequest("GET", str(request.url), dict(request.headers), b"")
        nonces.add(signing.verify(incoming, known, now=NOW).nonce)
    assert len(nonces) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"method": "PUT"},
        {"url": "http://proxy.example/v1/other?after=3&name=a%20b"},
        {"url": "http://proxy.example/v1/things?after=4&name=a%20b"},
        {"url": "http://proxy.example/v1/things"},
        {"body": b'{"a":2}'},
        {"body": b""},
    ],
)
def test_a_changed_request_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(SignatureInvalid):
        signing.verify(replace(signed(), **change), known, now=NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize("header", ["Signature", "Signature-Input", "Content-Digest"])
def test_a_request_that_lacks_a_header_is_refused(header: str) -> None:
    request = signed()
    headers = {name: value for name, value in request.headers.items() if name != header}
    with pytest.raises(SignatureInvalid):
        signing.verify(replace(request, headers=headers), known, now=NOW)


@pytest.mark.parametrize(
    ("what", "with_what"),
    [
        ("banksync=", "other="),
        ('"@path" ', ""),
        (';alg="ed25519"', ""),
        (";nonce=", ";tag="),
        ("created=", "expires="),
        ('keyid="client-1"', "keyid=1"),
    ],
)
def test_a_signature_that_says_something_else_is_refused(what: str, with_what: str) -> None:
    request = signed()
    headers = dict(request.headers)
    assert what in headers["Signature-Input"]
    headers["Signature-Input"] = headers["Signature-Input"].replace(what, with_what)
    headers["Signature"] = headers["Signature"].replace(what, with_what)
    with pytest.raises(SignatureInvalid):
        signing.verify(replace(request, headers=headers), known, now=NOW)


def test_garbage_in_the_headers_is_refused_and_not_a_crash() -> None:
    headers = {"Signature": "banksync=:é:", "Signature-Input": 'banksync=("@method', "Content-Digest": "x"}
    with pytest.raises(SignatureInvalid):
        signing.verify(IncomingRequest("GET", "http://proxy/v1/client", headers, b""), known, now=NOW)


def test_another_key_and_an_unknown_key_are_refused() -> None:
    stranger = signing.public_key_of(signing.generate_private_key())
    with pytest.raises(SignatureInvalid):
        signing.verify(signed(), lambda _key_id: stranger, now=NOW)
    with pytest.raises(SignatureInvalid):
        signing.verify(signed(), lambda _key_id: None, now=NOW)


@pytest.mark.parametrize(("seconds", "words"), [(301, "301 seconds ahead"), (-4000, "4000 seconds behind")])
def test_a_clock_that_is_off_is_told_by_how_much(seconds: int, words: str) -> None:
    with pytest.raises(ClockSkew, match=words):
        signing.verify(signed(now=NOW + dt.timedelta(seconds=seconds)), known, now=NOW)


def test_a_clock_at_the_edge_is_good() -> None:
    for seconds in (300, -300):
        signature = signing.verify(signed(now=NOW + dt.timedelta(seconds=seconds)), known, now=NOW)
        assert signature.created == NOW + dt.timedelta(seconds=seconds)


def test_a_stranger_learns_nothing_about_clocks() -> None:
    late = signed(now=NOW - dt.timedelta(days=1))
    with pytest.raises(SignatureInvalid):
        signing.verify(late, lambda _key_id: None, now=NOW)


@pytest.mark.parametrize("text", ["", "abc", "not base64 !", "QUJD", PUBLIC + PUBLIC])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(signing.InvalidKey):
        signing.check_public_key(text)
    with pytest.raises(signing.InvalidKey):
        signing.public_key_of(text)
