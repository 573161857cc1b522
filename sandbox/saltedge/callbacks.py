"""What Salt Edge tells by itself, signed as it signs it. https://docs.saltedge.com/v6/#callbacks"""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any, Literal

import msgspec
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from django.conf import settings

from sandbox.conditions import outbox
from sandbox.saltedge import connections, signing
from sandbox.saltedge.models import Connection

# How a callback may be spoiled, for who wants to see that it is refused.
Variant = Literal["", "unsigned", "wrong_key", "other_address", "changed", "twice"]

VERSION = "6"
KEY_VERSION = "6.0"
# A reading tells of each part once it is there.
STAGES = ("fetch_accounts", "fetch_recent", "finish")


def reading(row: Connection, *, now: dt.datetime) -> None:
    """Tells how the latest reading of the bank goes: each part that is there, or why it failed."""
    attempt = row.attempts.last()
    if attempt is None:
        return
    if attempt.fail_error_class:
        error = {"error_class": attempt.fail_error_class, "error_message": attempt.fail_message}
        tell(row, "failure", fields={**error, "stage": "connect"}, at=now, custom=attempt.custom_fields)
        return
    is_over = now >= attempt.ends_at
    for stage in STAGES if is_over else STAGES[:1]:
        tell(row, "success", fields={"stage": stage}, at=now, custom=attempt.custom_fields)


def destroyed(row: Connection, *, now: dt.datetime) -> None:
    """Tells that a connection is gone."""
    tell(row, "destroy", fields={}, at=now, custom={})


def catch_up(before: dt.datetime, *, now: dt.datetime) -> None:
    """After the clock was moved: tells of readings that ended meanwhile, and reads what is due by itself."""
    for row in Connection.objects.select_related("customer"):
        latest = row.attempts.last()
        if latest is not None and before < latest.ends_at <= now:
            reading(row, now=now)
        read_at = connections.read_at(row, now=now)
        is_due = row.automatic_refresh and read_at is not None and read_at + connections.AUTOMATIC <= now
        if is_due and connections.next_refresh_at(row, now=now) is not None:
            _read_by_itself(row, now=now)


def tell(
    row: Connection,
    kind: str,
    *,
    fields: dict[str, Any],
    at: dt.datetime,
    custom: dict[str, Any],
    variant: Variant = "",
) -> None:
    """Sends a callback of this kind to its address."""
    told = {
        "data": {
            "connection_id": row.connection_id,
            "customer_id": row.customer.customer_id,
            "custom_fields": custom,
            **fields,
        },
        "meta": {"version": VERSION, "time": at.strftime("%Y-%m-%dT%H:%M:%SZ")},
    }
    url = f"{settings.SALTEDGE_CALLBACKS}/{kind}"
    body = msgspec.json.encode(told)
    signed = f"{url}/elsewhere" if variant == "other_address" else url
    signature = signing.of_callback(signed, body, key=_stranger() if variant == "wrong_key" else None)
    headers = {"Content-Type": "application/json", "Signature-key-version": KEY_VERSION}
    if variant != "unsigned":
        headers["Signature"] = signature
    sent = msgspec.json.format(body, indent=1) if variant == "changed" else body
    for _ in range(2 if variant == "twice" else 1):
        outbox.send(url, body=sent, headers=headers)


@cache
def _stranger() -> RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _read_by_itself(row: Connection, *, now: dt.datetime) -> None:
    latest = row.attempts.last()
    natures = latest.include_natures if latest else None
    if connections.status(row, now=now) == "active":
        connections.read(row, now=now, user_present=False, natures=natures)
    else:
        failing = ("AispConsentExpired", "The consent of this connection has ended.")
        last = row.consents.last()
        if last is not None and last.status(now) == "active":
            failing = ("InvalidCredentials", "The bank does not accept these credentials.")
        connections.read(row, now=now, user_present=False, natures=natures, failing=failing)
    reading(row, now=now)
