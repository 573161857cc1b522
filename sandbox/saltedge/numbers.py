"""Salt Edge's ids: decimal texts of 19 digits that grow with time."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import uuid

_EPOCH = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


def new(kind: str, now: dt.datetime) -> str:
    """A new id; ``kind`` is its first digit."""
    milliseconds = int((now - _EPOCH).total_seconds() * 1000)
    return f"{kind}{milliseconds:013d}{secrets.randbelow(10**5):05d}"


def of_row(name: str, appeared: dt.datetime) -> str:
    """The id of a transaction that the bank first showed at ``appeared``: a later one has a higher id."""
    return f"4{int((appeared - _EPOCH).total_seconds()):010d}{_digits(name, 8)}"


def of_account(name: str) -> str:
    """The id of an account."""
    return f"3{_digits(name, 18)}"


def order(number: str) -> tuple[int, str]:
    """What ids are sorted by."""
    return len(number), number


def token() -> str:
    """The secret part of a widget's address."""
    return secrets.token_urlsafe(32)


def request_id() -> str:
    """The id of one exchange, for support."""
    return str(uuid.uuid4())


def _digits(name: str, count: int) -> str:
    number = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=10).digest(), "big")
    return f"{number % 10**count:0{count}d}"
