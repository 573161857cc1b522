"""The world in Plaid's words: accounts, transactions, institutions, Items.

Plaid counts money that leaves an account as positive, and what is owed on a card too.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from sandbox.plaid import items, tokens
from sandbox.plaid.models import Item, ItemAccount
from sandbox.world.accounts import Account, exponent
from sandbox.world.directory import Institution
from sandbox.world.ledger import Entry, ledger

# Type and subtype, by what an account is in the world.
TYPES = {
    "operating": ("depository", "checking"),
    "foreign": ("depository", "checking"),
    "savings": ("depository", "savings"),
    "dormant": ("depository", "savings"),
    "card": ("credit", "credit card"),
}
# The primary and the detailed category.
_CATEGORIES = {
    "settlement": ("INCOME", "INCOME_OTHER_INCOME"),
    "customer": ("INCOME", "INCOME_OTHER_INCOME"),
    "cash": ("TRANSFER_IN", "TRANSFER_IN_DEPOSIT"),
    "interest": ("INCOME", "INCOME_INTEREST_EARNED"),
    "fee": ("BANK_FEES", "BANK_FEES_OTHER_BANK_FEES"),
    "tax": ("GOVERNMENT_AND_NON_PROFIT", "GOVERNMENT_AND_NON_PROFIT_TAX_PAYMENT"),
    "rent": ("RENT_AND_UTILITIES", "RENT_AND_UTILITIES_RENT"),
    "utility": ("RENT_AND_UTILITIES", "RENT_AND_UTILITIES_GAS_AND_ELECTRICITY"),
    "telecom": ("RENT_AND_UTILITIES", "RENT_AND_UTILITIES_TELEPHONE"),
    "purchase": ("GENERAL_MERCHANDISE", "GENERAL_MERCHANDISE_OTHER_GENERAL_MERCHANDISE"),
}
_OTHER_CATEGORY = ("GENERAL_SERVICES", "GENERAL_SERVICES_OTHER_GENERAL_SERVICES")
# Only banks in Europe tell it: https://plaid.com/docs/api/products/transactions/#transactions-sync-response-added-transaction-code
_CODES = {
    "rent": "standing order",
    "salary": "transfer",
    "social_security": "direct debit",
    "tax": "direct debit",
    "insurance": "direct debit",
    "utility": "direct debit",
    "telecom": "direct debit",
    "fee": "bank charge",
    "interest": "interest",
    "purchase": "purchase",
    "refund": "refund",
    "cash": "cash",
}
_OUTSIDE_EUROPE = frozenset({"US", "CA"})
_PAYMENT_META = dict.fromkeys(
    ("by_order_of", "payee", "payer", "payment_method", "payment_processor", "ppd_id", "reason", "reference_number")
)
_LOCATION = dict.fromkeys(("address", "city", "country", "lat", "lon", "postal_code", "region", "store_number"))
_HEALTHY = {
    "status": "HEALTHY",
    "breakdown": {"success": Decimal("0.97"), "error_plaid": Decimal("0.01"), "error_institution": Decimal("0.02")},
}
_DOWN = {
    "status": "DOWN",
    "breakdown": {"success": Decimal("0.02"), "error_plaid": Decimal("0.01"), "error_institution": Decimal("0.97")},
}


def money(units: int, exponent: int) -> Decimal:
    """A number of smallest units -> the amount, exact and with the currency's decimals."""
    return Decimal(units).scaleb(-exponent)


def account(row: ItemAccount, owner: Account, *, at: dt.datetime) -> dict[str, Any]:
    """``AccountBase`` with the balances of this moment."""
    kind, subtype = TYPES[owner.kind]
    persistent = {"persistent_account_id": tokens.seen_by("", owner.key)} if owner.institution.country == "US" else {}
    return {
        "account_id": row.account_id,
        "balances": _balances(owner, at=at),
        "holder_category": "business",
        "mask": owner.mask,
        "name": owner.name,
        "official_name": f"{owner.institution.name} {owner.name}",
        "subtype": subtype,
        "type": kind,
        **persistent,
    }


def _balances(owner: Account, *, at: dt.datetime) -> dict[str, Any]:
    book = ledger(owner.key)
    booked, pending = book.booked(at), book.pending(at)
    if owner.limit is None:
        current, available = booked, booked + pending
    else:
        current, available = -booked, owner.limit + booked + pending
    return {
        "available": money(available, owner.exponent),
        "current": money(current, owner.exponent),
        "iso_currency_code": owner.currency,
        "limit": None if owner.limit is None else money(owner.limit, owner.exponent),
        "unofficial_currency_code": None,
    }


def transaction(entry: Entry, owner: Account, *, row: ItemAccount, item_id: str, with_original: bool) -> dict[str, Any]:
    """``Transaction``. ``with_original`` adds the bank's own text, which a caller has to ask for."""
    primary, detailed = _CATEGORIES.get(entry.kind, _OTHER_CATEGORY)
    is_european = owner.institution.country not in _OUTSIDE_EUROPE
    merchant = entry.party.name if entry.by_card else None
    return {
        "account_id": row.account_id,
        "account_owner": None,
        "amount": money(-entry.amount, owner.exponent),
        "authorized_date": entry.occurred,
        "authorized_datetime": None,
        "category": None,
        "category_id": None,
        "check_number": None,
        "counterparties": [_counterparty(entry)],
        "date": entry.date,
        "datetime": None,
        "iso_currency_code": owner.currency,
        "location": _LOCATION,
        "logo_url": None,
        "merchant_entity_id": None,
        "merchant_name": merchant,
        "name": merchant or entry.text,
        "original_description": _original(entry) if with_original else None,
        "payment_channel": "in store" if entry.by_card else "other",
        "payment_meta": _payment_meta(entry) if is_european else _PAYMENT_META,
        "pending": entry.is_pending,
        "pending_transaction_id": tokens.seen_by(item_id, entry.pending_id) if entry.pending_id else None,
        "personal_finance_category": {"confidence_level": "HIGH", "detailed": detailed, "primary": primary},
        "personal_finance_category_icon_url": f"https://plaid-category-icons.plaid.com/PFC_{primary}.png",
        "transaction_code": _CODES.get(entry.kind, "transfer") if is_european else None,
        "transaction_id": tokens.seen_by(item_id, entry.id),
        "transaction_type": "place" if entry.by_card else "special",
        "unofficial_currency_code": None,
        "website": None,
    }


def removed(entry: Entry, row: ItemAccount, *, item_id: str) -> dict[str, Any]:
    """``RemovedTransaction``."""
    return {"account_id": row.account_id, "transaction_id": tokens.seen_by(item_id, entry.id)}


def _counterparty(entry: Entry) -> dict[str, Any]:
    kind = "merchant" if entry.by_card else "income_source" if entry.amount > 0 else "merchant"
    if entry.kind in ("fee", "interest", "cash"):
        kind = "financial_institution"
    return {
        # Never told: Plaid's own Python client (46.0.0) cannot read an IBAN here, it takes the text for an object.
        "account_numbers": None,
        "confidence_level": "HIGH",
        "entity_id": None,
        "logo_url": None,
        "name": entry.party.name,
        "type": kind,
        "website": None,
    }


def _payment_meta(entry: Entry) -> dict[str, Any]:
    side = "payer" if entry.amount > 0 else "payee"
    return {**_PAYMENT_META, side: entry.party.name}


def _original(entry: Entry) -> str:
    """The bank's line. It is the only place where Plaid tells of the currency a payment was made in."""
    line = entry.text if entry.by_card else f"{entry.party.name} {entry.text}"
    if entry.original_amount is None:
        return line
    original = money(abs(entry.original_amount), exponent(entry.original_currency))
    return f"{line} {entry.original_currency} {original}"


def institution(
    bank: Institution, *, countries: frozenset[str], with_details: bool, with_status: bool
) -> dict[str, Any]:
    """``Institution``, its countries those of Plaid's (``countries``) that it works in."""
    told: dict[str, Any] = {
        "connection_availability": "SUPPORTED",
        "country_codes": [country for country in bank.countries if country in countries],
        "dtc_numbers": [],
        "institution_id": items.PREFIX + bank.id,
        "name": bank.name,
        "oauth": False,
        "products": ["transactions", "auth", "balance"],
        "routing_numbers": [],
    }
    if with_details:
        told |= {"logo": None, "primary_color": "#1f5f8b", "url": bank.website}
    if with_status:
        health = _DOWN if bank.scenario.is_down else _HEALTHY
        change = {**health, "last_status_change": "2026-01-01T00:00:00Z"}
        told["status"] = {"item_logins": change, "transactions_updates": change}
    return told


def item(of: Item, *, now: dt.datetime, request_id: str) -> dict[str, Any]:
    """``Item``, with what is wrong with it now."""
    wrong, ends = items.error(of, now=now), items.consent_ends_at(of)
    return {
        "auth_method": None,
        "available_products": ["auth", "balance"],
        "billed_products": of.products,
        "consent_expiration_time": moment(ends) if ends else None,
        "created_at": moment(of.linked_at),
        "error": wrong.body(request_id) if wrong else None,
        "institution_id": items.PREFIX + of.institution_id,
        "institution_name": items.bank_of(of).name,
        "item_id": of.item_id,
        "products": of.products,
        "update_type": "background" if items.bank_of(of).scenario.is_unattended else "user_present_required",
        "webhook": of.webhook or None,
    }


def moment(at: dt.datetime) -> str:
    """``2026-11-22T03:40:13Z``."""
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
