"""Whether a connection waits for a person: it has failed, has fallen silent, or its permission ends soon."""

from __future__ import annotations

import datetime as dt

from connections.models import Connection
from connections.services import alarms, reminders


def needs_person(connection: Connection, now: dt.datetime) -> bool:
    """Whether there is anything about it that a person should look at. Asks nobody."""
    return bool(
        connection.status != Connection.Status.CONNECTED
        or connection.error_code
        or alarms.is_silent(connection, now)
        or days_to_renew(connection, now) is not None
    )


def days_to_renew(connection: Connection, now: dt.datetime) -> int | None:
    """Days left of a permission that can be renewed now; None where none can."""
    is_soon = connection.is_live and reminders.stage(connection, now) is not None
    return reminders.days_left(connection, now) if is_soon else None
