"""What a mail about connections says, and whether it is still true."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.urls import reverse

from connections.models import Connection, Notice
from connections.services import alarms, reminders, renewals

Kind = Notice.Kind


def is_true(notice: Notice, now: dt.datetime) -> bool:
    """Whether what was written down still holds: a mail that left late must not frighten anybody."""
    connection = notice.connection
    if notice.kind == Kind.SILENCE:
        return alarms.is_silent(connection, now)
    if notice.kind == Kind.RECOVERY:
        return connection.is_live and not alarms.is_silent(connection, now)
    return connection.is_live and reminders.occasion(connection, now) == notice.occasion


def of(notices: list[Notice], now: dt.datetime) -> tuple[str, dict[str, Any]]:
    """The template's name and what it is filled with; the notices are of one person, company and kind."""
    rows = [_ROWS[Kind(notice.kind)](notice, now) for notice in notices]
    return notices[0].kind, {"company": notices[0].connection.company, "person": notices[0].person, "rows": rows}


def _silence(notice: Notice, now: dt.datetime) -> dict[str, Any]:
    connection = notice.connection
    return {**_common(connection), "since": alarms.heard_at(connection), "was_fetched": connection.last_success_at}


def _recovery(notice: Notice, now: dt.datetime) -> dict[str, Any]:
    return {**_common(notice.connection), "at": notice.connection.last_success_at}


def _consent(notice: Notice, now: dt.datetime) -> dict[str, Any]:
    connection = notice.connection
    link = renewals.make_link(connection, notice.person, now)
    return {
        **_common(connection),
        "ends": connection.consent_expires_at,
        "days": reminders.days_left(connection, now),
        "link": reverse("renew", args=[link]),
    }


def _common(connection: Connection) -> dict[str, Any]:
    return {
        "bank": connection.institution.name,
        "connection": connection,
        "page": reverse("connection", args=[connection.pk]),
    }


_ROWS: dict[str, Callable[[Notice, dt.datetime], dict[str, Any]]] = {
    Kind.SILENCE: _silence,
    Kind.RECOVERY: _recovery,
    Kind.CONSENT: _consent,
}
