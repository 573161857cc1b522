"""What Ponto tells by itself: proven by a signed token that carries the digest of the message.

https://documentation.ibanity.com/webhooks
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from msgspec import Meta, Struct

from providers import jose
from providers.base import ProviderEvent
from providers.decoding import decode
from providers.errors import WebhookRefused
from providers.http import ProviderHttp
from providers.ponto import errors
from providers.types import EventKind

log = logging.getLogger(__name__)

TITLE = errors.TITLE
LEEWAY = dt.timedelta(seconds=30)
# An unknown key may be a new one, or anybody's invention: Ponto is not asked more often than this.
SECONDS_BETWEEN_FETCHES = 60
PREFIX = "pontoConnect."
# What is not here is of no interest: payments, and a reading that brought nothing.
KINDS: dict[str, EventKind] = {
    "account.detailsUpdated": "transactions_available",
    "account.transactionsCreated": "transactions_available",
    "account.transactionsUpdated": "transactions_available",
    "account.pendingTransactionsCreated": "transactions_available",
    "account.pendingTransactionsUpdated": "transactions_available",
    "account.reauthorized": "connection_repaired",
    "integration.accountAdded": "accounts_changed",
    "integration.accountRevoked": "accounts_changed",
    "integration.revoked": "connection_revoked",
    "organization.blocked": "credentials_needed",
    "organization.unblocked": "connection_repaired",
}
FAILED = "synchronization.failed"


class PublishedKey(jose.Key, frozen=True):
    """A key with what it is for."""

    use: str = "sig"
    status: str = "ACTIVE"


class PublishedKeys(Struct):
    keys: list[PublishedKey]


class Claims(Struct):
    """What the token says. ``aud`` may be a list."""

    iss: str
    aud: str | list[str]
    exp: float
    digest: str
    iat: float = 0


class Identity(Struct):
    id: str


class Related(Struct):
    data: Identity | None = None


class Relations(Struct):
    organization: Related | None = None
    account: Related | None = None


class Attributes(Struct, rename="camel"):
    created_at: Annotated[dt.datetime, Meta(tz=True)] | None = None
    errors: list[errors.ApiError] | None = None


class Message(Struct):
    type: str
    id: Annotated[str, Meta(min_length=1, max_length=200)]
    attributes: Attributes | None = None
    relationships: Relations | None = None


class Body(Struct):
    data: Message


@dataclass
class PontoWebhooks:
    """The messages for one application. ``keys`` is the door to where Ponto publishes its keys."""

    keys: ProviderHttp
    issuer: str
    application_id: str
    _known: dict[str, PublishedKey] = field(default_factory=dict)
    _fetched: float | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def events(self, headers: Mapping[str, str], body: bytes, *, now: dt.datetime) -> tuple[ProviderEvent, ...]:
        """What a message tells; nothing for one of no interest. Raises ``WebhookRefused`` for an unproven one."""
        self._verify(headers.get("Signature", ""), body, now=now)
        return event(decode(body, Body, sender=TITLE).data)

    def _verify(self, text: str, body: bytes, *, now: dt.datetime) -> None:
        try:
            token = jose.read(text, algorithm="RS512")
            claims = jose.claims(token, self._key(token.header.kid), kind=Claims)
        except jose.InvalidToken as error:
            raise WebhookRefused(f"The message is not proven to come from Ponto: {error}.") from None
        _check(claims, body, now=now, issuer=self.issuer, audience=self.application_id)

    def _key(self, kid: str) -> PublishedKey:
        with self._lock:
            if kid not in self._known and self._may_fetch():
                self._fetched = time.monotonic()
                self._known = self._published()
            found = self._known.get(kid)
        if found is None:
            raise jose.InvalidToken("it is not signed with a key of theirs")
        return found

    def _may_fetch(self) -> bool:
        return self._fetched is None or time.monotonic() - self._fetched >= SECONDS_BETWEEN_FETCHES

    def _published(self) -> dict[str, PublishedKey]:
        answer = self.keys.send("GET", "", is_read=True)
        if answer.status != 200:
            raise errors.from_answer(answer)
        told = decode(answer.body, PublishedKeys, sender=TITLE)
        return {key.kid: key for key in told.keys if key.use == "sig" and key.status == "ACTIVE"}


def event(message: Message) -> tuple[ProviderEvent, ...]:
    """A message -> the neutral event, for every connection of its organization; nothing for one of no interest."""
    word = message.type.removeprefix(PREFIX)
    kind = KINDS.get(word)
    attributes, relations = message.attributes or Attributes(), message.relationships or Relations()
    if word == FAILED:
        kind = "credentials_needed" if _needs_holder(attributes.errors or []) else None
    organization = relations.organization.data if relations.organization else None
    if kind is None or organization is None:
        log.info("a message of no interest: %s", word[:100])
        return ()
    account = relations.account.data if relations.account else None
    return (
        ProviderEvent(
            provider_reference=organization.id,
            kind=kind,
            key=f"ponto:{message.id}",
            at=attributes.created_at,
            detail={"reason": word[:100], **({"account": account.id[:255]} if account else {})},
        ),
    )


def digest(body: bytes) -> str:
    """The digest of a message as its token says it: base64 of SHA-512."""
    return base64.b64encode(hashlib.sha512(body).digest()).decode()


def _needs_holder(told: list[errors.ApiError]) -> bool:
    return any(each.code == "authorizationInvalid" for each in told)


def _check(claims: Claims, body: bytes, *, now: dt.datetime, issuer: str, audience: str) -> None:
    audiences = [claims.aud] if isinstance(claims.aud, str) else claims.aud
    seconds, leeway = now.timestamp(), LEEWAY.total_seconds()
    if claims.iss != issuer:
        why = "another one issued it"
    elif audience not in audiences:
        why = "it is for another application"
    elif claims.exp + leeway < seconds:
        why = "its time is over"
    elif claims.iat - leeway > seconds:
        why = "its time has not come"
    elif not hmac.compare_digest(claims.digest.encode(), digest(body).encode()):
        why = "it is for another message"
    else:
        return
    raise WebhookRefused(f"The message is not proven to come from Ponto: {why}.")
