"""Ends connections at their provider."""

from __future__ import annotations

import logging

from django.db import transaction
from django.utils import timezone

from companies.models import User
from connections.models import Account, Connection
from connections.services import chatter, lifecycle
from connections.services.registrations import client_for
from providers.errors import FeedError

log = logging.getLogger(__name__)
Status = Connection.Status
# Providers that keep a record of a connection after it was ended, until the holder removes it there.
KEEPS_RECORD = frozenset({"saltedge"})


def disconnect(connection: Connection, *, person: User) -> None:
    """Withdraws the permission at the provider, and then here; what was read stays. Raises ``FeedError``, and then
    nothing has changed. No transaction of the database may be open."""
    is_superseded = connection.status == Status.SUPERSEDED
    reference = "" if is_superseded and _is_shared(connection) else _tell(connection)
    with transaction.atomic():
        Connection.objects.filter(pk=connection.pk).update(ended_at=timezone.now(), next_fetch_at=None)
        if is_superseded:
            chatter.write(connection, "ended", person=person, reference=reference)
        else:
            lifecycle.change(connection, Status.REVOKED, why="disconnected", person=person, reference=reference)
        if connection.provider in KEEPS_RECORD:
            chatter.write(connection, "record_stays", action="delete_at_provider", person=person)


def end_superseded(connection: Connection) -> bool:
    """Tells the provider that a newer connection took over; gives whether it is told. A failure is written to the
    chatter once, and the clock tries again. No transaction of the database may be open."""
    if connection.status != Status.SUPERSEDED or connection.ended_at is not None or not connection.reference:
        return connection.ended_at is not None
    try:
        reference = "" if _is_shared(connection) else _tell(connection)
    except FeedError as error:
        log.warning("connection %s was not ended at its provider: %s", connection.pk, error)
        if not connection.chatter.filter(code="error", facts__error=error.code, action=error.action).exists():
            chatter.write_error(connection, error)
        return False
    with transaction.atomic():
        Connection.objects.filter(pk=connection.pk).update(ended_at=timezone.now(), next_fetch_at=None)
        chatter.write(connection, "ended", reference=reference)
    return True


def delete(connection: Connection) -> None:
    """Removes a connection that has ended, with its runs and its chatter. Journals and lines stay as they are.

    Raises ``WrongWay`` for one that still lives.
    """
    if connection.is_live:
        raise lifecycle.WrongWay("a connection that lives is disconnected before it is deleted")
    connection.delete()


def _tell(connection: Connection) -> str:
    client = client_for(connection.company)
    client.revoke(connection.reference or "")
    return client.last_reference


def _is_shared(connection: Connection) -> bool:
    """Whether a live connection sees the very same accounts: there is one permission for both at this provider, and
    ending it would end that one too."""
    mine = connection.accounts.values("identifier")
    live = Connection.objects.live().filter(company=connection.company_id, provider=connection.provider)
    others = Account.objects.filter(connection__in=live.exclude(pk=connection.pk))
    return others.filter(identifier__in=mine).exists()
