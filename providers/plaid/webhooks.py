"""What Plaid tells by itself: proven by the token beside it, then put into neutral words.

https://plaid.com/docs/api/webhooks/webhook-verification/ and https://plaid.com/docs/api/items/#webhooks
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta, Struct

from providers import jose
from providers.base import ProviderEvent
from providers.decoding import decode
from providers.errors import FeedError, InvalidResponse, ProviderDown, RateLimited, Unreachable, WebhookRefused
from providers.plaid import errors
from providers.plaid.errors import TITLE, PlaidError
from providers.types import EventKind

log = logging.getLogger(__name__)

HEADER = "Plaid-Verification"
OLDEST = dt.timedelta(minutes=5)
# How far Plaid's clock may be ahead of ours.
SKEW = dt.timedelta(minutes=1)
# Plaid rotates its keys and marks old ones as expired: one that was looked up is asked for again after this.
KEY_LIFE = dt.timedelta(hours=1)
# Anyone can send any key's id: more look-ups than this in a minute are refused before they are made.
LOOK_UPS_PER_MINUTE = 10

Moment = Annotated[dt.datetime, Meta(tz=True)]

# What is not listed here tells nothing that matters: that an answer was used, that a page was left, or what only the
# older ``/transactions/get`` is told of.
KINDS: dict[tuple[str, str], EventKind] = {
    ("TRANSACTIONS", "SYNC_UPDATES_AVAILABLE"): "transactions_available",
    ("ITEM", "LOGIN_REPAIRED"): "connection_repaired",
    ("ITEM", "PENDING_EXPIRATION"): "consent_expiring",
    ("ITEM", "PENDING_DISCONNECT"): "consent_expiring",
    ("ITEM", "USER_PERMISSION_REVOKED"): "connection_revoked",
    # One account of several: what is left can still be read.
    ("ITEM", "USER_ACCOUNT_REVOKED"): "accounts_changed",
    ("ITEM", "NEW_ACCOUNTS_AVAILABLE"): "accounts_changed",
}
# By what the caller would do next about the error that ``ITEM/ERROR`` carries; other errors heal by themselves.
KINDS_OF_ERRORS: dict[str, EventKind] = {
    "update_credentials": "credentials_needed",
    "reconnect": "connection_revoked",
}


class Message(Struct):
    """The body, as far as it is read."""

    webhook_type: str
    webhook_code: str
    item_id: Annotated[str, Meta(max_length=255)] = ""
    error: PlaidError | None = None
    consent_expiration_time: Moment | None = None
    disconnect_time: Moment | None = None
    reason: str | None = None


class Claims(Struct):
    """What the token says: when it was made, and for which body."""

    iat: Annotated[int, Meta(ge=0, le=10**11)]
    request_body_sha256: str


class PublishedKey(Struct):
    """``key`` of ``/webhook_verification_key/get``."""

    kty: str
    crv: str
    x: str
    y: str
    expired_at: int | None = None


class KeyAnswer(Struct):
    key: PublishedKey


@dataclass(frozen=True)
class _Kept:
    key: PublishedKey
    until: dt.datetime


class Verifier:
    """Proves that a message is Plaid's. ``look_up`` asks Plaid for the key with an id."""

    def __init__(self, look_up: Callable[[str], PublishedKey]) -> None:
        self._look_up = look_up
        self._kept: dict[str, _Kept] = {}
        self._looked_up: list[dt.datetime] = []
        self._lock = threading.Lock()

    def verify(self, headers: Mapping[str, str], body: bytes, *, now: dt.datetime) -> Claims:
        """The claims of the token in the header, which are about this very body. Raises ``WebhookRefused``."""
        try:
            token = jose.read(_header(headers), algorithm="ES256")
            claims = jose.claims(token, self._key(token.header.kid, now=now), kind=Claims)
        except jose.InvalidToken as error:
            raise _refused(str(error)) from None
        issued = dt.datetime.fromtimestamp(claims.iat, tz=dt.UTC)
        if not now - OLDEST <= issued <= now + SKEW:
            raise _refused("its time is too far from now")
        # Over the bytes as they came: the same JSON written otherwise is another body.
        digest = hashlib.sha256(body).hexdigest()
        if not hmac.compare_digest(digest.encode(), claims.request_body_sha256.encode()):
            raise _refused("it is about another body")
        return claims

    def _key(self, kid: str, *, now: dt.datetime) -> jose.Key:
        kept = self._kept.get(kid)
        if kept is None or kept.until <= now:
            kept = self._kept[kid] = _Kept(self._asked(kid, now=now), until=now + KEY_LIFE)
        if kept.key.expired_at is not None:
            raise _refused("its key is no longer in use")
        return jose.Key(kty=kept.key.kty, crv=kept.key.crv, x=kept.key.x, y=kept.key.y, kid=kid)

    def _asked(self, kid: str, *, now: dt.datetime) -> PublishedKey:
        self._count_look_up(now)
        try:
            return self._look_up(kid)
        except (Unreachable, ProviderDown, RateLimited, InvalidResponse):
            raise  # nothing was said about the message: it is sent again
        except FeedError:
            raise _refused("its key is unknown") from None

    def _count_look_up(self, now: dt.datetime) -> None:
        with self._lock:
            self._looked_up = [at for at in self._looked_up if at > now - dt.timedelta(minutes=1)]
            if len(self._looked_up) >= LOOK_UPS_PER_MINUTE:
                raise RateLimited("Too many messages named keys that are not known here.")
            self._looked_up.append(now)


def events(body: bytes, claims: Claims) -> tuple[ProviderEvent, ...]:
    """A proven message -> what it tells, at most one thing. Raises ``InvalidResponse`` for what cannot be read.

    Plaid's messages have no id, and many have the same body: one is known by its body and its second.
    """
    told = decode(body, Message, sender=TITLE)
    kind = _kind(told)
    if kind is None or not told.item_id:
        log.info("Plaid told %s/%s, which needs nothing", told.webhook_type[:40], told.webhook_code[:40])
        return ()
    return (
        ProviderEvent(
            provider_reference=told.item_id,
            kind=kind,
            key=f"{claims.request_body_sha256}:{claims.iat}",
            at=dt.datetime.fromtimestamp(claims.iat, tz=dt.UTC),
            detail=_detail(told),
        ),
    )


def _kind(told: Message) -> EventKind | None:
    if (told.webhook_type, told.webhook_code) == ("ITEM", "ERROR") and told.error is not None:
        return KINDS_OF_ERRORS.get(errors.from_error(told.error).action)
    return KINDS.get((told.webhook_type, told.webhook_code))


def _detail(told: Message) -> dict[str, str]:
    ends = told.consent_expiration_time or told.disconnect_time
    found = {
        "expires_at": ends.astimezone(dt.UTC).isoformat() if ends else "",
        "reason": (told.reason or "")[:100],
        "message": errors.from_error(told.error).message[:300] if told.error else "",
    }
    return {name: text for name, text in found.items() if text}


def _header(headers: Mapping[str, str]) -> str:
    found = next((text for name, text in headers.items() if name.lower() == HEADER.lower()), "")
    if not found:
        raise _refused(f"it has no {HEADER}")
    return found


def _refused(why: str) -> WebhookRefused:
    return WebhookRefused(f"The message is not proven to come from {TITLE}: {why}.")
