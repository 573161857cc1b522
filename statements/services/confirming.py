"""Confirming a statement: a person has looked at what it says, and is shown what changed since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.models import User
from statements.models import RemovedLine, Statement, StatementLine, StatementVersion
from statements.refusal import Refused
from statements.services import lines


@dataclass(frozen=True)
class Changes:
    """What a confirmed statement said then (``confirmed``), and what came and went in its period since."""

    confirmed: StatementVersion | None
    came: Sequence[StatementLine]
    went: Sequence[RemovedLine]


@transaction.atomic
def confirm(statement: Statement, *, version: int, person: User) -> Statement:
    """Confirms what the statement says; ``version`` is the one that was looked at.

    Raises ``Refused`` when it says something else by now.
    """
    row = _held(statement)
    if row.version != version:
        raise Refused(_("The statement has changed while you looked at it. Look again, then confirm."))
    row.confirmed_version, row.confirmed_at, row.confirmed_by = version, timezone.now(), person
    row.save(update_fields=["confirmed_version", "confirmed_at", "confirmed_by"])
    return row


@transaction.atomic
def withdraw(statement: Statement) -> Statement:
    """Takes a confirmation back."""
    row = _held(statement)
    row.confirmed_version = row.confirmed_at = row.confirmed_by = None
    row.save(update_fields=["confirmed_version", "confirmed_at", "confirmed_by"])
    return row


def changes(statement: Statement) -> Changes | None:
    """What changed since a person confirmed the statement; None for one that says the same, or is not confirmed."""
    if statement.confirmed_version in (None, statement.version):
        return None
    since = statement.confirmed_at
    period = Q(booking_date__gte=statement.first_day, booking_date__lte=statement.last_day)
    went = RemovedLine.objects.filter(period, journal=statement.journal_id, removed_at__gt=since)
    return Changes(
        confirmed=statement.versions.filter(version=statement.confirmed_version).first(),
        came=list(_came(statement, since).order_by("booking_date", "pk").defer("raw")),
        went=list(went.order_by("booking_date", "pk")),
    )


def _came(statement: Statement, since: dt.datetime | None) -> QuerySet[StatementLine]:
    """Lines that are in the books since a moment: of a fetch, of a file, or by a person's word."""
    by_fetch = Q(created_at__isnull=True, run__started_at__gt=since)
    by_file = Q(created_at__isnull=True, import_file__imported_at__gt=since)
    return statement.lines.filter(by_fetch | by_file | Q(created_at__gt=since))


def _held(statement: Statement) -> Statement:
    lines.hold(statement.journal_id)
    return Statement.objects.get(pk=statement.pk)
