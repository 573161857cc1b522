"""The states of a connection: every change is made here, and is written to the chatter with who and why."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from companies.models import User
from connections.models import Connection
from connections.services import chatter, schedule
from providers.errors import ClientRefused, FeedError

Status = Connection.Status

# From where to where a connection can go.
_WAYS: dict[str, set[str]] = {
    Status.DRAFT: {Status.CONNECTED},
    Status.CONNECTED: {Status.ACTION_REQUIRED, Status.DISCONNECTED, Status.REVOKED, Status.SUPERSEDED},
    Status.ACTION_REQUIRED: {Status.CONNECTED, Status.DISCONNECTED, Status.REVOKED, Status.SUPERSEDED},
    Status.DISCONNECTED: {Status.CONNECTED, Status.REVOKED, Status.SUPERSEDED},
    Status.REVOKED: {Status.SUPERSEDED},
    Status.SUPERSEDED: set(),
    Status.LEGACY: {Status.SUPERSEDED},
}

# The next steps that need a person, and the state in which the connection waits for one.
_WAITS_IN: dict[str, str] = {
    "update_credentials": Status.ACTION_REQUIRED,
    "user_present": Status.CONNECTED,
    "reconnect": Status.DISCONNECTED,
}
# The next steps after which the clock would only fail again and again.
_NOT_BY_CLOCK = frozenset({"user_present", "disable_auto_sync"})


class WrongWay(Exception):
    """A connection cannot go from the state it is in to the one asked for."""


@transaction.atomic
def change(connection: Connection, status: str, *, why: str, person: User | None = None, reference: str = "") -> bool:
    """Moves a connection to another state; gives whether it was not there already.

    ``why`` is a code worded in ``connections.wording``. Raises ``WrongWay``.
    """
    row = Connection.objects.locked().get(pk=connection.pk)
    connection.status = row.status
    if row.status == status:
        return False
    if status not in _WAYS[row.status]:
        raise WrongWay(f"a connection does not go from {row.status} to {status}")
    Connection.objects.filter(pk=row.pk).update(status=status)
    connection.status = status
    chatter.write(connection, "state", person=person, reference=reference, state=status, before=row.status, why=why)
    return True


@transaction.atomic
def note_failure(connection: Connection, error: FeedError, *, is_attended: bool = False) -> None:
    """Remembers a failure as the one that stands, and moves to the state in which a person is asked.

    What the proxy refuses for the whole company is no failure of this connection: it goes to the chatter alone. What
    the clock could only meet again and again takes the connection off it, and asks for automatic synchronization to be
    switched off; to a person who was there (``is_attended``) a bank that wants somebody there offers its own step.
    """
    if isinstance(error, ClientRefused):
        chatter.write_error(connection, error)
        return
    Connection.objects.filter(pk=connection.pk).update(
        error_code=error.code,
        error_message=error.message,
        error_action=error.action,
        error_reference=error.reference,
    )
    is_not_for_the_clock = error.action in _NOT_BY_CLOCK
    asks_for = "disable_auto_sync" if is_not_for_the_clock and not is_attended else error.action
    chatter.write_error(connection, error, action=asks_for)
    target = _WAITS_IN.get(error.action)
    now = Connection.objects.values_list("status", flat=True).get(pk=connection.pk)
    if target and target in _WAYS[now]:
        change(connection, target, why=error.code, reference=error.reference)
    if is_not_for_the_clock:
        schedule.leave_to_people(connection, timezone.now())


@transaction.atomic
def note_success(connection: Connection, *, why: str = "works_again", person: User | None = None) -> None:
    """Clears the failure that stood; a connection that waited for a person works again."""
    Connection.objects.filter(pk=connection.pk).update(
        error_code="", error_message="", error_action="", error_reference=""
    )
    now = Connection.objects.values_list("status", flat=True).get(pk=connection.pk)
    if now in {Status.ACTION_REQUIRED, Status.DISCONNECTED}:
        change(connection, Status.CONNECTED, why=why, person=person)
