"""Signed requests between app and proxy: HTTP Message Signatures (RFC 9421) with Ed25519.

Covered are method, path, query and the digest of the body, with the time, a nonce and the id of the key.
The private key never leaves the app; the proxy keeps the public one.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    InvalidSignature,
    MappingKeyResolver,
)
from http_message_signatures.algorithms import ED25519

from providers.errors import ClockSkew, SignatureInvalid

LABEL = "banksync"
COVERED = ("@method", "@path", "@query", "content-digest")
# A request is good for as long as clocks may differ; its nonce must be remembered for at least twice that.
WINDOW = dt.timedelta(seconds=300)


class InvalidKey(ValueError):
    """A text that is not an Ed25519 key in base64."""


class Signable(Protocol):
    """What can be signed: ``requests.PreparedRequest`` has this shape."""

    method: str | None
    url: str | None
    headers: Any


@dataclass(frozen=True)
class IncomingRequest:
    """A request as it arrived: its absolute address, still encoded, and the body's bytes."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Signature:
    """What a verified signature says about itself."""

    key_id: str
    nonce: str
    created: dt.datetime


def generate_private_key() -> str:
    """A new private key: the 32 bytes of Ed25519 in base64. Keep it sealed."""
    return base64.b64encode(Ed25519PrivateKey.generate().private_bytes_raw()).decode()


def public_key_of(private_key: str) -> str:
    """The public half, 32 bytes in base64. Raises ``InvalidKey``."""
    return base64.b64encode(_private(private_key).public_key().public_bytes_raw()).decode()


def check_public_key(public_key: str) -> None:
    """Raises ``InvalidKey`` unless the text is the public half of an Ed25519 key in base64."""
    _public(public_key)


def sign(request: Signable, body: bytes, *, key_id: str, private_key: str, now: dt.datetime | None = None) -> None:
    """Puts Content-Digest, Signature-Input and Signature on the request, with a fresh nonce.

    ``body`` is exactly what will be sent, ``b""`` for none. Signing again replaces the signature. ``now`` is an
    aware moment, the clock's if not given. Raises ``InvalidKey``.
    """
    request.headers.pop("Content-Digest", None)
    signer = HTTPMessageSigner(
        signature_algorithm=ED25519,
        key_resolver=MappingKeyResolver(public_keys={}, private_keys={key_id: _private(private_key)}),
    )
    signer.sign(
        request,
        key_id=key_id,
        created=now or dt.datetime.now(dt.UTC),
        nonce=secrets.token_urlsafe(18),
        label=LABEL,
        covered_component_ids=COVERED,
        body=body,
    )


def verify(
    request: IncomingRequest, find_public_key: Callable[[str], str | None], *, now: dt.datetime | None = None
) -> Signature:
    """Checks that the request was signed, whole and lately, by the key its signature names.

    ``find_public_key`` gives the public key of a key id, ``None`` for an unknown one. That the nonce is new is the
    caller's to check. Raises ``SignatureInvalid``, or ``ClockSkew`` for a good signature of another time.
    """
    try:
        (result,) = _Verifier(signature_algorithm=ED25519, key_resolver=_Finder(find_public_key)).verify(
            _Message(request.method, request.url, request.headers),
            max_age=None,
            require_components=COVERED,
            body=request.body,
        )
    except InvalidSignature as error:
        raise SignatureInvalid(f"The request's signature is not valid: {_reason(error)}.") from None
    signature = _read(result.label, result.parameters)
    _check_time(signature.created, now or dt.datetime.now(dt.UTC))
    return signature


@dataclass(frozen=True)
class _Message:
    method: str
    url: str
    headers: Mapping[str, str]


class _Finder(HTTPSignatureKeyResolver):
    def __init__(self, find: Callable[[str], str | None]) -> None:
        self._find = find

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey | None:
        text = self._find(key_id)
        return None if text is None else _public(text)


class _Verifier(HTTPMessageVerifier):
    """Leaves the time to ``verify``: only a good signature's clock is worth an answer about clocks."""

    def validate_created_and_expires(self, sig_input: Any, max_age: dt.timedelta | None = None) -> None:
        if type(sig_input.params.get("created")) is not int:
            raise InvalidSignature("it does not say when it was made")


def _read(label: str, parameters: Mapping[str, Any]) -> Signature:
    if label != LABEL or "alg" not in parameters or not parameters.get("nonce"):
        raise SignatureInvalid(f"The request's signature is not valid: label “{LABEL}”, alg and nonce are required.")
    try:
        created = dt.datetime.fromtimestamp(parameters["created"], dt.UTC)
    except (ValueError, OverflowError, OSError):
        raise SignatureInvalid("The request's signature is not valid: its time is not one.") from None
    return Signature(key_id=parameters["keyid"], nonce=parameters["nonce"], created=created)


def _check_time(created: dt.datetime, now: dt.datetime) -> None:
    skew = round((created - now).total_seconds())
    if abs(skew) > WINDOW.total_seconds():
        direction = "ahead of" if skew > 0 else "behind"
        raise ClockSkew(
            f"The clock of this server is {abs(skew)} seconds {direction} the proxy's; "
            f"at most {int(WINDOW.total_seconds())} are allowed. Set the clock (NTP) and try again."
        )


def _reason(error: InvalidSignature) -> str:
    """The library's reason in one line; its chained causes can carry anything, so only its own words are shown."""
    return " ".join(str(error.args[0] if error.args else "").split())[:200].rstrip(".") or "it does not verify"


def _private(text: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(_key_bytes(text))


def _public(text: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(_key_bytes(text))


def _key_bytes(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidKey("the key is not base64") from None
    if len(raw) != 32:
        raise InvalidKey("an Ed25519 key has 32 bytes")
    return raw
