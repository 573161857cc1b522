"""Salt Edge's JSON -> neutral types. Pure: bytes in, values out, ``InvalidResponse`` with the path for anything else.

Amounts are signed from the holder's side already. Ids are decimal texts of up to 19 digits; some examples show them
as numbers, and both are taken. https://docs.saltedge.com/v6/api_reference
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

import msgspec
from msgspec import Raw, Struct

from providers.amounts import CURRENCIES, currency, exact, plain
from providers.decoding import decode
from providers.saltedge.errors import TITLE, Moment
from providers.types import (
    AccountData,
    AccountKind,
    BalanceData,
    CapabilitiesData,
    CounterpartyData,
    Country,
    InstitutionData,
    TransactionData,
)

PROVIDER = "saltedge"
# A consent reaches back a year at most.
HISTORY_DAYS = 365
# Without the holder a bank in Europe is read four times a day at most, whatever else it allows.
UNATTENDED_PER_DAY = 4
# What is spent on such a card is told as its balance, and what was paid back is left out.
# https://docs.saltedge.com/v6/#accounts
_SPENT_ONLY = "credit_card"
# Every nature of an account, and what it is in our words. https://docs.saltedge.com/v6/#accounts
NATURES: dict[str, AccountKind] = {
    "account": "current",
    "checking": "current",
    "savings": "savings",
    "card": "cards",
    "credit_card": "cards",
    "debit_card": "cards",
    "credit": "loans",
    "loan": "loans",
    "mortgage": "loans",
    "investment": "securities",
    "ewallet": "payments",
    "bonus": "other",
    "insurance": "other",
}
_HOLDERS = ("business", "personal")
_IBAN = re.compile("[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=240)] | Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]


# --- Salt Edge's shapes, as far as they are read ---------------------------------------------------------------------
class PageMeta(Struct):
    next_id: Id | None = None


class Extra(Struct, gc=False):
    """``extra`` of a transaction."""

    type: str | None = None
    posting_date: dt.date | None = None
    original_amount: Decimal | None = None
    original_currency_code: str | None = None
    payee: str | None = None
    payer: str | None = None
    payee_information: str | None = None
    payer_information: str | None = None
    transfer_account_name: str | None = None
    additional: str | None = None


class Transaction(Struct, gc=False, kw_only=True):
    """The fields in the order they come in, in which they are found the quickest."""

    id: Id
    duplicated: bool = False
    mode: str | None = None
    status: str
    made_on: dt.date
    amount: Decimal
    currency_code: str | None
    description: str | None = None
    extra: Extra | None = None
    updated_at: Moment | None = None


class TransactionsBody(Struct):
    data: list[Transaction]
    meta: PageMeta | None = None


class RawBody(Struct):
    data: list[Raw]


class AccountExtra(Struct):
    """``extra`` of an account."""

    iban: str | None = None
    account_number: str | None = None
    bban: str | None = None
    account_name: str | None = None
    client_name: str | None = None
    status: str | None = None
    available_amount: Decimal | None = None
    cards: list[Any] | None = None


class Account(Struct):
    id: Id
    name: str
    currency_code: str | None
    balance: Decimal | None
    nature: str = ""
    updated_at: Moment | None = None
    extra: AccountExtra | None = None


class AccountsBody(Struct):
    data: list[Account]
    meta: PageMeta | None = None


class Provider(Struct):
    """A bank, in Salt Edge's word. ``interactive`` is what older versions say."""

    id: Id
    code: Annotated[str, msgspec.Meta(min_length=1, max_length=240)]
    name: Annotated[str, msgspec.Meta(min_length=1)]
    country_code: Country
    status: str
    mode: str | None = None
    regulated: bool | None = None
    home_url: str | None = None
    bic_codes: list[str] | None = None
    automatic_fetch: bool | None = None
    interactive: bool | None = None
    interactive_for_connections: bool | None = None
    optional_interactivity: bool | None = None
    max_consent_days: int | None = None
    max_fetch_interval: int | None = None
    refresh_timeout: int | None = None
    supported_account_natures: list[str] | None = None
    supported_account_types: list[str] | None = None


class ProvidersBody(Struct):
    data: list[Provider]
    meta: PageMeta | None = None


# --- values ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Rows:
    """A page of transactions: each, when Salt Edge last changed it, and the first id of the next page."""

    transactions: tuple[TransactionData, ...]
    updated: tuple[dt.datetime | None, ...]
    next_id: str


def transactions(body: bytes) -> Rows:
    """``GET /transactions`` -> neutral transactions, posted, pending and flagged ones alike, in their order."""
    told = decode(body, TransactionsBody, sender=TITLE)
    # The same bytes once more: decoding them twice is far cheaper than decoding every row by itself.
    raws = decode(body, RawBody, sender=TITLE).data
    rows = tuple(
        [_transaction(row, raw, index=index) for index, (row, raw) in enumerate(zip(told.data, raws, strict=True))]
    )
    return Rows(rows, tuple([row.updated_at for row in told.data]), next_id(told.meta))


def accounts(body: bytes) -> tuple[tuple[AccountData, ...], str]:
    """``GET /accounts`` -> neutral accounts, and the first id of the next page."""
    told = decode(body, AccountsBody, sender=TITLE)
    return tuple(_account(row, at=f"$.data[{index}]") for index, row in enumerate(told.data)), next_id(told.meta)


def institutions(body: bytes) -> tuple[tuple[InstitutionData, ...], str]:
    """``GET /providers`` -> the neutral directory, and the first id of the next page. Disabled banks are left out."""
    told = decode(body, ProvidersBody, sender=TITLE)
    return tuple(_institutions(told.data)), next_id(told.meta)


def next_id(meta: PageMeta | None) -> str:
    """The first id of the next page, ``""`` on the last one."""
    return "" if meta is None or meta.next_id is None else str(meta.next_id)


def order(row_id: str) -> tuple[int, str]:
    """What ids are sorted by: they are numbers, written as text."""
    return len(row_id), row_id


def _transaction(told: Transaction, raw: Raw, *, index: int) -> TransactionData:
    extra = told.extra or _NO_EXTRA
    # Written out for what nearly every row is: a path is only made where it is needed.
    amount = plain(told.amount) or exact(told.amount, sender=TITLE, at=f"$.data[{index}].amount")
    code = told.currency_code
    if code not in CURRENCIES:
        code = currency(code, sender=TITLE, at=f"$.data[{index}].currency_code")
    original: Decimal | None = None
    original_currency = ""
    if extra.original_amount is not None:
        original, original_currency = _original(told, extra, index=index)
    return TransactionData(
        id=told.id if isinstance(told.id, str) else str(told.id),
        # A word of next year is not money that has moved: only what is called posted may become a line.
        status="posted" if told.status == "posted" else "pending",
        booking_date=extra.posting_date or told.made_on,
        amount=amount,
        currency=code,
        original_amount=original,
        original_currency=original_currency,
        counterparty=_counterparty(extra, is_incoming=not amount.is_signed()),
        remittance=_remittance(told.description, extra.additional) if extra.additional else told.description or "",
        kind=extra.type or told.mode or "",
        is_flagged_duplicate=told.duplicated,
        raw=raw,
    )


_NO_EXTRA = Extra()
_NO_ACCOUNT_EXTRA = AccountExtra()


def _original(told: Transaction, extra: Extra, *, index: int) -> tuple[Decimal | None, str]:
    """What was paid in another currency; one without the other says nothing."""
    at = f"$.data[{index}]"
    if extra.original_amount is None or not extra.original_currency_code:
        return None, ""
    if extra.original_currency_code == told.currency_code:
        return None, ""
    amount = exact(extra.original_amount, sender=TITLE, at=f"{at}.extra.original_amount")
    code = currency(extra.original_currency_code, sender=TITLE, at=f"{at}.extra.original_currency_code")
    return amount, code


def _counterparty(extra: Extra, *, is_incoming: bool) -> CounterpartyData:
    """The other side by the sign. Where a bank puts an account number in the name's place, the name is beside it."""
    name = (extra.payer if is_incoming else extra.payee) or ""
    more = extra.payer_information if is_incoming else extra.payee_information
    if not more and not name[2:3].isdigit():
        return CounterpartyData(name=name or extra.transfer_account_name or "")
    number = name.replace(" ", "")
    if _IBAN.fullmatch(number):
        return CounterpartyData(name=more or extra.transfer_account_name or "", account_number=number)
    number = (more or "").replace(" ", "")
    is_number = _IBAN.fullmatch(number) is not None
    return CounterpartyData(name=name or extra.transfer_account_name or "", account_number=number if is_number else "")


def _remittance(description: str | None, additional: str) -> str:
    """What the payer wrote; banks with short descriptions go on in ``additional``."""
    text = description or ""
    if additional not in text:
        return f"{text} {additional}".strip()
    return text


def _account(told: Account, *, at: str) -> AccountData:
    extra = told.extra or _NO_ACCOUNT_EXTRA
    code = currency(told.currency_code, sender=TITLE, at=at)
    number = extra.iban or extra.account_number or extra.bban or ""
    name = extra.account_name or told.name
    return AccountData(
        id=str(told.id),
        name=name[:255],
        official_name="" if told.name == name else told.name,
        currency=code,
        type=told.nature,
        kind=NATURES.get(told.nature, ""),
        number=number,
        mask=_mask(extra, number),
        holder=extra.client_name or "",
        is_closed=extra.status == "inactive",
        balance=BalanceData(
            booked=None if told.nature == _SPENT_ONLY else _optional(told.balance, at=f"{at}.balance"),
            available=_optional(extra.available_amount, at=f"{at}.extra.available_amount"),
            currency=code,
            at=told.updated_at,
        ),
    )


def _mask(extra: AccountExtra, number: str) -> str:
    """The last four signs of the account's number, or of its card's."""
    cards = [card for card in extra.cards or () if isinstance(card, str)]
    return (number or (cards[0] if cards else ""))[-4:]


def _optional(amount: Decimal | None, *, at: str) -> Decimal | None:
    return None if amount is None else exact(amount, sender=TITLE, at=at)


def _institutions(rows: list[Provider]) -> Iterator[InstitutionData]:
    for row in rows:
        # A bank that is read from uploaded files is no feed.
        if row.status != "disabled" and row.mode != "file":
            bics = row.bic_codes or [""]
            yield InstitutionData(
                id=f"{PROVIDER}:{row.code}",
                provider=PROVIDER,
                name=row.name[:255],
                countries=(row.country_code,),
                bic=bics[0],
                website=row.home_url or "",
                # Salt Edge has no word for a bank it has only begun with.
                is_beta=False,
                is_available=row.status == "active",
                capabilities=_capabilities(row),
            )


def _capabilities(row: Provider) -> CapabilitiesData:
    asks = row.interactive_for_connections if row.interactive_for_connections is not None else row.interactive
    return CapabilitiesData(
        history_days=min(row.max_fetch_interval or HISTORY_DAYS, HISTORY_DAYS),
        consent_days=row.max_consent_days,
        refreshes_per_day=_refreshes(row),
        unattended=row.automatic_fetch is not False and (not asks or bool(row.optional_interactivity)),
        account_kinds=_kinds(row.supported_account_natures or []),
        can_narrow=True,
        holder_types=tuple(one for one in _HOLDERS if one in (row.supported_account_types or [])),
    )


def _kinds(natures: list[str]) -> tuple[str, ...]:
    """Each once, in the order of the table; a nature that is not in it is none that can be asked for."""
    return tuple(dict.fromkeys(kind for nature, kind in NATURES.items() if nature in natures))


def _refreshes(row: Provider) -> int | None:
    """``refresh_timeout`` is the minutes between two readings."""
    by_pause = max(1, 24 * 60 // row.refresh_timeout) if row.refresh_timeout and row.refresh_timeout > 0 else None
    if not row.regulated:
        return by_pause
    return min(by_pause or UNATTENDED_PER_DAY, UNATTENDED_PER_DAY)
