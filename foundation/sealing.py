"""Secrets at rest: sealed with a rotating key and bound to the row they belong to.

A sealed value reads ``v1.<key id>.<base64 of nonce and ciphertext>``. The row's name is authenticated with it, so a
sealed value that is copied to another row does not open there. What cannot be opened raises; it is never handed
back as it was.
"""

from __future__ import annotations

import base64
import hashlib
import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings


class SealBroken(Exception):
    """A sealed value does not open: another key, another row, or it was changed."""


@dataclass(frozen=True)
class _Key:
    key_id: str
    secret: bytes


def _keys() -> list[_Key]:
    """The keys of ``settings.SEALING_KEYS``, the current one first; the others only open what they once sealed."""
    keys = []
    for text in settings.SEALING_KEYS:
        secret = hashlib.sha256(b"banksync sealing key\x00" + text.encode()).digest()
        keys.append(_Key(key_id=hashlib.sha256(secret).hexdigest()[:8], secret=secret))
    return keys


def seal(plain: str, *, row: str) -> str:
    """Seals a secret text for the row named ``row`` (``"grant:<reference>"``) with the current key."""
    key = _keys()[0]
    nonce = os.urandom(12)
    ciphertext = AESGCM(key.secret).encrypt(nonce, plain.encode(), row.encode())
    return f"v1.{key.key_id}.{base64.urlsafe_b64encode(nonce + ciphertext).decode()}"


def unseal(sealed: str, *, row: str) -> str:
    """Opens what ``seal`` made for this very row. Raises ``SealBroken`` for anything else."""
    try:
        version, key_id, body = sealed.split(".", 2)
        raw = base64.urlsafe_b64decode(body)
    except ValueError as error:
        raise SealBroken("not a sealed value") from error
    secret = next((key.secret for key in _keys() if key.key_id == key_id), None)
    if version != "v1" or secret is None:
        raise SealBroken("sealed with a key that is not configured")
    try:
        return AESGCM(secret).decrypt(raw[:12], raw[12:], row.encode()).decode()
    except (InvalidTag, ValueError) as error:
        raise SealBroken("the value was changed or belongs to another row") from error


def needs_resealing(sealed: str) -> bool:
    """Whether this value was sealed with a key other than the current one."""
    return key_id_of(sealed) != current_key_id()


def current_key_id() -> str:
    """The short name of the key that seals now: it says which key it is, and nothing about it."""
    return _keys()[0].key_id


def key_id_of(sealed: str) -> str:
    """The short name of the key that a value was sealed with; "" for what is no sealed value."""
    return "".join(sealed.split(".", 2)[1:2])
