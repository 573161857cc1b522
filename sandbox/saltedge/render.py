"""The world in Salt Edge's words: banks, connections, consents, accounts, transactions. Amounts are + in and − out."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from sandbox.saltedge import connections
from sandbox.saltedge.banks import Bank
from sandbox.saltedge.models import Attempt, Connection, Consent, Customer
from sandbox.world.accounts import Account, exponent
from sandbox.world.ledger import Entry, ledger
from sandbox.world.zones import zone

NATURES = {"operating": "account", "foreign": "account", "savings": "savings", "dormant": "savings", "card": "card"}
_CATEGORIES = {
    "rent": "rent",
    "salary": "salary",
    "tax": "taxes",
    "insurance": "insurance",
    "utility": "utilities",
    "telecom": "phone",
    "fee": "fees",
    "interest": "interest",
    "purchase": "shopping",
    "cash": "cash_deposit",
}
_TYPES = {"rent": "standing_order", "utility": "direct_debit", "telecom": "direct_debit", "purchase": "card_payment"}
# What a bank is read at most: once an hour.
CONSENT_DAYS = 180
HISTORY_DAYS = 730
PENDINGS_DAYS = 14


def money(units: int, decimals: int) -> Decimal:
    """A number of smallest units -> the amount, exact and with the currency's decimals."""
    return Decimal(units).scaleb(-decimals)


def moment(at: dt.datetime | None) -> str | None:
    """``2026-11-22T03:40:13Z``."""
    return None if at is None else at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def provider(bank: Bank, *, with_ais_fields: bool) -> dict[str, Any]:
    """A bank of the directory."""
    scenario = bank.institution.scenario
    told: dict[str, Any] = {
        "id": bank.number,
        "code": bank.code,
        "name": bank.institution.name,
        "country_code": bank.country,
        "status": "active",
        "mode": "oauth",
        "regulated": bank.country != "XF",
        "logo_url": "https://www.saltedge.example/logo.svg",
        "timezone": str(zone(bank.institution.country)),
        "bic_codes": [bank.institution.bic] if bank.institution.bic else [],
        "identification_codes": [bank.institution.bank_code] if bank.institution.bank_code else [],
        "supported_iframe_embedding": False,
        "optional_interactivity": False,
        "customer_notified_on_sign_in": False,
        "dynamic_registration_code": None,
        "group_code": None,
        "group_name": None,
        "hub": None,
        "created_at": "2020-01-01T00:00:00Z",
        "updated_at": "2020-01-01T00:00:00Z",
    }
    if with_ais_fields:
        told |= {
            "automatic_fetch": scenario.is_unattended and not scenario.asks_each_time,
            "custom_pendings_period": PENDINGS_DAYS if scenario.habits.holds_are_booked else None,
            "holder_info": ["names"],
            "instruction_for_connections": "Sign in at the bank.",
            "interactive_for_connections": scenario.asks_each_time,
            "max_consent_days": scenario.consent_days or CONSENT_DAYS,
            "max_fetch_interval": scenario.history_days or HISTORY_DAYS,
            "max_interactive_delay": 180,
            "refresh_timeout": connections.refresh_pause(bank.institution) // 60,
            "supported_account_extra_fields": ["iban", "account_name", "client_name", "available_amount", "status"],
            "supported_account_natures": sorted(set(NATURES.values())),
            "supported_account_types": ["personal", "business"],
            "supported_fetch_scopes": ["accounts", "balance", "transactions"],
            "supported_transaction_extra_fields": ["posting_date", "payee", "payer", "original_amount"],
        }
    return told


def customer(row: Customer) -> dict[str, Any]:
    """A customer, in the words of version 6."""
    return {
        "customer_id": row.customer_id,
        "identifier": row.identifier,
        "categorization_type": "personal",
        "blocked_at": None,
        "created_at": moment(row.created_at),
        "updated_at": moment(row.created_at),
    }


def connection(row: Connection, *, now: dt.datetime) -> dict[str, Any]:
    """A connection, with its latest reading of the bank."""
    bank = connections.bank_of(row)
    attempt = row.attempts.last()
    last_consent = row.consents.last()
    return {
        "id": row.connection_id,
        "customer_id": row.customer.customer_id,
        "customer_identifier": row.customer.identifier,
        "provider_code": row.provider_code,
        "provider_name": bank.institution.name,
        "country_code": bank.country,
        "status": connections.status(row, now=now),
        "categorization": "none",
        "categorization_vendor": None,
        "automatic_refresh": row.automatic_refresh,
        "next_refresh_possible_at": moment(connections.next_refresh_at(row, now=now)),
        "created_at": moment(row.linked_at),
        "updated_at": moment(attempt.ends_at if attempt else row.linked_at),
        "last_consent_id": last_consent.consent_id if last_consent else None,
        "last_attempt": _attempt(attempt, row, now=now) if attempt else None,
    }


def _attempt(row: Attempt, owner: Connection, *, now: dt.datetime) -> dict[str, Any]:
    scenario = connections.bank_of(owner).institution.scenario
    has_ended = now >= row.ends_at
    has_failed = has_ended and bool(row.fail_error_class)
    ended = moment(row.ends_at) if has_ended else None
    return {
        "id": row.attempt_id,
        "consent_id": row.consent.consent_id if row.consent else None,
        "api_mode": "service",
        "api_version": "6",
        "automatic_fetch": scenario.is_unattended and not scenario.asks_each_time,
        "automatic_refresh": owner.automatic_refresh,
        "categorize": False,
        "created_at": moment(row.started_at),
        "custom_fields": row.custom_fields,
        "exclude_accounts": [],
        "fail_at": ended if has_failed else None,
        "fail_error_class": row.fail_error_class if has_failed else None,
        "fail_message": row.fail_message if has_failed else None,
        "fetch_scopes": ["accounts", "balance", "transactions"],
        "finished": has_ended,
        "finished_recent": has_ended,
        "include_natures": row.include_natures,
        "interactive": scenario.asks_each_time,
        "locale": "en",
        "partial": False,
        "show_consent_confirmation": True,
        "store_credentials": True,
        "success_at": ended if has_ended and not has_failed else None,
        "updated_at": moment(row.ends_at if has_ended else row.started_at),
        "user_present": row.user_present,
        "last_stage": {
            "id": f"{row.attempt_id}9",
            "name": connections.stage(row, now=now),
            "interactive_html": None,
            "interactive_fields_names": None,
            "created_at": moment(row.started_at),
            "updated_at": moment(row.started_at),
        },
    }


def consent(row: Consent, *, now: dt.datetime) -> dict[str, Any]:
    """A consent."""
    return {
        "id": row.consent_id,
        "connection_id": row.connection.connection_id,
        "customer_id": row.connection.customer.customer_id,
        "status": row.status(now),
        "scopes": row.scopes,
        "period_days": row.period_days,
        "expires_at": moment(row.expires_at),
        "from_date": row.from_date.isoformat(),
        "to_date": None,
        "collected_by": "saltedge",
        "revoked_at": moment(row.revoked_at),
        "revoke_reason": row.revoke_reason or None,
        "created_at": moment(row.created_at),
        "updated_at": moment(row.revoked_at or row.created_at),
    }


def account(number: str, owner: Account, *, connection_id: str, at: dt.datetime, is_closed: bool) -> dict[str, Any]:
    """An account with the balances of its last reading."""
    book = ledger(owner.key)
    booked, pending = book.booked(at), book.pending(at)
    extra: dict[str, Any] = {
        "account_name": owner.name,
        "client_name": owner.holder,
        "available_amount": money((owner.limit or 0) + book.booked(at) + pending, owner.exponent),
        "status": "inactive" if is_closed else "active",
    }
    if owner.number[:2].isalpha() and owner.number:
        extra |= {"iban": owner.number, "swift": owner.bic}
    elif owner.number:
        extra["account_number"] = owner.number
    if owner.kind == "card":
        extra |= {"cards": [f"**** **** **** {owner.mask}"], "credit_limit": money(owner.limit or 0, owner.exponent)}
    return {
        "id": number,
        "connection_id": connection_id,
        "name": f"{owner.name} {owner.mask}",
        "nature": NATURES[owner.kind],
        "balance": money(booked, owner.exponent),
        "currency_code": owner.currency,
        "extra": extra,
        "created_at": moment(at),
        "updated_at": moment(at),
    }


def transaction(
    entry: Entry, owner: Account, *, number: str, account_id: str, is_pending: bool, is_duplicated: bool
) -> dict[str, Any]:
    """A transaction. ``made_on`` is when it was paid, ``posting_date`` when it was booked."""
    extra: dict[str, Any] = {"type": _TYPES.get(entry.kind, "transfer"), "id": f"B-{entry.id}"}
    if not is_pending:
        extra["posting_date"] = entry.date.isoformat()
    if is_pending and not entry.is_pending:
        extra["posted_by_aspsp"] = True
    side = "payer" if entry.amount > 0 else "payee"
    if entry.party.number:
        extra |= {side: entry.party.number, f"{side}_information": entry.party.name}
    else:
        extra[side] = entry.party.name
    if entry.original_amount is not None:
        original = money(entry.original_amount, exponent(entry.original_currency))
        extra |= {"original_amount": original, "original_currency_code": entry.original_currency}
    return {
        "id": number,
        "account_id": account_id,
        "duplicated": is_duplicated,
        "mode": "fee" if entry.kind == "fee" else "normal",
        "status": "pending" if is_pending else "posted",
        "made_on": (entry.date if is_pending else entry.occurred).isoformat(),
        "amount": money(entry.amount, owner.exponent),
        "currency_code": owner.currency,
        "description": entry.text,
        "category": _CATEGORIES.get(entry.kind, "uncategorized"),
        "extra": extra,
        "created_at": moment(entry.appears),
        "updated_at": moment(entry.appears),
    }
