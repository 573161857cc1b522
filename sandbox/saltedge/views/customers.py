"""Routes of customers."""

from __future__ import annotations

from typing import Any

from sandbox.saltedge import callbacks, errors, numbers, render
from sandbox.saltedge.models import Customer
from sandbox.saltedge.requests import CustomerCreate
from sandbox.saltedge.wire import Call


def create(call: Call) -> dict[str, Any]:
    identifier = call.data(CustomerCreate).identifier
    made, is_new = Customer.objects.get_or_create(
        identifier=identifier, defaults={"customer_id": numbers.new("2", call.now), "created_at": call.now}
    )
    if not is_new:
        raise errors.duplicated_customer(identifier)
    return {"data": render.customer(made)}


def listed(call: Call) -> dict[str, Any]:
    """All of them: a filter by the identifier is not heeded."""
    rows = sorted(Customer.objects.all(), key=lambda row: numbers.order(row.customer_id))
    return call.page(rows, ids=[row.customer_id for row in rows], render=render.customer)


def show(call: Call, customer_id: str) -> dict[str, Any]:
    return {"data": render.customer(find(customer_id))}


def remove(call: Call, customer_id: str) -> dict[str, Any]:
    """All that the customer has goes with it."""
    row = find(customer_id)
    for connection in row.connections.select_related("customer"):
        callbacks.destroyed(connection, now=call.now)
    row.delete()
    return {"data": {"deleted": True, "customer_id": customer_id}}


def find(customer_id: str) -> Customer:
    """The customer with this id. Raises ``CustomerNotFound``."""
    found = Customer.objects.filter(customer_id=customer_id).first()
    if found is None:
        raise errors.not_found("Customer", customer_id)
    return found
