"""What Plaid tells by itself, signed as Plaid signs it. https://plaid.com/docs/api/webhooks/webhook-verification/"""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from typing import Any, Literal

import msgspec
from django.conf import settings

from sandbox import signing
from sandbox.conditions import outbox
from sandbox.plaid import items, render, tokens
from sandbox.plaid.models import Item
from sandbox.world.ledger import ledger

# How a message may be spoiled, for who wants to see that it is refused.
Variant = Literal["", "unsigned", "wrong_alg", "wrong_key", "stale", "reformatted", "twice"]

HEADER = "Plaid-Verification"
STALE = dt.timedelta(minutes=6)
# https://plaid.com/docs/api/items/#pending_expiration
WARNED_BEFORE = dt.timedelta(days=7)


def key_id() -> str:
    """The id of the key that messages are signed with; another seed has another key."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{settings.SEED}/plaid"))


def published_key() -> dict[str, Any]:
    """The public half of the key, as Plaid shows it."""
    shown = {"alg": "ES256", "kid": key_id(), "use": "sig", "created_at": 1_672_531_200, "expired_at": None}
    return {**signing.public_half(signing.curve_key(key_id())), **shown}


def tell(item: Item, kind: str, *, code: str, now: dt.datetime, variant: Variant = "", **fields: Any) -> bool:
    """Sends a message about an Item to the address it has; ``False`` when it has none."""
    if not item.webhook:
        return False
    item.told_at, item.told_code = now, code
    item.save(update_fields=["told_at", "told_code"])
    told = {"environment": "sandbox", "item_id": item.item_id, **fields, "webhook_code": code, "webhook_type": kind}
    _send(item.webhook, told, variant=variant)
    return True


def synced(item: Item, *, now: dt.datetime) -> None:
    """Transactions were read up to now: from here on their updates are told of. A short permission is told at once."""
    is_first = item.synced_at is None
    item.synced_at = now
    item.save(update_fields=["synced_at"])
    if is_first:
        _warn(item, since=item.linked_at - WARNED_BEFORE, now=now)


def news(item: Item, *, now: dt.datetime) -> bool:
    """Tells that there is something to read, if transactions were read once and something has changed since."""
    if item.synced_at is None or not any(_has_changed(owner.key, item.synced_at, now=now) for owner in _owners(item)):
        return False
    complete: dict[str, Any] = {"initial_update_complete": True, "historical_update_complete": True}
    return tell(item, "TRANSACTIONS", code="SYNC_UPDATES_AVAILABLE", now=now, **complete)


def trouble(item: Item, *, now: dt.datetime) -> None:
    """Tells what is wrong with an Item, if anything is."""
    wrong = items.error(item, now=now)
    if wrong is not None:
        tell(item, "ITEM", code="ERROR", now=now, error={**wrong.body(tokens.request_id()), "status": wrong.status})


def catch_up(before: dt.datetime, *, now: dt.datetime) -> None:
    """Tells everyone what happened between two moments, after the clock was moved."""
    for item in Item.objects.filter(removed_at=None).exclude(webhook=""):
        if items.error(item, now=now) is None:
            news(item, now=now)
            _warn(item, since=before, now=now)
        elif items.error(item, now=before) is None:
            trouble(item, now=now)


def _warn(item: Item, *, since: dt.datetime, now: dt.datetime) -> None:
    """Tells that the permission ends soon, if the moment to tell it has come since then."""
    ends = items.consent_ends_at(item)
    if ends is not None and since < ends - WARNED_BEFORE <= now:
        tell(item, "ITEM", code="PENDING_EXPIRATION", now=now, consent_expiration_time=render.moment(ends))


def _owners(item: Item) -> list[Any]:
    return [owner for _, owner in items.ticked(item, now=item.synced_at or item.linked_at)]


def _has_changed(account_key: str, since: dt.datetime, *, now: dt.datetime) -> bool:
    book = ledger(account_key)
    return bool(book.published(since, now) or book.vanished(since, now))


def _send(url: str, told: dict[str, Any], *, variant: Variant) -> None:
    body = msgspec.json.format(msgspec.json.encode(told), indent=2)
    issued = dt.datetime.now(dt.UTC) - (STALE if variant == "stale" else dt.timedelta())
    claims = {"iat": int(issued.timestamp()), "request_body_sha256": hashlib.sha256(body).hexdigest()}
    key = signing.curve_key("a stranger's" if variant == "wrong_key" else key_id())
    token = signing.es256(claims, key, kid=key_id(), alg="none" if variant == "wrong_alg" else "ES256")
    headers = {"Content-Type": "application/json"} | ({} if variant == "unsigned" else {HEADER: token})
    sent = msgspec.json.format(body, indent=0) if variant == "reformatted" else body
    for _ in range(2 if variant == "twice" else 1):
        outbox.send(url, body=sent, headers=headers)
