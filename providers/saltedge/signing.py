"""Salt Edge's signatures: of every request the proxy sends, and of every callback it gets.

RSA with PKCS#1 v1.5 and SHA-256, in base64 on one line. What is signed of a request: when it expires, the method, the
whole address and the body, exactly as they are sent, with ``|`` between them. https://docs.saltedge.com/v6/#signature
"""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Callable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

# Salt Edge recommends a minute; an hour is the most it takes.
VALID_SECONDS = 60


class InvalidKey(ValueError):
    """A text that is not an RSA key as PEM."""


def signer(private_key: str) -> Callable[[str, str, bytes], dict[str, str]]:
    """What gives the two headers of a request: (method, address, body) -> ``Expires-at`` and ``Signature``.

    ``private_key`` is PEM; its line ends may be written ``\\n``. Raises ``InvalidKey``.
    """
    key = _private(private_key)

    def sign(method: str, url: str, body: bytes) -> dict[str, str]:
        expires_at = str(int(time.time()) + VALID_SECONDS)
        text = b"|".join([expires_at.encode(), method.upper().encode(), url.encode(), body])
        signature = key.sign(text, PKCS1v15(), hashes.SHA256())
        return {"Expires-at": expires_at, "Signature": base64.b64encode(signature).decode()}

    return sign


def check_public_key(public_key: str) -> None:
    """Raises ``InvalidKey`` unless the text is the public half of an RSA key as PEM."""
    _public(public_key)


def is_callback_genuine(signature: str, body: bytes, *, url: str, public_key: str) -> bool:
    """Whether Salt Edge signed this body for this address. ``public_key`` is PEM. Raises ``InvalidKey``."""
    key = _public(public_key)
    try:
        raw = base64.b64decode(signature, validate=True)
        key.verify(raw, url.encode() + b"|" + body, PKCS1v15(), hashes.SHA256())
    except (binascii.Error, ValueError, InvalidSignature):
        return False
    return True


def _private(text: str) -> RSAPrivateKey:
    try:
        key = load_pem_private_key(_lines(text), password=None)
    except (ValueError, TypeError):
        raise InvalidKey("Salt Edge's private key is not one as PEM") from None
    if not isinstance(key, RSAPrivateKey):
        raise InvalidKey("Salt Edge's private key is not an RSA key")
    return key


def _public(text: str) -> RSAPublicKey:
    try:
        key = load_pem_public_key(_lines(text))
    except ValueError:
        raise InvalidKey("Salt Edge's public key is not one as PEM") from None
    if not isinstance(key, RSAPublicKey):
        raise InvalidKey("Salt Edge's public key is not an RSA key")
    return key


def _lines(text: str) -> bytes:
    """An environment variable keeps a PEM on one line."""
    return text.replace("\\n", "\n").encode()
