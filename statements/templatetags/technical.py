"""What a person in developer mode sees beside the facts; nobody else does."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context

from connections.models import Connection
from statements import technical
from statements.models import StatementLine, SyncRun

register = template.Library()
PARTIAL = "_partials/technical.html"


@register.inclusion_tag(PARTIAL, takes_context=True)
def technical_of_line(context: Context, line: StatementLine) -> dict[str, Any]:
    """``{% technical_of_line line %}``: its ids, and what the provider sent."""
    return {"technical": technical.of_line(line) if _is_developer(context) else []}


@register.inclusion_tag(PARTIAL, takes_context=True)
def technical_of_connection(context: Context, connection: Connection) -> dict[str, Any]:
    """``{% technical_of_connection connection %}``: its ids, its clock, what its bank can do."""
    if not _is_developer(context):
        return {"technical": []}
    return {"technical": technical.of_connection(connection, connection.accounts.all())}


@register.inclusion_tag(PARTIAL, takes_context=True)
def technical_of_run(context: Context, run: SyncRun) -> dict[str, Any]:
    """``{% technical_of_run run %}``: how it stood, and its references."""
    return {"technical": technical.of_run(run) if _is_developer(context) else []}


def _is_developer(context: Context) -> bool:
    return bool(getattr(context["request"].user, "is_developer", False))
