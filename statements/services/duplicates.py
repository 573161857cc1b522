"""Find Duplicate Transactions: lines that look like one, and what a person says of them.

Two lines of one journal never share a provider's id: the database does not let them. What is left are lines with the
same currency, amount, counterparty's account number and day, and those that the provider itself calls duplicates.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet, Window
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from companies.models import User
from statements.models import GenuineTwins, Journal, RemovedLine, StatementLine
from statements.refusal import Refused
from statements.services import lines

_ALIKE = ("currency", "amount", "counterparty_account", "day")


@dataclass(frozen=True)
class Group:
    """Lines that look like one, the first one first. ``key`` names what they have in common."""

    key: str
    lines: Sequence[StatementLine]

    @property
    def first(self) -> StatementLine:
        return self.lines[0]


@dataclass(frozen=True)
class Duplicates:
    """What looks like a duplicate, newest day first; ``flagged`` are single lines that the provider calls one."""

    groups: Sequence[Group]
    flagged: Sequence[StatementLine]


def find(journal: Journal, *, since: dt.date) -> Duplicates:
    """What looks like a duplicate from a day on, without those that a person called real ones."""
    found = (
        _alike(journal)
        .filter(Q(number__gt=1, day__gte=since))
        .order_by(F("day").desc(), *_ALIKE[:3], "pk")
        .defer("raw")
    )
    genuine = dict(GenuineTwins.objects.filter(journal=journal).values_list("key", "count"))
    groups = [Group(key, list(members)) for key, members in groupby(found, key=key_of)]
    flagged = journal.lines.filter(is_flagged_duplicate=True, booking_date__gte=since).newest_first().defer("raw")
    return Duplicates(
        groups=[group for group in groups if len(group.lines) > genuine.get(group.key, 1)],
        flagged=list(flagged),
    )


@transaction.atomic
def keep(journal: Journal, key: str, *, person: User) -> GenuineTwins:
    """Remembers that the lines of this key are all real ones; they are asked about again when there are more.

    Raises ``Refused`` when there is no such group.
    """
    journal = lines.hold(journal.pk)
    try:
        currency, _units, account_number, day = key.split("|", maxsplit=3)
        alike = _alike(journal).filter(
            Q(currency=currency, counterparty_account=account_number, day=dt.date.fromisoformat(day))
        )
        count = sum(1 for line in alike if key_of(line) == key)
    except ValueError:
        count = 0
    if count < 2:
        raise Refused(_("These lines are no longer there: look again."))
    decided, _made = GenuineTwins.objects.update_or_create(
        journal=journal, key=key, defaults={"count": count, "decided_by": person}
    )
    return decided


@transaction.atomic
def keep_flagged(journal: Journal, line_id: int) -> None:
    """Says that a line which the provider calls a duplicate is a real one. Raises ``Refused`` when it is gone."""
    if not journal.lines.filter(pk=line_id, is_flagged_duplicate=True).update(is_flagged_duplicate=False):
        raise Refused(_("This line is no longer there: look again."))


@transaction.atomic
def delete(journal: Journal, line_ids: Sequence[int], *, person: User) -> int:
    """Takes lines out as duplicates, for good; gives how many.

    At least one of each group stays, except of what the provider itself calls a duplicate. Raises ``Refused``.
    """
    journal = lines.hold(journal.pk)
    chosen = list(journal.lines.filter(pk__in=line_ids))
    if not chosen or len(chosen) != len(set(line_ids)):
        raise Refused(_("Choose the lines to delete; one that was chosen may be gone already."))
    alike = _alike(journal).filter(Q(day__in={line.original_date or line.booking_date for line in chosen}))
    there = Counter(key_of(line) for line in alike.defer("raw"))
    there.subtract(key_of(line) for line in chosen)
    if any(not there[key_of(line)] and not line.is_flagged_duplicate for line in chosen):
        raise Refused(_("One of the lines must stay: delete only the others."))
    mine = StatementLine.objects.filter(pk__in=[line.pk for line in chosen])
    return lines.take_out(journal, mine, reason=RemovedLine.Reason.DUPLICATE, person=person)


def key_of(line: StatementLine) -> str:
    """What makes lines look like one, in one text: currency, amount, the other side's account number, day."""
    day = line.original_date or line.booking_date
    return f"{line.currency}|{line.amount}|{line.counterparty_account}|{day.isoformat()}"


def _alike(journal: Journal) -> QuerySet[StatementLine]:
    """The journal's lines, each with its ``day`` at the bank and the ``number`` of lines like it."""
    with_day = StatementLine.objects.filter(journal=journal).annotate(day=Coalesce("original_date", "booking_date"))
    return with_day.annotate(number=Window(Count("pk"), partition_by=[F(name) for name in _ALIKE]))
