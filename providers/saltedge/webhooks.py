"""Salt Edge's callbacks: verified by their signature, then events. https://docs.saltedge.com/v6/#callbacks"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from providers.base import ProviderEvent
from providers.decoding import decode
from providers.errors import (
    ConnectionGone,
    ConsentExpired,
    CredentialsRejected,
    InvalidResponse,
    UserMustBePresent,
    WebhookRefused,
)
from providers.saltedge.errors import ERRORS, TITLE, Moment
from providers.saltedge.link import ASKED
from providers.saltedge.parse import Id
from providers.saltedge.signing import is_callback_genuine
from providers.types import EventKind

# A fetch tells of each part it has read; only after the last one is everything there.
PARTS = frozenset({"fetch_holder_info", "fetch_accounts", "fetch_recent"})
_KINDS: dict[type[Exception], EventKind] = {
    ConsentExpired: "credentials_needed",
    CredentialsRejected: "credentials_needed",
    UserMustBePresent: "credentials_needed",
    ConnectionGone: "connection_revoked",
}


class CallbackBody(Struct):
    connection_id: Id | None = None
    stage: str | None = None
    error_class: str | None = None
    custom_fields: Any = None


class CallbackMeta(Struct):
    time: Moment | None = None


class Callback(Struct):
    data: CallbackBody
    meta: CallbackMeta | None = None


def events(headers: Mapping[str, str], body: bytes, *, url: str, public_key: str) -> tuple[ProviderEvent, ...]:
    """What a callback tells. ``url`` is the address as it is entered at Salt Edge: its last word says what it is for.

    Raises ``WebhookRefused`` for one that Salt Edge did not sign for this address, or that cannot be read.
    """
    signature = headers.get("Signature") or headers.get("signature") or ""
    if not public_key or not is_callback_genuine(signature, body, url=url, public_key=public_key):
        raise WebhookRefused("The callback is not signed by Salt Edge for this address.")
    try:
        told = decode(body, Callback, sender=TITLE)
    except InvalidResponse as error:
        raise WebhookRefused(error.message) from None
    kind = _kind(urlsplit(url).path.rstrip("/").rpartition("/")[2], told.data)
    if kind is None or told.data.connection_id is None:
        return ()
    detail = {"reason": told.data.error_class[:100]} if told.data.error_class else {}
    at = told.meta.time if told.meta else None
    return (
        ProviderEvent(
            provider_reference=str(told.data.connection_id),
            kind=kind,
            # Its body says when it was made, so that the same one sent twice, by whomever, is one event.
            key=hashlib.sha256(body).hexdigest(),
            at=at.astimezone(dt.UTC) if at else None,
            detail=detail,
        ),
    )


def _kind(address: str, told: CallbackBody) -> EventKind | None:
    """What a callback means; ``None`` for one that needs nobody: progress, parts of a fetch, faults that heal."""
    if address in ("notify", "provider_changes", "interactive"):
        return None
    if address == "destroy":
        return "connection_revoked"
    if _is_answer(told.custom_fields):
        return None
    if told.error_class or address == "failure":
        row = ERRORS.get(told.error_class or "")
        return _KINDS.get(row.kind) if row else None
    return None if told.stage in PARTS else "transactions_available"


def _is_answer(marks: Any) -> bool:
    """Whether the bank was read because a fetch asked for it: that comes back by itself and finds how it went."""
    return isinstance(marks, dict) and ASKED in marks
