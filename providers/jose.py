"""Signed tokens that providers send along with their messages (RFC 7515, compact), checked against their public keys.

Only what they use: ECDSA with P-256 and SHA-256 (``ES256``), RSA with SHA-512 (``RS512``). The caller names the one
algorithm it expects; what the token itself says about that is never believed.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Literal, TypeVar

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from msgspec import Struct

Algorithm = Literal["ES256", "RS512"]
T = TypeVar("T")
# Far beyond any real token; what is longer is not even decoded.
LONGEST = 16 * 1024
_P256_BYTES = 32
_SMALLEST_RSA = 2048


class InvalidToken(ValueError):
    """The token is none, or not signed with that key. The message never quotes it."""


class Header(Struct, frozen=True):
    """Who says to have signed, and how."""

    alg: str
    kid: str


class Key(Struct, frozen=True):
    """A public key as providers publish it (RFC 7517): ``x`` and ``y`` of a curve, or ``n`` and ``e`` of RSA."""

    kty: str
    kid: str = ""
    crv: str = ""
    x: str = ""
    y: str = ""
    n: str = ""
    e: str = ""


@dataclass(frozen=True)
class Token:
    """A token that was read and not yet checked: nothing in it may be believed but for finding the key."""

    header: Header
    payload: bytes
    signed: bytes
    signature: bytes


def read(text: str, *, algorithm: Algorithm) -> Token:
    """The parts of a token. Raises ``InvalidToken`` for what is none, or is not made with ``algorithm``."""
    parts = text.strip().split(".")
    if len(parts) != 3 or len(text) > LONGEST:
        raise InvalidToken("it is not a token")
    head, payload, signature = (_decoded(part) for part in parts)
    try:
        header = msgspec.json.decode(head, type=Header)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise InvalidToken("its header cannot be read") from None
    if header.alg != algorithm:
        raise InvalidToken(f"it is not made with {algorithm}")
    signed = text.strip().rpartition(".")[0].encode("ascii")
    return Token(header=header, payload=payload, signed=signed, signature=signature)


def claims(token: Token, key: Key, *, kind: type[T]) -> T:
    """What the token says, once its signature is proven. Raises ``InvalidToken``."""
    try:
        if token.header.alg == "ES256":
            _check_es256(token, key)
        else:
            _check_rs512(token, key)
    except InvalidSignature:
        raise InvalidToken("its signature is not that of the key") from None
    try:
        return msgspec.json.decode(token.payload, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise InvalidToken("what it says cannot be read") from None


def _check_es256(token: Token, key: Key) -> None:
    if key.kty != "EC" or key.crv != "P-256" or len(token.signature) != 2 * _P256_BYTES:
        raise InvalidToken("its key is of another kind")
    try:
        public = ec.EllipticCurvePublicNumbers(_number(key.x), _number(key.y), ec.SECP256R1()).public_key()
    except ValueError:
        raise InvalidToken("its key is none") from None
    r, s = token.signature[:_P256_BYTES], token.signature[_P256_BYTES:]
    signature = encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))
    public.verify(signature, token.signed, ec.ECDSA(hashes.SHA256()))


def _check_rs512(token: Token, key: Key) -> None:
    if key.kty != "RSA":
        raise InvalidToken("its key is of another kind")
    try:
        public = rsa.RSAPublicNumbers(e=_number(key.e), n=_number(key.n)).public_key()
    except ValueError:
        raise InvalidToken("its key is none") from None
    if public.key_size < _SMALLEST_RSA:
        raise InvalidToken("its key is too small")
    public.verify(token.signature, token.signed, padding.PKCS1v15(), hashes.SHA512())


def _number(text: str) -> int:
    return int.from_bytes(_decoded(text), "big")


def _decoded(text: str) -> bytes:
    """Base64 for addresses, with or without its padding: some providers publish their keys with it."""
    bare = text.rstrip("=")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise InvalidToken("it is not written as a token is") from None
