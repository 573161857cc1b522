"""Signed tokens: those of the key and the algorithm are believed, nothing else is."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from providers import jose
from providers.jose import InvalidToken, Key

CURVE_KEY = ec.generate_private_key(ec.SECP256R1())
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Said(msgspec.Struct):
    word: str


def text(content: bytes, *, padded: bool = False) -> str:
    found = base64.urlsafe_b64encode(content).decode()
    return found if padded else found.rstrip("=")


def number(value: int, *, padded: bool = False) -> str:
    return text(value.to_bytes((value.bit_length() + 7) // 8, "big"), padded=padded)


def curve_key(key: ec.EllipticCurvePrivateKey = CURVE_KEY) -> Key:
    numbers = key.public_key().public_numbers()
    x, y = (text(each.to_bytes(32, "big")) for each in (numbers.x, numbers.y))
    return Key(kty="EC", kid="k", crv="P-256", x=x, y=y)


def rsa_key(*, padded: bool = False) -> Key:
    numbers = RSA_KEY.public_key().public_numbers()
    return Key(kty="RSA", kid="k", n=number(numbers.n, padded=padded), e=number(numbers.e, padded=padded))


def unsigned(alg: str, body: bytes = b'{"word":"hello"}') -> str:
    head = msgspec.json.encode({"alg": alg, "kid": "k", "typ": "JWT"})
    return f"{text(head)}.{text(body)}"


def es256(body: bytes = b'{"word":"hello"}', *, alg: str = "ES256") -> str:
    signed = unsigned(alg, body)
    r, s = decode_dss_signature(CURVE_KEY.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{signed}.{text(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def rs512() -> str:
    signed = unsigned("RS512")
    return f"{signed}.{text(RSA_KEY.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA512()))}"


def test_a_token_of_the_curve() -> None:
    token = jose.read(es256(), algorithm="ES256")
    assert token.header.kid == "k"
    assert jose.claims(token, curve_key(), kind=Said) == Said("hello")


@pytest.mark.parametrize("padded", [False, True])
def test_a_token_of_rsa_whose_key_is_published_with_or_without_padding(padded: bool) -> None:
    token = jose.read(rs512(), algorithm="RS512")
    assert jose.claims(token, rsa_key(padded=padded), kind=Said) == Said("hello")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda: es256().rpartition(".")[0] + ".",
        lambda: es256()[:-8] + "AAAAAAAA",
        lambda: es256(b'{"word":"hello"}').replace(unsigned("ES256"), unsigned("ES256", b'{"word":"HELLO"}')),
        lambda: unsigned("none") + ".",
        lambda: es256(alg="none"),
        lambda: es256(alg="HS256"),
        rs512,
        lambda: "one.two",
        lambda: "ä.ö.ü",
        lambda: "",
        lambda: f"{text(b'[]')}.{text(b'{}')}.{text(b'x' * 64)}",
        lambda: es256(b'{"word": 5}'),
        lambda: es256(b"\xff\xfe"),
    ],
)
def test_what_is_not_proven_is_not_believed(spoil: Callable[[], str]) -> None:
    with pytest.raises(InvalidToken):
        jose.claims(jose.read(spoil(), algorithm="ES256"), curve_key(), kind=Said)


@pytest.mark.parametrize(
    "key",
    [
        curve_key(ec.generate_private_key(ec.SECP256R1())),
        rsa_key(),
        Key(kty="EC", crv="P-384", x=curve_key().x, y=curve_key().y),
        Key(kty="EC", crv="P-256", x="AA", y="AA"),
        Key(kty="EC", crv="P-256"),
    ],
)
def test_another_key_proves_nothing(key: Key) -> None:
    with pytest.raises(InvalidToken):
        jose.claims(jose.read(es256(), algorithm="ES256"), key, kind=Said)


def test_a_small_rsa_key_proves_nothing() -> None:
    token = jose.read(rs512(), algorithm="RS512")
    with pytest.raises(InvalidToken, match="small"):
        jose.claims(token, Key(kty="RSA", n=number(3**300), e=number(65537)), kind=Said)


@given(st.text() | st.lists(st.binary(max_size=40), min_size=3, max_size=3).map(lambda p: ".".join(map(text, p))))
def test_anything_is_a_value_or_an_invalid_token(content: Any) -> None:
    with pytest.raises(InvalidToken):
        jose.claims(jose.read(content, algorithm="ES256"), curve_key(), kind=Said)
