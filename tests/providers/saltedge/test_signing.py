"""Signatures: of exactly what is sent, and of what Salt Edge sends."""

from __future__ import annotations

import base64
import time

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from providers.saltedge.signing import InvalidKey, check_public_key, is_callback_genuine, signer

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PRIVATE = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
PUBLIC = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
CURVE = ec.generate_private_key(ec.SECP256R1())
CURVE_PRIVATE = CURVE.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
CURVE_PUBLIC = CURVE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
URL = "https://proxy.example/webhooks/saltedge/success"


@pytest.mark.parametrize("pem", [PRIVATE, PRIVATE.replace("\n", "\\n")])
def test_what_is_signed_is_expiry_method_address_and_body(pem: str) -> None:
    headers = signer(pem)("post", "https://host/api/v6/connections?x=%20", b'{"data":{"a":"\xc3\xa9"}}')
    assert 0 < int(headers["Expires-at"]) - time.time() <= 60
    signed = f'{headers["Expires-at"]}|POST|https://host/api/v6/connections?x=%20|{{"data":{{"a":"é"}}}}'.encode()
    assert "\n" not in headers["Signature"]
    KEY.public_key().verify(base64.b64decode(headers["Signature"]), signed, PKCS1v15(), hashes.SHA256())


def test_without_a_body_the_signed_text_ends_with_the_bar() -> None:
    headers = signer(PRIVATE)("GET", "https://host/x", b"")
    signed = f"{headers['Expires-at']}|GET|https://host/x|".encode()
    KEY.public_key().verify(base64.b64decode(headers["Signature"]), signed, PKCS1v15(), hashes.SHA256())


def test_a_callback_is_genuine_for_its_address_and_its_body_alone() -> None:
    body = b'{"data":{}}'
    signature = base64.b64encode(KEY.sign(f"{URL}|".encode() + body, PKCS1v15(), hashes.SHA256())).decode()
    assert is_callback_genuine(signature, body, url=URL, public_key=PUBLIC)
    assert not is_callback_genuine(signature, body + b" ", url=URL, public_key=PUBLIC)
    assert not is_callback_genuine(signature, body, url=URL.replace("success", "destroy"), public_key=PUBLIC)
    for broken in ("", "no base64!", "é", base64.b64encode(b"x").decode()):
        assert not is_callback_genuine(broken, body, url=URL, public_key=PUBLIC)


@pytest.mark.parametrize("text", ["", "no key", PUBLIC, CURVE_PRIVATE])
def test_a_text_that_is_no_key_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(InvalidKey) as caught:
        signer(text)
    assert not text or text[:20] not in str(caught.value)


@pytest.mark.parametrize("text", ["", "no key", PRIVATE, CURVE_PUBLIC])
def test_a_text_that_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(InvalidKey):
        check_public_key(text)
    with pytest.raises(InvalidKey):
        is_callback_genuine("", b"", url=URL, public_key=text)
