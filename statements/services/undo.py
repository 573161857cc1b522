"""Undo a fetch: what one run booked and nobody has touched since goes out in one step, and can be asked for again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from companies.models import User
from connections.models import Account
from connections.services import chatter
from statements.models import Journal, ProvenDays, RemovedLine, ReviewItem, StatementLine, SyncRun
from statements.refusal import Refused
from statements.services import lines


@dataclass(frozen=True)
class Part:
    """What undoing a run means for one journal, in lines: those that go out, and those that stay and why.

    ``locked`` lie in the locked period, ``decided`` are the outcome of a decision in Review, ``confirmed`` stand in a
    statement that a person has confirmed.
    """

    journal: Journal
    removable: int
    locked: int
    decided: int
    confirmed: int


def plan(run: SyncRun) -> list[Part]:
    """What undoing this run would take out and leave, journal by journal."""
    journals = Journal.objects.filter(pk__in=run.lines.order_by().values("journal")).select_related("company")
    return [_part(run, journal) for journal in journals]


@transaction.atomic
def undo(run: SyncRun, *, person: User) -> int:
    """Takes the untouched lines of a run out; gives how many. No fetch brings them back unless that is asked for.

    Raises ``Refused`` while the run is under way and when there is nothing to take out.
    """
    if run.is_open:
        raise Refused(_("This fetch is still under way. Undo it when it is over."))
    count = 0
    for journal in _held(run.lines.order_by().values_list("journal", flat=True).distinct()):
        count += lines.take_out(journal, _untouched(run, journal), reason=RemovedLine.Reason.UNDO, person=person)
    if not count:
        raise Refused(_("There is nothing left of this fetch that could be taken out."))
    chatter.write(run.connection, "fetch_undone", person=person, lines=count)
    return count


def remembered(run: SyncRun) -> int:
    """How many lines of this run were taken out by undoing it, and are kept from coming back."""
    return _memories(run).count()


@transaction.atomic
def bring_back(run: SyncRun, *, person: User) -> int:
    """Forgets that lines of this run were taken out, so that the next fetch reads and books them again.

    Gives how many. The bank is then read from the beginning, since it does not tell again what it has told. Raises
    ``Refused`` when there is nothing to bring back.
    """
    journals = _held(_memories(run).order_by().values_list("journal", flat=True).distinct())
    accounts = [journal.account_id for journal in journals if journal.account_id]
    count, _by_model = _memories(run).delete()
    if not count:
        raise Refused(_("Nothing of this fetch is kept from coming back."))
    Account.objects.filter(pk__in=accounts).update(position="")
    ProvenDays.objects.filter(account__in=accounts).delete()
    chatter.write(run.connection, "fetch_brought_back", person=person, lines=count)
    return count


def _held(journal_ids: Iterable[int]) -> list[Journal]:
    """The journals, locked in one order, so that two people never wait for each other."""
    return [lines.hold(journal_id) for journal_id in sorted(journal_ids)]


def _memories(run: SyncRun) -> QuerySet[RemovedLine]:
    return RemovedLine.objects.filter(run=run, reason=RemovedLine.Reason.UNDO)


def _part(run: SyncRun, journal: Journal) -> Part:
    mine = StatementLine.objects.filter(run=run, journal=journal)
    is_open = _is_open(journal)
    counts = mine.aggregate(
        locked=Count("pk", filter=~is_open),
        decided=Count("pk", filter=is_open & _is_decided()),
        confirmed=Count("pk", filter=is_open & ~_is_decided() & _is_confirmed()),
    )
    return Part(journal=journal, removable=_untouched(run, journal).count(), **counts)


def _untouched(run: SyncRun, journal: Journal) -> QuerySet[StatementLine]:
    return StatementLine.objects.filter(_is_open(journal), ~_is_confirmed(), ~_is_decided(), run=run, journal=journal)


def _is_open(journal: Journal) -> Q:
    lock_date = journal.company.lock_date
    return Q(booking_date__gt=lock_date) if lock_date else Q(pk__isnull=False)


def _is_confirmed() -> Q:
    return Q(statement__confirmed_version__isnull=False)


def _is_decided() -> Q:
    return Q(Exists(ReviewItem.objects.filter(line=OuterRef("pk")).exclude(decision="")))
