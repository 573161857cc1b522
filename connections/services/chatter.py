"""Writes the log on a connection."""

from __future__ import annotations

from typing import Any

from companies.models import User
from connections.models import ChatterEntry, Connection
from providers.errors import FeedError


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


def write_error(connection: Connection, error: FeedError, *, person: User | None = None) -> ChatterEntry:
    """One entry for a failure: the sentence, the provider's own words, the reference and the next step."""
    provider = error.provider
    return write(
        connection,
        "error",
        person=person,
        reference=error.reference,
        action=error.action,
        error=error.code,
        message=error.message,
        provider_code=provider.code if provider else "",
        provider_message=provider.message if provider else "",
    )


def add_note(connection: Connection, person: User, *, text: str) -> ChatterEntry:
    """A note by a person."""
    return ChatterEntry.objects.create(connection=connection, code="note", text=text, person=person)
