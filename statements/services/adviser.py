"""From which day on an account is read into a journal, and why that day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from companies.models import Company
from connections.models import Institution
from foundation.money import MoneyField
from statements.models import Journal, Statement, StatementLine

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Advice:
    """What the first day follows from, and the day itself; None where nothing limits it.

    ``earliest`` is the first day this bank can give. ``because`` names what decided: ``last_booked``, ``lock_date``,
    ``chosen``, ``earliest``, or ``everything`` when all the bank has is read. ``opening`` is what the journal closes
    with so far; None: it follows from the bank's own balance at the first fetch.
    """

    last_booked: dt.date | None
    lock_date: dt.date | None
    earliest: dt.date | None
    first_day: dt.date | None
    because: str
    opening: Decimal | None


def advise(
    company: Company,
    institution: Institution,
    *,
    journals: Sequence[Journal | None],
    chosen: Sequence[dt.date | None],
) -> list[Advice]:
    """The advice for each of these journals (None: a new one) with the day chosen for it; one query for all."""
    facts = _facts([journal for journal in journals if journal is not None])
    earliest = earliest_of(institution)
    return [
        _advice(company, earliest, *facts.get(journal.pk if journal else 0, (None, None)), chosen=day)
        for journal, day in zip(journals, chosen, strict=True)
    ]


def first_day_of(journal: Journal, chosen: dt.date | None) -> dt.date | None:
    """The latest of: the day after the last line, the day after the lock date, the chosen day. None: all there is."""
    last = (
        journal.lines.order_by("-booking_date").values_list("booking_date", flat=True).first() if journal.pk else None
    )
    return _latest(last, journal.company.lock_date, chosen)[0]


def earliest_of(institution: Institution) -> dt.date | None:
    """The first day that this bank can give today, if the provider says how far back it reads."""
    days = institution.history_days
    return timezone.localdate() - dt.timedelta(days=days) if days else None


def _advice(
    company: Company,
    earliest: dt.date | None,
    last_booked: dt.date | None,
    opening: Decimal | None,
    *,
    chosen: dt.date | None,
) -> Advice:
    first_day, because = _latest(last_booked, company.lock_date, chosen)
    if earliest and (first_day is None or first_day <= earliest):
        first_day, because = earliest, "earliest"
    return Advice(
        last_booked=last_booked,
        lock_date=company.lock_date,
        earliest=earliest,
        first_day=first_day,
        because=because,
        opening=opening,
    )


def _latest(
    last_booked: dt.date | None, lock_date: dt.date | None, chosen: dt.date | None
) -> tuple[dt.date | None, str]:
    days = {
        "last_booked": last_booked and last_booked + DAY,
        "lock_date": lock_date and lock_date + DAY,
        "chosen": chosen,
    }
    known = [(day, why) for why, day in days.items() if day]
    return max(known, key=lambda one: one[0]) if known else (None, "everything")


def _facts(journals: Sequence[Journal]) -> dict[int, tuple[dt.date | None, Decimal | None]]:
    """By journal: the day of its last line, and what it closes with."""
    line = StatementLine.objects.filter(journal=OuterRef("pk")).order_by("-booking_date").values("booking_date")[:1]
    closing = Statement.objects.filter(journal=OuterRef("pk")).order_by("-first_day").values("closing")[:1]
    rows = Journal.objects.filter(pk__in=[journal.pk for journal in journals]).annotate(
        last_booked=Subquery(line), closing=Subquery(closing, output_field=MoneyField())
    )
    return {
        pk: (last_booked, closing if opening is not None else None)
        for pk, last_booked, closing, opening in rows.values_list("pk", "last_booked", "closing", "opening_balance")
    }
