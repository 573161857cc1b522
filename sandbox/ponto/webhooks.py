"""What the simulator tells by itself: messages with a signed token, as Ponto sends them."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import uuid
from typing import Any, Literal

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from django.conf import settings

from sandbox.conditions import outbox
from sandbox.ponto import readings, render, sharing
from sandbox.ponto.models import Organization, SharedAccount, SigningKey
from sandbox.ponto.render import moment
from sandbox.signing import encoded
from sandbox.world.ledger import ledger

ISSUER = "https://api.ibanity.com"
TOKEN_LIFE = 60
# How a message may be spoiled, for who wants to see that it is refused.
Variant = Literal["", "unsigned", "wrong_alg", "wrong_issuer", "wrong_audience", "stale", "altered", "twice"]
STALE = dt.timedelta(minutes=5)
_KIND = "application/vnd.api+json"
_KEY_BITS = 2048


def tell(
    kind: str,
    owner: Organization,
    *,
    now: dt.datetime,
    row: SharedAccount | None = None,
    variant: Variant = "",
    **attributes: Any,
) -> None:
    """Sends a message of this kind (``account.transactionsCreated``), if there is an address to send it to."""
    if not settings.PONTO_WEBHOOK_URL:
        return
    body = msgspec.json.encode(message(kind, owner, now=now, row=row, **attributes))
    text = token(body, now=dt.datetime.now(dt.UTC) - (STALE if variant == "stale" else dt.timedelta()), variant=variant)
    signature = {} if variant == "unsigned" else {"Signature": text}
    sent = body + b" " if variant == "altered" else body
    for _ in range(2 if variant == "twice" else 1):
        outbox.send(settings.PONTO_WEBHOOK_URL, body=sent, headers={"Content-Type": _KIND, **signature})


def catch_up(before: dt.datetime, *, now: dt.datetime) -> None:
    """Tells of every shared account what happened between two moments, after the clock was moved."""
    for row in SharedAccount.objects.select_related("organization"):
        wrong = readings.problem(row, now=now)
        if wrong and not readings.problem(row, now=before):
            told = render.problems(wrong, row)
            tell("synchronization.failed", row.organization, now=now, row=row, errors=told)
        elif not wrong:
            _news(row, before, now=now)


def _news(row: SharedAccount, before: dt.datetime, *, now: dt.datetime) -> None:
    new = [entry for entry in ledger(row.account_key).published(before, now) if entry.date >= sharing.first_day(row)]
    for is_pending, kind in ((False, "account.transactionsCreated"), (True, "account.pendingTransactionsCreated")):
        count = sum(entry.is_pending == is_pending for entry in new)
        if count:
            told: dict[str, Any] = {"synchronizationSubtype": readings.UNSETTLED, "count": count}
            tell(kind, row.organization, now=now, row=row, **told)


def message(
    kind: str, owner: Organization, *, now: dt.datetime, row: SharedAccount | None = None, **attributes: Any
) -> dict[str, Any]:
    """The body of a message of this kind (``account.transactionsCreated``)."""
    relations: dict[str, Any] = {"organization": {"data": {"type": "organization", "id": owner.organization_id}}}
    if row is not None:
        relations["account"] = {"data": {"type": "account", "id": row.account_id}}
    return {
        "data": {
            "type": f"pontoConnect.{kind}",
            "id": str(uuid.uuid4()),
            "attributes": {"createdAt": moment(now), **attributes},
            "relationships": relations,
        }
    }


def token(body: bytes, *, now: dt.datetime, variant: Variant = "") -> str:
    """The token that goes with a message."""
    row, key = _key()
    claims = {
        "iss": "https://evil.example" if variant == "wrong_issuer" else ISSUER,
        "aud": "another-application" if variant == "wrong_audience" else settings.PONTO_APPLICATION_ID,
        "iat": int(now.timestamp()),
        "exp": int(now.timestamp()) + TOKEN_LIFE,
        "jti": str(uuid.uuid4()),
        "digest": base64.b64encode(hashlib.sha512(body).digest()).decode(),
    }
    head = {"alg": "RS256" if variant == "wrong_alg" else "RS512", "kid": row.kid, "typ": "JWT"}
    signed = f"{encoded(msgspec.json.encode(head))}.{encoded(msgspec.json.encode(claims))}"
    return f"{signed}.{encoded(key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA512()))}"


def published_keys() -> dict[str, Any]:
    """The public half, as Ponto publishes it: with the padding that the standard does without."""
    row, key = _key()
    numbers = key.public_key().public_numbers()
    told = {"kty": "RSA", "use": "sig", "status": "ACTIVE", "alg": "RS512", "kid": row.kid}
    return {"keys": [{**told, "n": _padded(numbers.n), "e": _padded(numbers.e)}]}


def _key() -> tuple[SigningKey, rsa.RSAPrivateKey]:
    row = SigningKey.objects.first()
    if row is None:
        made = rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS)
        pem = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        row = SigningKey.objects.create(kid=str(uuid.uuid4()), private_pem=pem)
    key = load_pem_private_key(row.private_pem.encode(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("the simulator's key is not an RSA key")
    return row, key


def _padded(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes((number.bit_length() + 7) // 8, "big")).decode()
