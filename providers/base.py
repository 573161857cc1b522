"""What every provider's adapter does, in the neutral vocabulary. It never sees a web request, a page or a model."""

from __future__ import annotations

import abc
import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal, Self

from providers.errors import FeedError, WebhookRefused
from providers.types import (
    AccountData,
    AccountKind,
    EndUser,
    EventKind,
    InstitutionData,
    RefreshData,
    TransactionData,
    TransactionPage,
)


@dataclass(frozen=True)
class HostedRequest:
    """What a provider must know to open its page.

    ``institution`` is the provider's own id of the bank; ``holder`` an opaque name for whose data it is, the same at
    every visit; ``return_url`` where the provider's page sends the browser, another address for each visit;
    ``callback_url`` the same place for a provider that sends browsers to one registered address only: then ``state``
    must come back with it, as ``?state=``. ``webhook_url`` is where the provider may tell what happens later;
    ``history_days`` ``None`` for all. ``account_kinds`` are the only kinds of account to be given, none for all; only a
    bank that the directory calls ``can_narrow`` is asked so.
    """

    institution: str
    countries: tuple[str, ...]
    holder: str
    return_url: str
    callback_url: str
    state: str = field(repr=False)
    language: str
    history_days: int | None
    user: EndUser
    webhook_url: str
    account_kinds: tuple[AccountKind, ...] = ()


@dataclass(frozen=True)
class HostedPage:
    """An opened page. ``state`` is what the adapter needs to learn how it ended; it is secret."""

    url: str
    expires_at: dt.datetime
    state: str = field(repr=False)


@dataclass(frozen=True)
class Outcome:
    """How a visit to the page stands.

    ``connected``: ``secret`` is what opens the data from now on (``""`` when the one that is there stays good),
    ``provider_reference`` the provider's public id of the connection, ``institution`` its id of the bank that was
    chosen (``""``: not said). ``failed``: ``error`` says why.
    """

    status: Literal["waiting", "connected", "cancelled", "failed"]
    secret: str = field(default="", repr=False)
    provider_reference: str = ""
    institution: str = ""
    error: FeedError | None = None


@dataclass(frozen=True)
class Health:
    """How the provider sees a connection; moments are aware and in UTC, ``None`` where it does not say.

    ``shared_with`` names the other banks whose accounts the holder gave with the same permission: they must be chosen
    again when it is given again.
    """

    unattended: bool
    consent_expires_at: dt.datetime | None = None
    last_success_at: dt.datetime | None = None
    error: FeedError | None = None
    shared_with: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProviderEvent:
    """Something the provider told about a connection by itself, and proved that it comes from it.

    ``provider_reference`` is that of an ``Outcome``; what several connections share is told to each of them. ``key``
    is the same when the same thing is told twice, and never for two things; ``at`` is aware and in UTC, ``None`` where
    it is not said. ``detail`` is short text by short names, without secrets.
    """

    provider_reference: str
    kind: EventKind
    key: str
    at: dt.datetime | None = None
    detail: Mapping[str, str] = field(default_factory=dict)


class Adapter(abc.ABC):
    """One provider. ``secret`` is always what an ``Outcome`` brought; every method raises ``FeedError`` only."""

    name: ClassVar[str]
    title: ClassVar[str]

    @classmethod
    @abc.abstractmethod
    def from_config(cls, config: Mapping[str, str]) -> Self:
        """The adapter with the proxy's own address and credentials for this provider."""

    @abc.abstractmethod
    def institutions(self) -> Iterator[tuple[InstitutionData, ...]]:
        """The whole directory, page by page."""

    @abc.abstractmethod
    def begin(self, request: HostedRequest) -> HostedPage:
        """Opens a page where the holder approves a new connection."""

    @abc.abstractmethod
    def update(self, secret: str, request: HostedRequest) -> HostedPage:
        """Opens a page where the holder signs in again, or chooses other accounts, for a connection that is there."""

    @abc.abstractmethod
    def finish(self, state: str, *, answer: Mapping[str, str]) -> Outcome:
        """How a page ended. A ``connected`` one may be told only once: what it brings must be kept at once.

        ``answer`` is what the browser came back with in its address, ``{}`` until then; anyone can have written it.
        From a ``callback_url`` it has the ``state`` at least.
        """

    def needs_renewal(self, secret: str) -> bool:
        """Whether ``secret`` must be renewed before it is used again. Asks nobody."""
        return False

    def renew(self, secret: str) -> str:
        """What opens the data from now on, in the place of ``secret``, which may be spent with it.

        Raises ``ConsentExpired`` when the provider takes neither this secret nor gives another. Any method may raise
        ``SecretExpired`` instead of answering: it is asked again with a renewed secret, once.
        """
        return secret

    @abc.abstractmethod
    def accounts(self, secret: str) -> tuple[AccountData, ...]:
        """Every account the holder gave access to."""

    @abc.abstractmethod
    def refresh(self, secret: str, *, user: EndUser | None) -> RefreshData:
        """Has the provider read the bank, as far as it can; ``user`` is who sits there, ``None`` for nobody."""

    @abc.abstractmethod
    def transactions(
        self, secret: str, account: str, *, position: str, first_day: dt.date | None, limit: int
    ) -> TransactionPage:
        """One page of posted transactions; ``position`` in and out is the provider's own."""

    @abc.abstractmethod
    def pending(self, secret: str, account: str) -> tuple[TransactionData, ...]:
        """The pending transactions as they stand now."""

    @abc.abstractmethod
    def health(self, secret: str) -> Health:
        """How the provider sees the connection, without reading the bank."""

    def webhook(self, headers: Mapping[str, str], body: bytes, *, url: str) -> tuple[ProviderEvent, ...]:
        """What a message from the provider tells; nothing for one that tells nothing of interest.

        ``headers`` are found whatever their case, ``body`` is as it came over the wire, ``url`` the public address it
        was sent to. Raises ``WebhookRefused`` for one that is not proven to be the provider's.
        """
        raise WebhookRefused(f"{self.title} is not expected to send anything here.")

    @abc.abstractmethod
    def revoke(self, secret: str) -> None:
        """Ends the connection at the provider; one that is gone already is no error."""
