"""Routes of connections and their consents: the widget opened, the bank read anew, all of it ended."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.urls import reverse

from sandbox.saltedge import callbacks, connections, errors, numbers, render, sessions
from sandbox.saltedge.errors import SaltEdgeError
from sandbox.saltedge.models import Consent, Session
from sandbox.saltedge.requests import Connect, ConnectionUpdate, Reconnect, Refresh
from sandbox.saltedge.views import customers
from sandbox.saltedge.wire import Call


def connect(call: Call) -> dict[str, Any]:
    asked = call.data(Connect)
    customer = customers.find(asked.customer_id)
    session = sessions.open_widget(asked, customer=customer, connection=None, code=asked.provider.code, now=call.now)
    return {"data": _opened(call, session)}


def reconnect(call: Call, connection_id: str) -> dict[str, Any]:
    row = connections.find(connection_id)
    if row.disabled_at is not None:
        raise errors.disabled(connection_id)
    asked = call.data(Reconnect)
    session = sessions.open_widget(asked, customer=row.customer, connection=row, code=row.provider_code, now=call.now)
    return {"data": _opened(call, session)}


def refresh(call: Call, connection_id: str) -> dict[str, Any]:
    """Reads the bank; where it wants the holder for that, a widget is opened instead."""
    row, asked = connections.find(connection_id), call.data(Refresh)
    attempt = connections.refresh(row, asked.attempt, now=call.now, user_present=True)
    if attempt is not None:
        callbacks.reading(row, now=call.now)
        return {"data": render.connection(row, now=call.now)}
    last = row.consents.last()
    first_day = last.from_date if last else call.now.date()
    again = call.data(Refresh).attempt
    wanted = {"consent": {"scopes": ["accounts", "transactions"], "from_date": first_day}, "attempt": again}
    session = sessions.open_widget(
        call._replace(sent={"data": wanted}).data(Reconnect),
        customer=row.customer,
        connection=row,
        code=row.provider_code,
        now=call.now,
    )
    return {"data": _opened(call, session)}


def background_refresh(call: Call, connection_id: str) -> dict[str, Any]:
    """Reads the bank while nobody is there."""
    row, asked = connections.find(connection_id), call.data(Refresh)
    connections.refresh(row, asked.attempt, now=call.now, user_present=False)
    callbacks.reading(row, now=call.now)
    return {"data": render.connection(row, now=call.now)}


def listed(call: Call) -> dict[str, Any]:
    customer = customers.find(_wanted(call, "customer_id"))
    rows = sorted(customer.connections.all(), key=lambda row: numbers.order(row.connection_id))
    ids = [row.connection_id for row in rows]
    return call.page(rows, ids=ids, render=partial(render.connection, now=call.now))


def show(call: Call, connection_id: str) -> dict[str, Any]:
    return {"data": render.connection(connections.find(connection_id), now=call.now)}


def update(call: Call, connection_id: str) -> dict[str, Any]:
    row, asked = connections.find(connection_id), call.data(ConnectionUpdate)
    if asked.status is not None:
        row.is_refused = asked.status == "inactive"
        row.disabled_at = call.now if asked.status == "disabled" else None
    if asked.automatic_refresh is not None:
        row.automatic_refresh = asked.automatic_refresh
    row.save()
    return {"data": render.connection(row, now=call.now)}


def remove(call: Call, connection_id: str) -> dict[str, Any]:
    row = connections.find(connection_id)
    callbacks.destroyed(row, now=call.now)
    row.delete()
    return {"data": {"id": connection_id, "removed": True}}


def consents(call: Call) -> dict[str, Any]:
    """Those of a connection or of a customer."""
    number = call.query.get("connection_id", "")
    if number:
        found = connections.find(number).consents.all()
    else:
        customer = customers.find(_wanted(call, "customer_id"))
        found = Consent.objects.filter(connection__customer=customer)
    rows = sorted(found.select_related("connection__customer"), key=lambda row: numbers.order(row.consent_id))
    return call.page(rows, ids=[row.consent_id for row in rows], render=partial(render.consent, now=call.now))


def consent(call: Call, consent_id: str) -> dict[str, Any]:
    return {"data": render.consent(_consent(consent_id), now=call.now)}


def revoke(call: Call, consent_id: str) -> dict[str, Any]:
    """The connection stays, and cannot be read."""
    row = _consent(consent_id)
    if row.status(call.now) == "revoked":
        raise SaltEdgeError("AispConsentAlreadyRevoked", "The consent was already revoked.")
    row.revoked_at, row.revoke_reason = call.now, "client"
    row.save(update_fields=["revoked_at", "revoke_reason"])
    return {"data": render.consent(row, now=call.now)}


def _consent(consent_id: str) -> Consent:
    found = Consent.objects.select_related("connection__customer").filter(consent_id=consent_id).first()
    if found is None:
        raise errors.not_found("AispConsent", consent_id)
    return found


def _wanted(call: Call, name: str) -> str:
    value = call.query.get(name, "")
    if not value:
        raise errors.wrong_format(f"{name} parameter must be filled.")
    return value


def _opened(call: Call, session: Session) -> dict[str, Any]:
    return {
        "expires_at": render.moment(session.expires_at),
        "connect_url": f"{call.base_url}{reverse('saltedge:connect')}?token={session.token}",
        "customer_id": session.customer.customer_id,
    }
