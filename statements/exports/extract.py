"""What is exported: the lines of a statement or of some days of a journal, with the balances around them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Max, Min, Q, Sum
from django.utils import timezone

from statements.models import Journal, Statement, StatementLine
from statements.models.line import StatementLineQuerySet
from statements.services.balances import balance_after

_CHUNK = 2_000
ZERO = Decimal(0)


@dataclass(frozen=True)
class Extract:
    """``opening`` at the start of ``first_day``, ``closing`` at the end of ``last_day``; None while not known."""

    journal: Journal
    first_day: dt.date
    last_day: dt.date
    opening: Decimal | None
    closing: Decimal | None
    found: StatementLineQuerySet
    count: int
    version: int = 1

    def lines(self) -> Iterator[tuple[StatementLine, Decimal | None]]:
        """Each line, oldest first, with the balance after it; never all of them in memory."""
        balance = self.opening
        for line in self.found.order_by("booking_date", "pk").defer("raw").iterator(chunk_size=_CHUNK):
            balance = None if balance is None else balance + line.amount
            yield line, balance

    @property
    def file_name(self) -> str:
        """Without its ending: journal's code and days."""
        code = re.sub(r"[^A-Za-z0-9]+", "-", self.journal.code).strip("-") or "journal"
        return f"{code}_{self.first_day:%Y-%m-%d}_{self.last_day:%Y-%m-%d}"


def of_statement(statement: Statement) -> Extract:
    """A statement as it stands."""
    is_known = statement.journal.opening_balance is not None
    return Extract(
        journal=statement.journal,
        first_day=statement.first_day,
        last_day=statement.last_day,
        opening=statement.opening if is_known else None,
        closing=statement.closing if is_known else None,
        found=StatementLine.objects.filter(statement=statement),
        count=statement.line_count,
        version=statement.version,
    )


def of_journal(journal: Journal, *, first_day: dt.date | None = None, last_day: dt.date | None = None) -> Extract:
    """The journal's lines of these days, both inside; without a limit all there are."""
    lines = StatementLine.objects.filter(journal=journal)
    there = lines.aggregate(first=Min("booking_date"), last=Max("booking_date"))
    start = first_day or there["first"] or timezone.localdate()
    end = last_day or max(there["last"] or start, start)
    found = lines.filter(booking_date__range=(start, end))
    opening = balance_after(journal, Q(booking_date__lt=start))
    moved = found.aggregate(total=Sum("amount"))["total"] or ZERO
    return Extract(
        journal=journal,
        first_day=start,
        last_day=end,
        opening=opening,
        closing=None if opening is None else opening + moved,
        found=found,
        count=found.count(),
    )
