"""Whether a statement proves itself: complete against what the bank says, valid against the statement before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from django.db.models import BigAutoField, OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy

from companies.models import Company
from companies.templatetags.formats import day, money, period
from foundation.money import MoneyField
from foundation.prepared import Given, Prepared
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
    """``complete``: opening and lines make what the bank says. ``valid``: it opens with what the last one closed with.

    Both are None where there is nothing to compare with. ``evidence`` says on what ``complete`` rests: ``day`` is that
    of the bank's balance, ``difference`` ours less the bank's, ``gap`` the days that were not read. ``is_first``: where
    a balance differs, no earlier period can hold the difference.
    """

    complete: bool | None
    valid: bool | None
    evidence: Evidence
    day: dt.date | None = None
    difference: Decimal | None = None
    gap: Period | None = None
    currency: str = ""
    is_first: bool = False

    @cached_property
    def words(self) -> str:
        """On what ``complete`` rests, in one sentence."""
        days = period(self.gap.first_day, self.gap.last_day) if self.gap else ""
        sentence = _SENTENCES[self.evidence, self.complete is True, self.is_first]
        return str(sentence) % {"day": day(self.day), "days": days, "amount": money(self.difference, self.currency)}


_SENTENCES = {
    (Evidence.CLOSING, True, False): gettext_lazy("Opening and lines make the closing balance that the bank gave."),
    (Evidence.CLOSING, False, False): gettext_lazy(
        "The bank closed with another balance: the books differ by %(amount)s."
    ),
    (Evidence.BALANCE, True, False): gettext_lazy("It agrees with the bank's balance of %(day)s."),
    (Evidence.BALANCE, False, True): gettext_lazy(
        "The books differ from the bank's balance of %(day)s by %(amount)s; this is the first period where it can be."
    ),
    (Evidence.BALANCE, False, False): gettext_lazy(
        "The books differ from the bank's balance of %(day)s by %(amount)s; it can be in this period or before it."
    ),
    (Evidence.GAP, False, False): gettext_lazy("Not read from the bank: %(days)s."),
    (Evidence.NOT_READ, False, False): gettext_lazy("It begins before everything that was read from the bank."),
    (Evidence.BEHIND_GAP, False, False): gettext_lazy(
        "No balance of the bank reaches back to it, because these days were not read: %(days)s."
    ),
    (Evidence.NOT_YET, False, False): gettext_lazy("The bank's last balance is older than this period: %(day)s."),
    (Evidence.NOTHING, False, False): gettext_lazy("The bank gave no balance for this period."),
}
Ranges = Mapping[int, Sequence[Period]]


def with_previous(statements: QuerySet[Statement]) -> QuerySet[Statement]:
    """Adds ``previous_closing`` and ``previous_proof`` of the statement before, and ``last_closing`` of the journal."""
    all_of_it = Statement.objects.filter(journal=OuterRef("journal"))
    before = all_of_it.filter(first_day__lt=OuterRef("first_day"))
    return statements.select_related("journal").annotate(
        previous_closing=Subquery(before.order_by("-first_day").values("closing")[:1], output_field=MoneyField()),
        previous_proof=Subquery(before.order_by("-first_day").values("proven_on")[:1]),
        last_closing=Subquery(all_of_it.order_by("-first_day").values("closing")[:1], output_field=MoneyField()),
    )


def statement_to_show(company: Company, pk: int) -> Statement | None:
    """A statement of this company ``with_previous``; None where there is no such statement."""
    return next(iter(_to_show(company=company.pk, statement=pk)), None)


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
        return Flags(
            not difference,
            valid,
            Evidence.CLOSING,
            day=statement.last_day,
            difference=difference,
            currency=statement.journal.currency,
        )
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
    balance_day = timezone.localdate(journal.bank_balance_at)
    if statement.first_day > balance_day:
        return Flags(None, valid, Evidence.NOT_YET, day=balance_day)
    difference = _difference(statement)
    if not difference:
        return Flags(None, valid, Evidence.NOTHING)
    is_first = statement.previous_closing is None or statement.previous_proof is not None  # type: ignore[attr-defined]
    return Flags(
        False,
        valid,
        Evidence.BALANCE,
        day=balance_day,
        difference=difference,
        currency=journal.currency,
        is_first=is_first,
    )


def _difference(statement: Statement) -> Decimal | None:
    """What the journal's books say today less what the bank said last."""
    last: Decimal | None = statement.last_closing  # type: ignore[attr-defined]
    journal = statement.journal
    if last is None or journal.bank_balance is None or journal.opening_balance is None:
        return None
    return last - journal.bank_balance


# What feeds the journal beyond its account is asked for only where days are missing.
_to_show = Prepared(
    lambda: with_previous(
        Statement.objects.filter(
            journal__company=Given("company", BigAutoField()), pk=Given("statement", BigAutoField())
        ).select_related("journal__account", "confirmed_by")
    )
)
