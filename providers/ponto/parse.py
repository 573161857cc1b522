"""Ponto's JSON:API -> neutral types. Pure: bytes in, values out, ``InvalidResponse`` with the path for anything else.

Amounts are signed from the holder's side already. Days come as moments and are read in the bank's own time zone.
https://documentation.ibanity.com/ponto-connect/api
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from functools import lru_cache
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Meta, Raw, Struct, field

from providers import amounts
from providers.decoding import decode, not_understood
from providers.ponto.errors import ApiError
from providers.types import (
    AccountData,
    AccountKind,
    BalanceData,
    CapabilitiesData,
    CounterpartyData,
    Identifier,
    InstitutionData,
    TransactionData,
)

PROVIDER = "ponto"
TITLE = "Ponto"
# Where Ponto's banks are. A bank without a country works in all of them.
# fmt: off
COUNTRIES = (
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU", "IE",
    "IT", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
)
# fmt: on
# Every subtype of an account, and what it is in our words. Its own page has the holder choose; it takes no wish.
# https://documentation.myponto.com/1/api#account
_KINDS: dict[str, AccountKind] = {
    "checking": "current",
    "savings": "savings",
    "card": "cards",
    "securities": "securities",
    "psp": "payments",
}
CAPABILITIES = CapabilitiesData(account_kinds=tuple(_KINDS.values()))
DEFAULT_ZONE = ZoneInfo("Europe/Brussels")
_UNFINISHED = frozenset({"pending", "running"})
# A whole card number is never taken over, and a telephone number or an address is no account number.
_NUMBERS = frozenset({"IBAN", "BBAN"})
_CARDS = frozenset({"PAN", "MASKEDPAN"})
_COUNTRY = re.compile("[A-Z]{2}")
_BREAK = re.compile(r"\s*<br\s*/?>\s*", re.IGNORECASE)

Moment = Annotated[dt.datetime, Meta(tz=True)]


# --- Ponto's shapes, as far as they are read -------------------------------------------------------------------------
class Links(Struct):
    next: str | None = None


class Page(Struct):
    """A page of any list; rows stay raw, so that each is read with its own path and kept as it came."""

    data: list[Raw]
    links: Links | None = None

    @property
    def next(self) -> str:
        """Where the next page is, ``""`` on the last one."""
        return (self.links.next if self.links else None) or ""


class One(Struct):
    """The answer that is one resource."""

    data: Raw


class Identity(Struct):
    id: Identifier


class Related(Struct):
    data: Identity | None = None


class SynchronizationAttributes(Struct):
    status: str = ""
    errors: list[ApiError] | None = None
    updatedAt: Moment | None = None  # noqa: N815 - Ponto's word


class Synchronization(Struct):
    id: str = ""
    attributes: SynchronizationAttributes = field(default_factory=SynchronizationAttributes)

    @property
    def is_unfinished(self) -> bool:
        return self.attributes.status in _UNFINISHED

    @property
    def has_failed(self) -> bool:
        return self.attributes.status == "error" or bool(self.errors)

    @property
    def errors(self) -> list[ApiError]:
        return self.attributes.errors or []


class AccountMeta(Struct, rename="camel"):
    synchronized_at: Moment | None = None
    latest_synchronization: Synchronization | None = None


class AccountRelations(Struct, rename="camel"):
    financial_institution: Related | None = None


class AccountAttributes(Struct, rename="camel"):
    currency: str
    subtype: str | None = None
    reference_type: str | None = None
    reference: str | None = None
    current_balance: Decimal | None = None
    available_balance: Decimal | None = None
    holder_name: str | None = None
    description: str | None = None
    product: str | None = None
    deprecated: bool | None = None
    authorized_at: Moment | None = None
    authorization_expiration_expected_at: Moment | None = None


class Account(Struct):
    """An account with what Ponto says of its synchronizations."""

    id: Identifier
    attributes: AccountAttributes
    meta: AccountMeta | None = None
    relationships: AccountRelations | None = None

    @property
    def institution(self) -> str:
        """Ponto's id of its bank, ``""`` where it is not said."""
        related = self.relationships.financial_institution if self.relationships else None
        return related.data.id if related and related.data else ""

    @property
    def synchronized_at(self) -> dt.datetime | None:
        return self.meta.synchronized_at if self.meta else None

    @property
    def latest(self) -> Synchronization:
        """The latest synchronization; one that says nothing where it is not told."""
        return (self.meta.latest_synchronization if self.meta else None) or Synchronization()


class TransactionAttributes(Struct, rename="camel", gc=False):
    amount: Decimal
    currency: str
    execution_date: str | None = None
    value_date: str | None = None
    created_at: str | None = None
    description: str | None = None
    counterpart_name: str | None = None
    counterpart_reference: str | None = None
    remittance_information: str | None = None
    additional_information: str | None = None


class Transaction(Struct, gc=False):
    id: Identifier
    attributes: TransactionAttributes


class InstitutionAttributes(Struct, rename="camel"):
    name: Annotated[str, Meta(min_length=1)]
    bic: str | None = None
    country: str | None = None
    status: str | None = None
    deprecated: bool | None = None
    time_zone: str | None = None
    maintenance_from: Moment | None = None
    maintenance_to: Moment | None = None


class Institution(Struct):
    id: Annotated[str, Meta(min_length=1, max_length=240)]
    attributes: InstitutionAttributes


# --- values ----------------------------------------------------------------------------------------------------------
def institutions(rows: list[Raw], *, now: dt.datetime) -> tuple[InstitutionData, ...]:
    """A page of the directory -> neutral institutions, available or not at the moment ``now``."""
    return tuple(
        _institution(decode(row, Institution, sender=TITLE, within=f"$.data[{index}]"), now=now)
        for index, row in enumerate(rows)
    )


def accounts(rows: list[Raw]) -> tuple[Account, ...]:
    """A page of accounts as Ponto has them."""
    return tuple(decode(row, Account, sender=TITLE, within=f"$.data[{index}]") for index, row in enumerate(rows))


def account_data(account: Account, *, at: str = "$.data") -> AccountData:
    """An account -> the neutral one. ``at`` is its path, for errors."""
    told = account.attributes
    currency = amounts.currency(told.currency, sender=TITLE, at=f"{at}.currency")
    reference, kind = told.reference or "", told.reference_type or "IBAN"
    is_number = kind in _NUMBERS
    return AccountData(
        id=account.id,
        name=(told.description or told.product or told.holder_name or "")[:255],
        official_name=told.product or "",
        currency=currency,
        type=told.subtype or "",
        kind=_KINDS.get(told.subtype or "", ""),
        number=reference if is_number else "",
        mask=reference[-4:] if is_number or kind in _CARDS else "",
        holder=told.holder_name or "",
        is_closed=bool(told.deprecated),
        balance=balance_of(account, at=at),
    )


def balance_of(account: Account, *, at: str = "$.data") -> BalanceData:
    """What stands on an account. Ponto signs it, also for a card."""
    told, within = account.attributes, f"{at}.attributes"
    booked, available = told.current_balance, told.available_balance
    return BalanceData(
        booked=None if booked is None else amounts.exact(booked, sender=TITLE, at=f"{within}.currentBalance"),
        available=None
        if available is None
        else amounts.exact(available, sender=TITLE, at=f"{within}.availableBalance"),
        currency=amounts.currency(told.currency, sender=TITLE, at=f"{within}.currency"),
        at=account.synchronized_at,
    )


def transactions(rows: list[Raw], *, zone: dt.tzinfo, is_pending: bool) -> tuple[TransactionData, ...]:
    """A page of transactions, or of pending ones, -> neutral transactions; days are those of ``zone``."""
    # All at once: each by itself takes half as long again.
    told = decode(b"[" + b",".join(rows) + b"]", list[Transaction], sender=TITLE, within="$.data")
    return tuple(
        [
            _transaction(each, row, zone=zone, is_pending=is_pending, index=index)
            for index, (each, row) in enumerate(zip(told, rows, strict=True))
        ]
    )


def zone_named(name: str | None) -> ZoneInfo:
    """The time zone of a bank; Ponto's own where it is not said or not known."""
    return _zone(name or "")


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return DEFAULT_ZONE


def _institution(told: Institution, *, now: dt.datetime) -> InstitutionData:
    known = told.attributes
    country = known.country or ""
    return InstitutionData(
        id=f"{PROVIDER}:{told.id}",
        provider=PROVIDER,
        name=known.name[:255],
        countries=(country,) if _COUNTRY.fullmatch(country) else COUNTRIES,
        bic=known.bic or "",
        is_beta=known.status in ("beta", "experimental"),
        is_available=not known.deprecated and not _is_in_maintenance(known, now),
        capabilities=CAPABILITIES,
    )


def _is_in_maintenance(told: InstitutionAttributes, now: dt.datetime) -> bool:
    if told.maintenance_from is None or now < told.maintenance_from:
        return False
    return told.maintenance_to is None or now < told.maintenance_to


def _transaction(resource: Transaction, row: Raw, *, zone: dt.tzinfo, is_pending: bool, index: int) -> TransactionData:
    told = resource.attributes
    value_date = _day(told.value_date, zone, index=index, name="valueDate")
    # The same text is the same day, and nearly always it is the same.
    is_same = told.execution_date == told.value_date
    booked = value_date if is_same else _day(told.execution_date, zone, index=index, name="executionDate") or value_date
    if booked is None and is_pending:
        booked = _day(told.created_at, zone, index=index, name="createdAt")
    if booked is None:
        raise not_understood(TITLE, at=_place(index, "executionDate"), why="it names no day")
    code = told.currency
    if code not in amounts.CURRENCIES:
        code = amounts.currency(code, sender=TITLE, at=_place(index, "currency"))
    return TransactionData(
        id=resource.id,
        status="pending" if is_pending else "posted",
        booking_date=booked,
        value_date=value_date,
        amount=amounts.plain(told.amount) or amounts.exact(told.amount, sender=TITLE, at=_place(index, "amount")),
        currency=code,
        counterparty=CounterpartyData(
            name=told.counterpart_name or "", account_number=told.counterpart_reference or ""
        ),
        remittance=_text(told),
        # The kind of movement ("Wire transfer"), whatever its name says.
        kind=told.description or "",
        raw=row,
    )


def _text(told: TransactionAttributes) -> str:
    """What the payer wrote; some banks part it with HTML's line breaks."""
    text = told.remittance_information or told.additional_information or told.description or ""
    return _BREAK.sub(" ", text) if "<" in text else text


def _day(text: str | None, zone: dt.tzinfo, *, index: int, name: str) -> dt.date | None:
    """The day that a moment is at the bank. Midnight in UTC is how a bare day is written, and is that day anywhere."""
    if not text:
        return None
    # The form nearly all of them have, and by far the quickest to read.
    if text[10:] in ("T00:00:00.000Z", "T00:00:00Z", ""):
        try:
            return dt.date.fromisoformat(text[:10])
        except ValueError:
            raise not_understood(TITLE, at=_place(index, name), why="it is not a day") from None
    try:
        moment = dt.datetime.fromisoformat(text)
        if moment.tzinfo is None or (moment.utcoffset() == dt.timedelta(0) and moment.time() == dt.time(0)):
            return moment.date()
        return moment.astimezone(zone).date()
    except (ValueError, OverflowError):
        raise not_understood(TITLE, at=_place(index, name), why="it is not a moment") from None


def _place(index: int, name: str) -> str:
    """The path of a row's attribute; only made for what cannot be understood."""
    return f"$.data[{index}].attributes.{name}"
