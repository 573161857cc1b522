"""Regrouping: the lines of a journal in statements of another kind of period, looked at before it is done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import Max, Min, OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from statements.models import Journal, Statement, StatementVersion, SyncRun
from statements.periods import DAY, Period, periods_between
from statements.refusal import Refused
from statements.services import balances, lines, proofs

ZERO = Decimal(0)


@dataclass(frozen=True)
class Plan:
    """What regrouping comes to: so many statements now, so many then, and which confirmed ones would be gone."""

    kind: str
    before: int
    after: int
    kept: int
    confirmed: Sequence[Statement]


def plan(journal: Journal, kind: str) -> Plan:
    """What statements of this kind (``Journal.Period``) would look like. Raises ``Refused`` for an unknown kind."""
    now = list(journal.statements.all())
    then = set(_periods(journal, kind))
    kept = [statement for statement in now if _period(statement) in then]
    confirmed = [one for one in now if one.confirmed_version is not None and one not in kept]
    return Plan(kind=kind, before=len(now), after=len(then), kept=len(kept), confirmed=confirmed)


@transaction.atomic
def regroup(journal: Journal, kind: str) -> Plan:
    """Gives the journal statements of another kind; lines and balances stay what they are. Gives what was done.

    Statements whose period stays keep their versions and confirmation; the others begin anew. Raises ``Refused`` for
    an unknown kind.
    """
    held = lines.hold(journal.pk)
    done = plan(held, kind)
    wanted = {period.first_day: period for period in _periods(held, kind)}
    now = list(held.statements.all())
    bank_closings = {one.last_day: one.bank_closing for one in now if one.bank_closing is not None}
    gone = [one.pk for one in now if one.first_day not in wanted]
    fresh = _changed(held, now, wanted)
    told = [(one.bank_balance_day, one.bank_balance, one.our_balance) for one in reversed(now) if one.bank_balance_day]
    for statement in fresh:
        _keep_what_the_bank_said(statement, bank_closings, told)
    _store(fresh)
    covering = Statement.objects.filter(
        journal=held, first_day__lte=OuterRef("booking_date"), last_day__gte=OuterRef("booking_date")
    )
    held.lines.update(statement=Subquery(covering.exclude(pk__in=gone).values("pk")[:1]))
    Statement.objects.filter(pk__in=gone).delete()
    held.period = kind
    held.save(update_fields=["period"])
    balances.rechain(held, touched=[_period(statement) for statement in fresh])
    proofs.mark(held)
    return done


def _keep_what_the_bank_said(
    statement: Statement,
    closings: dict[dt.date, Decimal],
    told: Sequence[tuple[dt.date, Decimal | None, Decimal | None]],
) -> None:
    """The closing balance of its last day, and the last balance of a day within it (``told``, earliest first)."""
    statement.bank_closing = closings.get(statement.last_day)
    statement.bank_balance_day = statement.bank_balance = statement.our_balance = None
    for day, bank, ours in told:
        if statement.covers(day):
            statement.bank_balance_day, statement.bank_balance, statement.our_balance = day, bank, ours


def _changed(journal: Journal, now: Sequence[Statement], wanted: dict[dt.date, Period]) -> list[Statement]:
    """The statements that are new, and those that keep their first day and end on another."""
    there = {one.first_day: one for one in now}
    changed = []
    for first_day, period in wanted.items():
        statement = there.get(first_day) or Statement(journal=journal, first_day=first_day)
        if statement.pk is None or statement.last_day != period.last_day:
            statement.last_day = period.last_day
            changed.append(statement)
    return changed


def _store(statements: Sequence[Statement]) -> None:
    """They say nothing yet: what they say is added up afterwards, as their first version."""
    for one in statements:
        one.opening = one.total_in = one.total_out = one.closing = ZERO
        one.line_count, one.version, one.proven_on = 0, 1, None
        one.confirmed_version = one.confirmed_at = one.confirmed_by = None
    reused = [one for one in statements if one.pk is not None]
    StatementVersion.objects.filter(statement__in=reused).delete()
    Statement.objects.bulk_update(reused, [field.name for field in Statement._meta.fields if field.name not in _FIXED])
    Statement.objects.bulk_create(one for one in statements if one.pk is None)


_FIXED = {"id", "journal", "first_day"}


def _periods(journal: Journal, kind: str) -> list[Period]:
    """The periods of this kind from the first line to the last, without a hole."""
    if kind not in Journal.Period.values:
        raise Refused(_("Choose one of the periods."))
    days = journal.lines.aggregate(first=Min("booking_date"), last=Max("booking_date"))
    if days["first"] is None:
        return []
    if kind == Journal.Period.FETCH:
        return _fetches(journal, days["first"], days["last"])
    return list(periods_between(days["first"], days["last"], kind=kind))


def _fetches(journal: Journal, first_day: dt.date, last_day: dt.date) -> list[Period]:
    """One per fetch that booked something: from the day after the one before to the day of the fetch."""
    runs = SyncRun.objects.filter(pk__in=journal.lines.order_by().values("run"))
    ends = {timezone.localdate(moment) for moment in runs.values_list("started_at", flat=True)}
    ordered = sorted({end for end in ends if first_day <= end < last_day} | {max({last_day, *ends})})
    starts = [first_day, *(end + DAY for end in ordered[:-1])]
    return [Period(*pair) for pair in zip(starts, ordered, strict=True)]


def _period(statement: Statement) -> Period:
    return Period(statement.first_day, statement.last_day)
