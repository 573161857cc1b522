"""Routes of what was read: accounts and transactions; and of the directory of banks."""

from __future__ import annotations

from functools import partial
from typing import Any

from sandbox.saltedge import banks, connections, errors, render, rows
from sandbox.saltedge.errors import SaltEdgeError
from sandbox.saltedge.models import Mark
from sandbox.saltedge.requests import Duplicates
from sandbox.saltedge.rows import Kind, Row, Seen
from sandbox.saltedge.wire import Call

MOST_IDS = 100


def providers(call: Call) -> dict[str, Any]:
    """The directory, as far as it is asked for."""
    country = call.query.get("country_code", "")
    with_sandboxes = call.query.get("include_sandboxes") == "true" or country == banks.SANDBOX_COUNTRY
    found = [
        bank
        for bank in banks.directory()
        if (with_sandboxes or bank.country != banks.SANDBOX_COUNTRY) and country in ("", bank.country)
    ]
    with_ais_fields = call.query.get("include_ais_fields") == "true"
    told = partial(render.provider, with_ais_fields=with_ais_fields)
    return call.page(found, ids=[bank.number for bank in found], render=told)


def provider(call: Call, code: str) -> dict[str, Any]:
    with_ais_fields = call.query.get("include_ais_fields") == "true"
    return {"data": render.provider(banks.of_code(code), with_ais_fields=with_ais_fields)}


def accounts(call: Call) -> dict[str, Any]:
    row = connections.find(call.query.get("connection_id", ""))
    at = connections.read_at(row, now=call.now) or row.linked_at

    def told(seen: Seen) -> dict[str, Any]:
        return render.account(seen.number, seen.owner, connection_id=row.connection_id, at=at, is_closed=seen.is_closed)

    found = rows.accounts_of(row, now=call.now)
    return call.page(found, ids=[seen.number for seen in found], render=told)


def transactions(call: Call) -> dict[str, Any]:
    """Posted ones, or with ``pending`` or ``duplicated`` only those."""
    row = connections.find(call.query.get("connection_id", ""))
    seen = rows.account(row, call.query.get("account_id", ""), now=call.now)
    kind = _kind(call)

    def told(one: Row) -> dict[str, Any]:
        return render.transaction(
            one.entry,
            seen.owner,
            number=one.number,
            account_id=seen.number,
            is_pending=kind == "pending",
            is_duplicated=kind == "duplicated",
        )

    found = rows.transactions(row, seen, kind=kind, now=call.now)
    return call.page(found, ids=[one.number for one in found], render=told)


def mark(call: Call) -> dict[str, Any]:
    """Says that transactions are duplicates, or that they are none."""
    asked = call.data(Duplicates)
    row = connections.find(asked.connection_id)
    if len(asked.transaction_ids) > MOST_IDS:
        raise SaltEdgeError("BatchSizeLimitExceeded", f"At most {MOST_IDS} transaction ids can be sent.")
    known = {
        one.number
        for seen in rows.accounts_of(row, now=call.now)
        for kind in (rows.POSTED, rows.DUPLICATED)
        for one in rows.transactions(row, seen, kind=kind, now=call.now)
    }
    for number in asked.transaction_ids:
        if number not in known:
            raise errors.not_found("Transaction", number)
        values = {"is_duplicated": asked.duplicate, "marked_at": call.now}
        Mark.objects.update_or_create(connection=row, transaction_id=number, defaults=values)
    return {"data": {"duplicated": asked.duplicate, "transaction_ids": asked.transaction_ids}}


def _kind(call: Call) -> Kind:
    if call.query.get("pending") == "true":
        return rows.PENDING
    return rows.DUPLICATED if call.query.get("duplicated") == "true" else rows.POSTED
