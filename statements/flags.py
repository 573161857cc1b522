"""Whether a statement proves itself: complete against what the bank says, valid against the statement before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from foundation.money import MoneyField
from statements.models import Statement
from statements.periods import Period
from statements.services import proven


class Evidence(StrEnum):
    """What it rests on that a statement is complete, is not, or that nobody can tell."""

    # The bank gave a closing balance for the period's last day.
    CLOSING = "closing"
    # A later balance of the bank, from which the period was read back without a hole.
    BALANCE = "balance"
    # Some of its days were not read.
    GAP = "gap"
    # Some of its days lie before everything that was read from the bank: they came by file or by hand.
    NOT_READ = "not_read"
    # What was read in between has a hole, so that no balance after it reaches back.
    BEHIND_GAP = "behind_gap"
    # The bank's last balance is older than the period.
    NOT_YET = "not_yet"
    # Nothing of the bank's to compare with.
    NOTHING = "nothing"


@dataclass(frozen=True)
class Flags:
    """``complete``: opening and lines make what the bank says. ``valid``: it opens with what the one before closed with.

    Both are None where there is nothing to compare with. ``evidence`` says on what ``complete`` rests: ``day`` is that
    of the bank's balance, ``difference`` ours less the bank's, ``gap`` the days that were not read.
    """

    complete: bool | None
    valid: bool | None
    evidence: Evidence
    day: dt.date | None = None
    difference: Decimal | None = None
    gap: Period | None = None


Ranges = Mapping[int, Sequence[Period]]


def with_previous(statements: QuerySet[Statement]) -> QuerySet[Statement]:
    """Adds ``previous_closing``, what the statement before closed with, and ``last_closing``, that of the journal."""
    all_of_it = Statement.objects.filter(journal=OuterRef("journal"))
    before = all_of_it.filter(first_day__lt=OuterRef("first_day"))
    return statements.select_related("journal").annotate(
        previous_closing=Subquery(before.order_by("-first_day").values("closing")[:1], output_field=MoneyField()),
        last_closing=Subquery(all_of_it.order_by("-first_day").values("closing")[:1], output_field=MoneyField()),
    )


def ranges_for(statements: Iterable[Statement]) -> Ranges:
    """The days that were read without a hole, by account, of the accounts that feed these statements' journals."""
    return proven.ranges_by_account({one.journal.account_id for one in statements if one.journal.account_id})


def flags_of(statement: Statement, ranges: Ranges) -> Flags:
    """The flags of a statement that was read ``with_previous``. The first one is valid when its opening is known."""
    previous: Decimal | None = statement.previous_closing  # type: ignore[attr-defined]
    is_opening_known = statement.journal.opening_balance is not None
    valid = (True if is_opening_known else None) if previous is None else statement.opening == previous
    if statement.bank_closing is not None:
        difference = statement.closing - statement.bank_closing
        return Flags(not difference, valid, Evidence.CLOSING, day=statement.last_day, difference=difference)
    if statement.proven_on is not None:
        return Flags(True, valid, Evidence.BALANCE, day=statement.proven_on)
    return _unproven(statement, ranges.get(statement.journal.account_id or 0, ()), valid=valid)


def _unproven(statement: Statement, ranges: Sequence[Period], *, valid: bool | None) -> Flags:
    """Why no balance proves it: a hole, a difference, or nothing that reaches it."""
    journal = statement.journal
    if journal.bank_balance is None or journal.bank_balance_at is None or not ranges:
        return Flags(None, valid, Evidence.NOTHING)
    gaps = [gap for gap in proven.between(ranges) if gap.first_day <= statement.last_day]
    inside = [gap for gap in gaps if gap.last_day >= statement.first_day]
    if inside:
        return Flags(False, valid, Evidence.GAP, gap=inside[0])
    if statement.first_day < ranges[0].first_day and (journal.opening_date or dt.date.min) < ranges[0].first_day:
        return Flags(None, valid, Evidence.NOT_READ)
    if statement.last_day < ranges[-1].first_day:
        later = next(gap for gap in proven.between(ranges) if gap.first_day > statement.last_day)
        return Flags(None, valid, Evidence.BEHIND_GAP, gap=later)
    day = timezone.localdate(journal.bank_balance_at)
    if statement.first_day > day:
        return Flags(None, valid, Evidence.NOT_YET, day=day)
    difference = _difference(statement)
    if difference:
        return Flags(False, valid, Evidence.BALANCE, day=day, difference=difference)
    return Flags(None, valid, Evidence.NOTHING)


def _difference(statement: Statement) -> Decimal | None:
    """What the journal's books say today less what the bank said last."""
    last: Decimal | None = statement.last_closing  # type: ignore[attr-defined]
    journal = statement.journal
    if last is None or journal.bank_balance is None or journal.opening_balance is None:
        return None
    return last - journal.bank_balance
