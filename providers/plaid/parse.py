"""Plaid's JSON -> neutral types. Pure: bytes in, values out, ``InvalidResponse`` with the path for anything else.

Plaid counts money that leaves the account as positive, for every kind of account; it is turned round here.
https://plaid.com/docs/api/products/transactions/#transactionssync
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Annotated

from msgspec import Meta, Raw, Struct

from providers import amounts
from providers.decoding import decode, not_understood
from providers.types import (
    AccountData,
    AccountKind,
    BalanceData,
    CapabilitiesData,
    CounterpartyData,
    Country,
    Identifier,
    InstitutionData,
    TransactionData,
)

PROVIDER = "plaid"
TITLE = "Plaid"
# Plaid keeps two years at most: https://plaid.com/docs/api/link/#link-token-create-request-transactions-days-requested
HISTORY_DAYS = 730
# The same for every bank: of what one has Plaid tells nothing.
CAPABILITIES = CapabilitiesData(
    history_days=HISTORY_DAYS, account_kinds=("current", "savings", "cards", "loans"), can_narrow=True
)
# Every type of an account, and what it is in our words; a depository one is told by its subtype.
# https://plaid.com/docs/api/accounts/#account-type-schema
_KINDS: dict[str, AccountKind] = {
    "depository": "current",
    "credit": "cards",
    "loan": "loans",
    "investment": "securities",
    "brokerage": "securities",
    "other": "other",
}
SAVINGS = ("savings", "money market", "cd", "hsa")

_CURRENCY_SHAPE = re.compile("[A-Z]{3}")
# What is owed on these is told as a positive balance; from the holder's side it is a debt.
_OWED_TYPES = frozenset({"credit", "loan"})
# The counterparty that says most comes first: the merchant rather than the marketplace it was bought through.
_COUNTERPARTY_ORDER = ("merchant", "income_source", "financial_institution", "marketplace", "payment_app")


Moment = Annotated[dt.datetime, Meta(tz=True)]


# --- Plaid's shapes, as far as they are read -------------------------------------------------------------------------
class Balances(Struct):
    available: Decimal | None
    current: Decimal | None
    iso_currency_code: str | None
    unofficial_currency_code: str | None
    last_updated_datetime: Moment | None = None


class Account(Struct):
    account_id: Identifier
    balances: Balances
    name: str
    type: str
    mask: str | None = None
    official_name: str | None = None
    subtype: str | None = None
    holder_category: str | None = None


class International(Struct):
    iban: str | None = None
    bic: str | None = None


class CounterpartyNumbers(Struct):
    international: International | None = None


class Counterparty(Struct):
    name: str
    type: str = ""
    account_numbers: CounterpartyNumbers | None = None


class PaymentMeta(Struct):
    payee: str | None = None
    payer: str | None = None
    reference_number: str | None = None


class Transaction(Struct):
    transaction_id: Identifier
    account_id: Identifier
    amount: Decimal
    date: dt.date
    pending: bool
    name: str
    iso_currency_code: str | None = None
    unofficial_currency_code: str | None = None
    merchant_name: str | None = None
    original_description: str | None = None
    pending_transaction_id: Annotated[str, Meta(max_length=255)] | None = None
    counterparties: list[Counterparty] | None = None
    payment_meta: PaymentMeta | None = None
    payment_channel: str | None = None
    transaction_code: str | None = None


class Removed(Struct):
    transaction_id: Identifier
    account_id: str | None = None


class SyncPage(Struct):
    """``/transactions/sync``; rows stay raw, so that each is read with its own path and kept as it came."""

    transactions_update_status: str
    accounts: list[Raw]
    added: list[Raw]
    modified: list[Raw]
    removed: list[Removed]
    next_cursor: str
    has_more: bool


class GetPage(Struct):
    transactions: list[Raw]
    total_transactions: int


class AccountsPage(Struct):
    accounts: list[Raw]


class Institution(Struct):
    institution_id: Annotated[str, Meta(min_length=1, max_length=240)]
    name: Annotated[str, Meta(min_length=1)]
    country_codes: list[Country]
    url: str | None = None


class InstitutionsPage(Struct):
    institutions: list[Institution]
    total: int


class _AccountId(Struct):
    account_id: str


# --- values ----------------------------------------------------------------------------------------------------------
def institutions(page: InstitutionsPage) -> tuple[InstitutionData, ...]:
    """A page of ``/institutions/get`` -> the neutral directory."""
    return tuple(
        InstitutionData(
            id=f"{PROVIDER}:{each.institution_id}",
            provider=PROVIDER,
            name=each.name[:255],
            countries=tuple(each.country_codes),
            website=each.url or "",
            capabilities=CAPABILITIES,
        )
        for each in page.institutions
    )


def accounts(rows: list[Raw]) -> tuple[AccountData, ...]:
    """The accounts of an answer -> neutral accounts, with balances from the holder's side."""
    return tuple(_account(row, at=f"$.accounts[{index}]") for index, row in enumerate(rows))


def balance_of(rows: list[Raw], account_id: str) -> BalanceData | None:
    """The balance of one account among those of an answer; ``None`` when the answer leaves that account out."""
    for index, row in enumerate(rows):
        at = f"$.accounts[{index}]"
        if decode(row, _AccountId, sender=TITLE, within=at).account_id == account_id:
            return _account(row, at=at).balance
    return None


def transactions(rows: list[Raw], *, at: str) -> tuple[TransactionData, ...]:
    """Rows of ``added``, ``modified`` or ``transactions`` -> neutral transactions; ``at`` is their path (``$.added``).

    Posted and pending alike. Amounts are turned to the holder's side.
    """
    return tuple(_transaction(row, at=f"{at}[{index}]") for index, row in enumerate(rows))


def _account(row: Raw, *, at: str) -> AccountData:
    account = decode(row, Account, sender=TITLE, within=at)
    balance = _balance(account, at=f"{at}.balances")
    return AccountData(
        id=account.account_id,
        name=account.name[:255],
        official_name=account.official_name or "",
        currency=balance.currency,
        type=account.subtype or account.type,
        kind=_kind(account),
        mask=account.mask or "",
        balance=balance,
    )


def _kind(account: Account) -> str:
    """What the account is in our words; ``""`` for a type that is not known."""
    is_saved = account.type == "depository" and account.subtype in SAVINGS
    return "savings" if is_saved else _KINDS.get(account.type, "")


def _balance(account: Account, *, at: str) -> BalanceData:
    told = account.balances
    booked = None if told.current is None else amounts.exact(told.current, sender=TITLE, at=f"{at}.current")
    available = None if told.available is None else amounts.exact(told.available, sender=TITLE, at=f"{at}.available")
    if booked is not None and account.type in _OWED_TYPES:
        booked = _negated(booked)
    return BalanceData(
        booked=booked,
        available=available,
        currency=_currency(told.iso_currency_code, told.unofficial_currency_code, at=at),
        at=told.last_updated_datetime,
    )


def _transaction(row: Raw, *, at: str) -> TransactionData:
    told = decode(row, Transaction, sender=TITLE, within=at)
    amount = _negated(amounts.exact(told.amount, sender=TITLE, at=f"{at}.amount"))
    return TransactionData(
        id=told.transaction_id,
        status="pending" if told.pending else "posted",
        # The day it was posted; the times beside it may be made up (00:00), so no day is taken from them.
        booking_date=told.date,
        amount=amount,
        currency=_currency(told.iso_currency_code, told.unofficial_currency_code, at=at),
        counterparty=_counterparty(told, is_incoming=amount > 0),
        remittance=told.original_description or told.name,
        kind=told.transaction_code or told.payment_channel or "",
        pending_id=told.pending_transaction_id or "",
        # A copy: the row is a window on the whole page, which need not be kept.
        raw=row.copy(),
    )


def _counterparty(told: Transaction, *, is_incoming: bool) -> CounterpartyData:
    meta = told.payment_meta
    other_side = (meta.payer if is_incoming else meta.payee) if meta else None
    if not told.counterparties:
        return CounterpartyData(name=told.merchant_name or other_side or "")
    first = min(told.counterparties, key=_rank) if len(told.counterparties) > 1 else told.counterparties[0]
    numbers = first.account_numbers.international if first.account_numbers else None
    return CounterpartyData(
        name=first.name or told.merchant_name or other_side or "",
        account_number=(numbers.iban if numbers else None) or "",
        bic=(numbers.bic if numbers else None) or "",
    )


def _rank(counterparty: Counterparty) -> int:
    """Where a kind of counterparty stands in the order; an unknown kind comes last."""
    if counterparty.type in _COUNTERPARTY_ORDER:
        return _COUNTERPARTY_ORDER.index(counterparty.type)
    return len(_COUNTERPARTY_ORDER)


def _negated(amount: Decimal) -> Decimal:
    """The other side's view; nothing stays nothing, not minus nothing."""
    return amount.copy_negate() if amount else amount


def _currency(iso: str | None, unofficial: str | None, *, at: str) -> str:
    if iso is not None or unofficial is None:
        return amounts.currency(iso, sender=TITLE, at=at)
    if not _CURRENCY_SHAPE.fullmatch(unofficial):
        raise not_understood(TITLE, at=at, why="its unofficial currency code is not three capital letters")
    return unofficial
