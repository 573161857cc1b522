"""Writes the log on a connection."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from companies.models import User
from connections.models import ChatterEntry, Connection
from providers.errors import FeedError

# What the chatter can be filtered by. What is in none of these is shown with the states.
KINDS = {
    "runs": ("run", "run_abandoned", "fetch_undone", "fetch_brought_back", "missing_imported"),
    "errors": ("error",),
    "notes": ("note",),
}


def entries(connection: Connection, kind: str = "") -> QuerySet[ChatterEntry]:
    """A connection's chatter, newest first: all of it, or one of ``KINDS``, or the "states"."""
    found = ChatterEntry.objects.filter(connection=connection).select_related("person")
    if kind == "states":
        return found.exclude(code__in=[code for codes in KINDS.values() for code in codes])
    return found.filter(code__in=KINDS[kind]) if kind in KINDS else found


def write(
    connection: Connection,
    code: str,
    *,
    person: User | None = None,
    reference: str = "",
    action: str = "",
    **facts: Any,
) -> ChatterEntry:
    """One entry: what happened (``code``, worded in ``connections.wording``) with its facts. Facts hold no secret."""
    return ChatterEntry.objects.create(
        connection=connection, code=code, facts=facts, person=person, reference=reference, action=action
    )


def write_error(
    connection: Connection, error: FeedError, *, person: User | None = None, action: str = ""
) -> ChatterEntry:
    """One entry for a failure: the sentence, the provider's own words, the reference and the next step.

    ``action`` is another next step than the error's own.
    """
    provider = error.provider
    return write(
        connection,
        "error",
        person=person,
        reference=error.reference,
        action=action or error.action,
        error=error.code,
        message=error.message,
        retry_at=error.retry_at.isoformat() if error.retry_at else "",
        provider_code=provider.code if provider else "",
        provider_message=provider.message if provider else "",
    )


def add_note(connection: Connection, person: User, *, text: str) -> ChatterEntry:
    """A note by a person."""
    return ChatterEntry.objects.create(connection=connection, code="note", text=text, person=person)
