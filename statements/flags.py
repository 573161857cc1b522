"""Whether a statement proves itself: complete against the bank's own closing balance, valid against the one before."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import OuterRef, QuerySet, Subquery

from foundation.money import MoneyField
from statements.models import Statement


@dataclass(frozen=True)
class Flags:
    """``complete``: opening and lines make the closing balance that the bank gave. ``valid``: it opens with what the
    one before closed with. None where there is nothing to compare with."""

    complete: bool | None
    valid: bool | None


def with_previous(statements: QuerySet[Statement]) -> QuerySet[Statement]:
    """Adds ``previous_closing``: what the statement before closed with."""
    before = Statement.objects.filter(journal=OuterRef("journal"), first_day__lt=OuterRef("first_day"))
    closing = before.order_by("-first_day").values("closing")[:1]
    return statements.annotate(previous_closing=Subquery(closing, output_field=MoneyField()))


def flags_of(statement: Statement) -> Flags:
    """The flags of a statement that was read ``with_previous``. The first one is valid when its opening is known."""
    previous: Decimal | None = statement.previous_closing  # type: ignore[attr-defined]
    is_opening_known = statement.journal.opening_balance is not None
    return Flags(
        complete=None if statement.bank_closing is None else statement.closing == statement.bank_closing,
        valid=(True if is_opening_known else None) if previous is None else statement.opening == previous,
    )
