"""Salt Edge's signatures: those of callers are checked, those of callbacks are made."""

from __future__ import annotations

import base64
import time
from functools import cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from django.conf import settings
from django.http import HttpRequest

from sandbox.saltedge import errors

LONGEST = 3600


def check(request: HttpRequest) -> None:
    """Raises what is wrong with a request's signature, by the real time: a caller knows no other."""
    signature, expires_at = request.headers.get("Signature"), request.headers.get("Expires-at")
    if not signature:
        raise errors.missing_signature()
    if not expires_at:
        raise errors.missing_expiry()
    now = int(time.time())
    if not expires_at.isdigit() or int(expires_at) > now + LONGEST:
        raise errors.invalid_expiry()
    if int(expires_at) < now:
        raise errors.expired()
    signed = b"|".join([expires_at.encode(), str(request.method).encode(), _address(request).encode(), request.body])
    try:
        raw = base64.b64decode(signature, validate=True)
        _public(settings.SALTEDGE_CLIENT_PUBLIC).verify(raw, signed, PKCS1v15(), hashes.SHA256())
    except (ValueError, InvalidSignature) as error:
        raise errors.wrong_signature() from error


def of_callback(url: str, body: bytes, *, key: RSAPrivateKey | None = None) -> str:
    """The ``Signature`` of a callback to this address, by Salt Edge's own key unless another is given."""
    key = key or _private(settings.SALTEDGE_CALLBACK_PRIVATE)
    return base64.b64encode(key.sign(url.encode() + b"|" + body, PKCS1v15(), hashes.SHA256())).decode()


def _address(request: HttpRequest) -> str:
    """The address letter by letter as the caller sent it."""
    sent = request.META.get("RAW_URI") or request.META.get("REQUEST_URI") or request.get_full_path()
    path = sent if sent.startswith("/") else request.get_full_path()
    return f"{request.scheme}://{request.get_host()}{path}"


@cache
def _public(text: str) -> RSAPublicKey:
    key = load_pem_public_key(text.encode())
    if not isinstance(key, RSAPublicKey):
        raise TypeError("the caller's public key is not an RSA key")
    return key


@cache
def _private(text: str) -> RSAPrivateKey:
    key = load_pem_private_key(text.encode(), password=None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError("the callbacks' private key is not an RSA key")
    return key
