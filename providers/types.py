"""The neutral vocabulary that crosses the border between proxy and app.

Each type is the JSON of the proxy's ``/v1`` at the same time: ``msgspec`` encodes and decodes it, and the OpenAPI
document is generated from it. Amounts are ``Decimal`` (a string in JSON, so that no reader makes it a binary
fraction), signed from the holder's side: **+ in, − out**. Dates are calendar dates of the bank, moments are aware
and in UTC. Unknown extra fields are ignored, so that a newer proxy can talk to an older app.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Raw, Struct

Identifier = Annotated[str, Meta(min_length=1, max_length=255)]
# Three capital letters: ISO 4217, or a provider's own code for what has none.
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$")]
Country = Annotated[str, Meta(pattern="^[A-Z]{2}$")]

Action = Literal[
    "none",
    "retry",
    "wait",
    "reconnect",
    "update_credentials",
    "user_present",
    "disable_auto_sync",
    "reactivate",
    "renew_subscription",
    "delete_at_provider",
    "contact_support",
]

# The kinds of account a bank has, in our words; each provider's own are translated in its ``parse.py``.
AccountKind = Literal["current", "savings", "cards", "loans", "securities", "payments", "other"]
# Whom a bank serves.
HolderType = Literal["personal", "business"]

# What may happen to a connection at its provider, without anybody asking:
EventKind = Literal[
    "transactions_available",  # there is something new to read
    "consent_expiring",  # the permission ends soon; ``detail`` may say when (``expires_at``) and why (``reason``)
    "credentials_needed",  # the holder must sign in again
    "connection_repaired",  # it works again
    "connection_revoked",  # the permission was withdrawn, or the provider gave the connection up
    "accounts_changed",  # accounts came, went, or were renamed
]


def _no_raw() -> Raw:
    return Raw(b"null")


class EndUser(Struct, frozen=True):
    """Who sits at the browser: providers must be told when a person is present, and from where."""

    ip: str
    agent: str


class CapabilitiesData(Struct, frozen=True, kw_only=True):
    """What an institution can give through a provider. ``None``, or nothing: the provider does not say.

    ``account_kinds`` are those it may show, ``holder_types`` whom it serves. ``can_narrow``: a connection can be asked
    for some of the kinds only.
    """

    history_days: int | None = None
    consent_days: int | None = None
    refreshes_per_day: int | None = None
    unattended: bool = True
    pending: bool = True
    stable_ids: bool = True
    account_kinds: tuple[str, ...] = ()
    can_narrow: bool = False
    holder_types: tuple[str, ...] = ()


class InstitutionData(Struct, frozen=True, kw_only=True):
    """A bank as a provider's directory has it. ``id`` is ``<provider>:<the provider's own id>``."""

    id: Identifier
    provider: Identifier
    name: Annotated[str, Meta(min_length=1, max_length=255)]
    countries: tuple[Country, ...]
    bic: str = ""
    website: str = ""
    is_beta: bool = False
    is_available: bool = True
    capabilities: CapabilitiesData = CapabilitiesData()


class InstitutionPage(Struct, frozen=True, kw_only=True):
    """A page of directory changes. Ask again with ``after=next_after`` while ``has_more``."""

    institutions: tuple[InstitutionData, ...]
    removed: tuple[str, ...] = ()
    next_after: int
    has_more: bool


class BalanceData(Struct, frozen=True, kw_only=True):
    """What the bank says stands on an account: ``booked`` counts posted transactions only. ``None``: not said."""

    booked: Decimal | None
    available: Decimal | None
    currency: Currency
    at: dt.datetime | None = None


class AccountData(Struct, frozen=True, kw_only=True):
    """One bank account seen through a connection. ``number`` is the full one (IBAN) only if the provider gives it.

    ``type`` is the provider's own word, ``kind`` an ``AccountKind``, or ``""`` for a word that is not known.
    """

    id: Identifier
    name: Annotated[str, Meta(max_length=255)]
    currency: Currency
    type: str = ""
    kind: str = ""
    official_name: str = ""
    number: str = ""
    mask: str = ""
    holder: str = ""
    is_closed: bool = False
    balance: BalanceData


class CounterpartyData(Struct, frozen=True, kw_only=True, gc=False):
    """The other side of a transaction."""

    name: str = ""
    account_number: str = ""
    bic: str = ""


class TransactionData(Struct, frozen=True, kw_only=True, gc=False):
    """One movement as the provider has it, before it is a statement line.

    ``id`` is the provider's, unique within its account; ``""`` where the provider has none. ``amount`` is signed from
    the holder's side. ``original_amount`` and ``original_currency`` are set when the payment was made in another
    currency. ``pending_id`` names the pending transaction this posted one came from, if the provider knows.
    ``raw`` is the provider's own JSON, for the technical view only.
    """

    id: Annotated[str, Meta(max_length=255)]
    status: Literal["posted", "pending"]
    booking_date: dt.date
    amount: Decimal
    currency: Currency
    value_date: dt.date | None = None
    original_amount: Decimal | None = None
    original_currency: str = ""
    counterparty: CounterpartyData = CounterpartyData()
    remittance: str = ""
    kind: str = ""
    pending_id: str = ""
    is_flagged_duplicate: bool = False
    raw: Raw = msgspec.field(default_factory=_no_raw)


class TransactionPage(Struct, frozen=True, kw_only=True):
    """One page of an account's transactions.

    ``position`` is where to ask on, and, on the last page, what to hand back at the next fetch to be told only what
    changed. It is the proxy's own sealed text: the caller keeps it and never reads it. ``removed`` lists ids the
    provider took back. ``balance`` is the account's balance as of these pages, on the last page at least.
    """

    transactions: tuple[TransactionData, ...]
    removed: tuple[str, ...] = ()
    position: str
    has_more: bool
    balance: BalanceData | None = None


class PendingList(Struct, frozen=True, kw_only=True):
    """All pending transactions of an account, as they stand now."""

    transactions: tuple[TransactionData, ...]


class RefreshData(Struct, frozen=True, kw_only=True):
    """What a refresh came to: ``ready`` to be read, ``working`` until ``retry_at``, or the holder must be there."""

    status: Literal["ready", "working", "user_present"]
    retry_at: dt.datetime | None = None


class HostedPageData(Struct, frozen=True, kw_only=True):
    """Where to send the account holder. ``flow`` names the attempt; the page's address is good until ``expires_at``."""

    flow: Identifier
    url: str
    expires_at: dt.datetime


class FlowData(Struct, frozen=True, kw_only=True):
    """How an attempt at the bank's page stands.

    ``waiting``: the holder is still there. ``connected``: ``connection`` is the reference to keep. ``cancelled``: the
    holder left. ``failed``: ``error`` says why. Asking again gives the same answer.
    """

    flow: Identifier
    status: Literal["waiting", "connected", "cancelled", "failed"]
    connection: str = ""
    error: ErrorData | None = None


class ConnectionData(Struct, frozen=True, kw_only=True):
    """A connection as the proxy knows it. ``error`` is set when the provider says that it does not work now.

    ``shared_with`` names the other banks under the same permission: who updates the credentials of this connection
    must keep their accounts chosen too, or those connections end.
    """

    reference: Identifier
    provider: Identifier
    institution: Identifier
    status: Literal["active", "revoked"]
    consent_expires_at: dt.datetime | None = None
    last_success_at: dt.datetime | None = None
    unattended: bool = True
    error: ErrorData | None = None
    shared_with: tuple[str, ...] = ()


class AccountList(Struct, frozen=True, kw_only=True):
    """All accounts of a connection."""

    accounts: tuple[AccountData, ...]


class ClientData(Struct, frozen=True, kw_only=True):
    """A registered caller of the proxy. ``phone_hint`` is the number that codes are sent to, as far as it may be shown;
    ``error`` says why everything but the code is refused at the moment, ``None`` when nothing is.
    """

    client_id: Identifier
    status: Literal["active", "blocked", "disconnected"]
    subscription_until: dt.date | None
    is_trial: bool = False
    phone_confirmed: bool = False
    phone_hint: str = ""
    error: ErrorData | None = None


class EventData(Struct, frozen=True, kw_only=True):
    """Something that happened to a connection of the caller.

    ``kind`` is an ``EventKind``, or one of the proxy's own; it is open: an unknown one is skipped.
    """

    id: int
    kind: str
    connection: str = ""
    at: dt.datetime
    detail: dict[str, str] = {}


class EventPage(Struct, frozen=True, kw_only=True):
    """Events after a cursor. Ask again with ``after=next_after`` while ``has_more``."""

    events: tuple[EventData, ...]
    next_after: int
    has_more: bool


class ProviderErrorData(Struct, frozen=True, kw_only=True):
    """The provider's own words, shown as they came."""

    code: str = ""
    message: str = ""
    request_id: str = ""


class ErrorData(Struct, frozen=True, kw_only=True):
    """Why the proxy could not. ``message`` is one sentence safe to show; the caller decides on ``action`` alone."""

    code: str
    message: str
    action: Action
    reference: str = ""
    retry_at: dt.datetime | None = None
    provider: ProviderErrorData | None = None


class Done(Struct, frozen=True):
    """The answer to a verb that has nothing more to say than that it worked: ``{}``."""


class ErrorEnvelope(Struct, frozen=True, kw_only=True):
    """The body of every answer that is not a success."""

    error: ErrorData


def encode(value: Any) -> bytes:
    """A neutral type, or plain data with dates and decimals in it -> its JSON."""
    return _ENCODER.encode(value)


# Amounts stay text on the wire.
_ENCODER = msgspec.json.Encoder(decimal_format="string")
