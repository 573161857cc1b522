"""Routes of what an organization shares: accounts, transactions, synchronizations, and their end."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Any

from django.urls import reverse

from sandbox.ponto import errors, paging, readings, render, sharing, tokens, webhooks
from sandbox.ponto.models import Organization, SharedAccount, Synchronization, Visit
from sandbox.ponto.readings import UNSETTLED
from sandbox.ponto.wire import Answer, Call, answers
from sandbox.world.ledger import Entry, ledger


def _accounts(call: Call) -> Answer:
    rows = list(call.organization().accounts.all())
    return 200, paging.page(
        rows,
        call.request.GET,
        url=f"{call.base_url}/accounts",
        named=lambda row: row.account_id,
        shown=lambda row: render.account(row, now=call.now),
    )


def _account(call: Call, account_id: str) -> Answer:
    return 200, {"data": render.account(sharing.find(call.organization(), account_id), now=call.now)}


def _give_back(call: Call, account_id: str) -> Answer:
    owner = call.organization()
    row = sharing.find(owner, account_id)
    row.delete()
    webhooks.tell("integration.accountRevoked", owner, now=call.now, row=row)
    return 200, {"data": {"type": "account", "id": account_id}}


def _listed(call: Call, account_id: str, *, is_pending: bool) -> Answer:
    row = sharing.find(call.organization(), account_id)
    kind = "pending-transactions" if is_pending else "transactions"
    return 200, paging.page(
        _entries(call, row, is_pending=is_pending),
        call.request.GET,
        url=f"{call.base_url}/accounts/{account_id}/{kind}",
        named=_named(row),
        shown=_shown(call, row),
    )


def _transactions(call: Call, account_id: str) -> Answer:
    return _listed(call, account_id, is_pending=False)


def _pending(call: Call, account_id: str) -> Answer:
    return _listed(call, account_id, is_pending=True)


def _transaction(call: Call, account_id: str, transaction_id: str) -> Answer:
    row = sharing.find(call.organization(), account_id)
    named = _named(row)
    for entry in _entries(call, row, is_pending=False):
        if named(entry) == transaction_id:
            return 200, {"data": _shown(call, row)(entry)}
    raise errors.not_found("transaction")


def _synchronize(call: Call) -> Answer:
    owner, asked = call.organization(), call.attributes("synchronization")
    if asked.get("resourceType") != "account":
        raise errors.invalid("resourceType", "must be account")
    subtype = str(asked.get("subtype", ""))
    if subtype not in readings.SUBTYPES:
        raise errors.invalid("subtype", "is not one of the subtypes")
    try:
        ip = str(ipaddress.ip_address(str(asked.get("customerIpAddress", ""))))
    except ValueError:
        raise errors.invalid("customerIpAddress", "must be the address of the end user") from None
    row = sharing.find(owner, str(asked.get("resourceId", "")))
    made = readings.begin(row, subtype, customer_ip=ip, now=call.now)
    if made.problem:
        told = render.problems(made.problem, row)
        webhooks.tell("synchronization.failed", owner, now=call.now, row=row, errors=told)
    # At first every synchronization is pending, however quick it will be.
    resource = render.synchronization(made, now=call.now)
    resource["attributes"] |= {"status": "pending", "errors": []}
    return 201, {"data": resource}


def _synchronization(call: Call, synchronization_id: str) -> Answer:
    return 200, {"data": render.synchronization(_found(call, synchronization_id), now=call.now)}


def _updated(call: Call, synchronization_id: str, *, is_pending: bool) -> Answer:
    """What became visible since the reading before this one."""
    made = _found(call, synchronization_id)
    row, kind = made.account, "updated-pending-transactions" if is_pending else "updated-transactions"
    earlier = row.synchronizations.filter(subtype=made.subtype, created_at__lt=made.created_at).last()
    since = earlier.created_at if earlier else row.linked_at
    entries = [entry for entry in _entries(call, row, is_pending=is_pending) if entry.appears > since]
    return 200, paging.page(
        entries,
        call.request.GET,
        url=f"{call.base_url}/synchronizations/{synchronization_id}/{kind}",
        named=_named(row),
        shown=_shown(call, row),
    )


def _updated_transactions(call: Call, synchronization_id: str) -> Answer:
    return _updated(call, synchronization_id, is_pending=False)


def _updated_pending(call: Call, synchronization_id: str) -> Answer:
    return _updated(call, synchronization_id, is_pending=True)


def _reauthorize(call: Call, account_id: str) -> Answer:
    row = sharing.find(call.organization(), account_id)
    address = str(call.attributes("reauthorizationRequest").get("redirectUri", ""))
    if not address.startswith(("http://", "https://")):
        raise errors.invalid("redirectUri", "must be an address")
    visit = Visit.objects.create(
        visit_id=tokens.new(), redirect_uri=address, bank_id=row.bank_id, renews=row, started_at=call.now
    )
    url = call.base_url.removesuffix("/ponto") + reverse("ponto:hosted", args=[visit.visit_id])
    resource = {
        "type": "reauthorizationRequest",
        "id": sharing.stable_id("reauthorization", visit.visit_id),
        "links": {"redirect": url},
        "attributes": {"sandbox": True},
    }
    return 201, {"data": resource}


def _withdraw(call: Call, organization_id: str) -> Answer:
    owner = Organization.objects.filter(organization_id=organization_id).first()
    if owner is None:
        raise errors.not_found("integration")
    sharing.withdraw(owner, now=call.now)
    webhooks.tell("integration.revoked", owner, now=call.now)
    return 200, {"data": {"type": "integration", "id": sharing.stable_id("integration", organization_id)}}


def _entries(call: Call, row: SharedAccount, *, is_pending: bool) -> list[Entry]:
    """What can be read of an account, newest first. Pending ones only where a reading asked for them."""
    if readings.is_first_reading(row, now=call.now):
        return []
    if is_pending and not _knows_pending(row):
        return []
    at = readings.seen_until(row, now=call.now)
    found = [
        entry
        for entry in ledger(row.account_key).visible(at, first=sharing.first_day(row))
        if entry.is_pending == is_pending
    ]
    found.sort(key=lambda entry: (entry.date, entry.appears, entry.id), reverse=True)
    return found


def _knows_pending(row: SharedAccount) -> bool:
    """The reading at first, and those that were asked to, bring what is pending; one that was not forgets it."""
    moved = row.synchronizations.filter(problem="").exclude(subtype="accountDetails").last()
    return moved is None or moved.subtype == UNSETTLED


def _named(row: SharedAccount) -> Callable[[Entry], str]:
    return lambda entry: sharing.stable_id("transaction", row.account_id, entry.id)


def _shown(call: Call, row: SharedAccount) -> Callable[[Entry], dict[str, Any]]:
    owner = sharing.of_world(row, now=call.now)
    return lambda entry: render.transaction(entry, row, owner=owner, now=call.now)


def _found(call: Call, synchronization_id: str) -> Synchronization:
    rows = Synchronization.objects.select_related("account").filter(account__organization=call.organization())
    found = rows.filter(synchronization_id=synchronization_id).first()
    if found is None:
        raise errors.not_found("synchronization")
    return found


accounts = answers("/accounts", "organization", GET=_accounts)
account = answers("/accounts/{id}", "organization", GET=_account, DELETE=_give_back)
transactions = answers("/accounts/{id}/transactions", "organization", GET=_transactions)
transaction = answers("/accounts/{id}/transactions/{id}", "organization", GET=_transaction)
pending_transactions = answers("/accounts/{id}/pending-transactions", "organization", GET=_pending)
synchronizations = answers("/synchronizations", "organization", POST=_synchronize)
synchronization = answers("/synchronizations/{id}", "organization", GET=_synchronization)
updated_transactions = answers("/synchronizations/{id}/updated-transactions", "organization", GET=_updated_transactions)
updated_pending = answers("/synchronizations/{id}/updated-pending-transactions", "organization", GET=_updated_pending)
reauthorization_requests = answers("/accounts/{id}/reauthorization-requests", "organization", POST=_reauthorize)
integration = answers("/organizations/{id}/integration", "application", DELETE=_withdraw)
