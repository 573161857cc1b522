"""The world in Ponto's words, as JSON:API resources. Amounts are signed from the holder's side."""

from __future__ import annotations

import datetime as dt
import hashlib
from decimal import Decimal
from typing import Any

from sandbox.ponto import readings, sharing
from sandbox.ponto.models import SharedAccount, Synchronization
from sandbox.world import aging
from sandbox.world.accounts import Account
from sandbox.world.directory import Institution
from sandbox.world.ledger import Entry, ledger
from sandbox.world.zones import zone

Resource = dict[str, Any]
_SUBTYPES = {"savings": "savings", "dormant": "savings", "card": "card"}
_KINDS = {
    "rent": "Standing order",
    "salary": "Wire transfer",
    "fee": "Bank charges",
    "interest": "Interest",
    "purchase": "Card payment",
    "cash": "Cash deposit",
}
# Some counterparties are filled in so much later.
_FILLED_IN_AFTER = dt.timedelta(hours=6)


def institution(bank: Institution, *, institution_id: str) -> Resource:
    """``financialInstitution``."""
    return {
        "type": "financialInstitution",
        "id": institution_id,
        "attributes": {
            "name": bank.name,
            "bic": bank.bic,
            "country": next(country for country in bank.countries if country in sharing.COUNTRIES),
            "status": "beta" if bank.scenario.is_beta else "stable",
            "deprecated": False,
            "logoUrl": None,
            "primaryColor": "#1f5f8b",
            "secondaryColor": "#ffffff",
            "timeZone": zone_of(bank).key,
            "sharedBrandName": None,
            "sharedBrandReference": None,
            "maintenanceType": None,
            "maintenanceFrom": None,
            "maintenanceTo": None,
        },
        "links": {"self": institution_id},
    }


def zone_of(bank: Institution) -> Any:
    """The time zone of a bank, as Ponto knows it."""
    return zone(next(country for country in bank.countries if country in sharing.COUNTRIES))


def account(row: SharedAccount, *, now: dt.datetime) -> Resource:
    """``account`` with its balances and its latest synchronization."""
    owner, at = sharing.of_world(row, now=now), readings.seen_until(row, now=now)
    synchronized_at = readings.synchronized_at(row, now=now)
    return {
        "type": "account",
        "id": row.account_id,
        "attributes": {
            "subtype": _SUBTYPES.get(owner.kind, "checking"),
            **_reference(owner),
            "currency": owner.currency,
            **(_balances(owner, at=at) if synchronized_at else {"currentBalance": None, "availableBalance": None}),
            "holderName": owner.holder,
            "description": owner.name,
            "product": "Current account" if owner.kind == "operating" else None,
            "internalReference": sharing.stable_id("internal", row.account_key),
            "deprecated": aging.is_closed(owner, linked_at=row.linked_at, now=now),
            "authorizedAt": moment(row.authorized_at),
            "authorizationExpirationExpectedAt": moment(sharing.ends_at(row)),
            "currentBalanceReferenceDate": moment(at),
        },
        "meta": {
            "synchronizedAt": moment(synchronized_at) if synchronized_at else None,
            "latestSynchronization": _latest(row, now=now),
        },
        "relationships": {
            "financialInstitution": {
                "data": {"type": "financialInstitution", "id": sharing.stable_id("bank", row.bank_id)}
            }
        },
    }


def transaction(entry: Entry, row: SharedAccount, *, owner: Account, now: dt.datetime) -> Resource:
    """``transaction`` or ``pendingTransaction``."""
    is_blank = _share(entry.id, 20) and now < entry.appears + _FILLED_IN_AFTER
    text = entry.text if owner.institution.country != "NL" else entry.text.replace(" / ", "<br>")
    return {
        "type": "pendingTransaction" if entry.is_pending else "transaction",
        "id": sharing.stable_id("transaction", row.account_id, entry.id),
        "attributes": {
            "amount": money(entry.amount, owner.exponent),
            "currency": owner.currency,
            "executionDate": _day(entry.date, entry.id, owner),
            "valueDate": f"{entry.occurred}T00:00:00.000Z",
            "description": _KINDS.get(entry.kind, "Wire transfer"),
            "counterpartName": "" if is_blank else entry.party.name,
            "counterpartReference": None,
            "remittanceInformation": text,
            "remittanceInformationType": "unstructured",
            "digest": _digest(entry, owner),
            "fee": None,
            "cardReference": f"XXXXXXXXXXXX{owner.mask}" if entry.by_card else None,
            "cardReferenceType": "MASKEDPAN" if entry.by_card else None,
            "createdAt": moment(entry.appears),
            "updatedAt": moment(entry.appears + (_FILLED_IN_AFTER if _share(entry.id, 20) else dt.timedelta())),
        },
        "relationships": {"account": {"data": {"type": "account", "id": row.account_id}}},
    }


def synchronization(made: Synchronization, *, now: dt.datetime) -> Resource:
    """``synchronization`` as it stands."""
    status = readings.status(made, now=now)
    return {
        "type": "synchronization",
        "id": made.synchronization_id,
        "attributes": {
            "status": status,
            "subtype": made.subtype,
            "resourceType": "account",
            "resourceId": made.account.account_id,
            "errors": problems(made.problem, made.account) if status == "error" else [],
            "createdAt": moment(made.created_at),
            "updatedAt": moment(max(made.created_at, min(now, made.created_at + dt.timedelta(minutes=1)))),
        },
    }


def problems(code: str, row: SharedAccount) -> list[Resource]:
    """``errors`` of a synchronization. What the bank itself said may be an object or a page."""
    if not code:
        return []
    said: Any = {"error": "consent invalid"} if int(row.account_id[-1], 16) % 2 else "<html><h1>401</h1></html>"
    response = {"statusCode": 401, "body": said, "requestId": row.account_id, "requestUri": "https://bank.example/"}
    return [{"code": code, "detail": "It did not work.", "meta": {"financialInstitutionResponse": response}}]


def money(units: int, exponent: int) -> Decimal:
    """A number of smallest units -> the amount, exact and with the currency's decimals."""
    return Decimal(units).scaleb(-exponent)


def moment(at: dt.datetime) -> str:
    """``2026-11-22T03:40:13.000Z``."""
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _balances(owner: Account, *, at: dt.datetime) -> Resource:
    book = ledger(owner.key)
    booked, free = book.booked(at), book.booked(at) + book.pending(at) + (owner.limit or 0)
    return {"currentBalance": money(booked, owner.exponent), "availableBalance": money(free, owner.exponent)}


def _reference(owner: Account) -> Resource:
    if owner.kind == "card":
        return {"referenceType": "MASKEDPAN", "reference": f"XXXXXXXXXXXX{owner.mask}"}
    return {"referenceType": "IBAN" if owner.number[:2].isalpha() else "BBAN", "reference": owner.number}


def _latest(row: SharedAccount, *, now: dt.datetime) -> Resource:
    """The latest synchronization that was asked for, or what Ponto's own rounds came to."""
    asked, wrong = readings.latest(row), readings.problem(row, now=now)
    if asked is not None and (readings.status(asked, now=now) != "success" or not wrong):
        return synchronization(asked, now=now)
    status = "running" if readings.is_first_reading(row, now=now) else "error" if wrong else "success"
    # Rounds are hours apart: this one is not from just now.
    at = moment(max(row.linked_at, now - dt.timedelta(hours=1)) if wrong else row.linked_at)
    return {
        "type": "synchronization",
        "id": sharing.stable_id("round", row.account_id, at),
        "attributes": {
            "status": status,
            "subtype": "accountTransactions",
            "resourceType": "account",
            "resourceId": row.account_id,
            "errors": problems(wrong, row) if status == "error" else [],
            "createdAt": at,
            "updatedAt": at,
        },
    }


def _day(day: dt.date, entry_id: str, owner: Account) -> str:
    """A day as banks write it: nearly always midnight in UTC, sometimes midnight at the bank, sometimes an hour."""
    if _share(entry_id, 8):
        return f"{day}T10:25:00.000Z"
    if _share(f"{entry_id}z", 8):
        return moment(dt.datetime.combine(day, dt.time(), tzinfo=zone_of(owner.institution)))
    return f"{day}T00:00:00.000Z"


def _digest(entry: Entry, owner: Account) -> str:
    """What the bank says of a movement: two equal ones of one day share it."""
    said = f"{owner.key}|{entry.date}|{entry.amount}|{entry.party.name}|{entry.text}"
    return hashlib.sha256(said.encode()).hexdigest()


def _share(name: str, one_in: int) -> bool:
    """Whether this name is one of the few, always the same ones."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=4).digest()) % one_in == 0
