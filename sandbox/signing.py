"""Keys of pretend providers, and tokens signed with them (RFC 7515 and 7517). A key is the same for each seed."""

from __future__ import annotations

import base64
import hashlib
from typing import Any, Literal

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_P256_BYTES = 32


def curve_key(name: str) -> ec.EllipticCurvePrivateKey:
    """The P-256 key of this name, always the same one: whoever is to believe it only has to ask for its public half."""
    scalar = int.from_bytes(hashlib.sha512(name.encode()).digest(), "big") % (_ORDER - 1) + 1
    return ec.derive_private_key(scalar, ec.SECP256R1())


def public_half(key: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    """``kty``, ``crv``, ``x`` and ``y``."""
    numbers = key.public_key().public_numbers()
    return {"kty": "EC", "crv": "P-256", "x": _coordinate(numbers.x), "y": _coordinate(numbers.y)}


def es256(claims: dict[str, Any], key: ec.EllipticCurvePrivateKey, *, kid: str, alg: Literal["ES256", "none"]) -> str:
    """A token that says ``claims``. With ``none`` it says that it is not signed, and is not."""
    head = {"alg": alg, "kid": kid, "typ": "JWT"}
    signed = f"{encoded(msgspec.json.encode(head))}.{encoded(msgspec.json.encode(claims))}"
    if alg == "none":
        return f"{signed}."
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{signed}.{encoded(r.to_bytes(_P256_BYTES, 'big') + s.to_bytes(_P256_BYTES, 'big'))}"


def encoded(content: bytes) -> str:
    """Base64 for addresses, without padding."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _coordinate(number: int) -> str:
    return encoded(number.to_bytes(_P256_BYTES, "big"))
