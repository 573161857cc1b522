"""Plaid's ids and tokens: letters and digits in which case matters, with a prefix that says what they are for."""

from __future__ import annotations

import base64
import hashlib
import secrets
import string
import uuid

_LETTERS = string.ascii_letters + string.digits
_PLAIN = bytes.maketrans(b"+/", b"xX")


def new(kind: str) -> str:
    """A token like ``access-sandbox-8ab976e6-64bc-4b38-98f7-731e7a349970``."""
    return f"{kind}-sandbox-{uuid.uuid4()}"


def new_id() -> str:
    """An id like Plaid's Items have."""
    return "".join(secrets.choice(_LETTERS) for _ in range(37))


def request_id() -> str:
    """The id of one exchange, for support."""
    return "".join(secrets.choice(_LETTERS) for _ in range(15))


def seen_by(item_id: str, key: str) -> str:
    """What an account or a transaction of the world is called in an Item; it is another name in every Item."""
    digest = hashlib.blake2b(key.encode(), digest_size=27, key=item_id.encode()).digest()
    return base64.b64encode(digest).translate(_PLAIN).decode()
