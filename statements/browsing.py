"""A journal's lines page by page: each page costs the same, however many lines lie before it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from django.db.models import Count, Q, Sum, Window

from statements.filters import LineFilter
from statements.models import Journal, Statement, StatementLine

LINES_PER_PAGE = 100
LINES_OF_STATEMENT = 200
EVERYTHING = LineFilter()
ZERO = Decimal(0)
# What a list shows of a line.
SHOWN = (
    "statement_id",
    "booking_date",
    "amount",
    "currency",
    "counterparty_name",
    "remittance",
    "kind",
)


@dataclass(frozen=True)
class LinePage:
    """One page of lines, each with ``running_balance``; ``older`` continues the list, "" at its end.

    ``continues``: the first line belongs to the statement that the page before ended in.
    """

    lines: Sequence[StatementLine]
    statements: dict[int, Statement]
    older: str
    continues: bool

    def months(self) -> list[tuple[Statement, list[StatementLine]]]:
        """The lines under their statements, newest first."""
        return [
            (self.statements[statement_id], list(lines))
            for statement_id, lines in groupby(self.lines, key=lambda line: line.statement_id)
        ]


@dataclass(frozen=True)
class StatementPart:
    """Lines of one statement, each with ``running_balance``; ``rest`` continues them, "" at the end."""

    lines: Sequence[StatementLine]
    rest: str


@dataclass(frozen=True)
class Totals:
    """How many lines there are, and what they add up to (``total_in`` + and ``total_out`` −)."""

    count: int
    total_in: Decimal
    total_out: Decimal

    @property
    def total(self) -> Decimal:
        return self.total_in + self.total_out


def line_page(journal: Journal, chosen: LineFilter = EVERYTHING, *, before: str = "") -> LinePage:
    """Lines newest first, ``LINES_PER_PAGE`` at a time. ``before`` is the ``older`` of the page before."""
    lines = chosen.lines(journal)
    cursor = _parse_cursor(before)
    if cursor:
        day_before, pk = cursor
        # The first condition says nothing that the second does not; it is the one an index can begin at.
        lines = lines.filter(booking_date__lte=day_before).filter(Q(booking_date__lt=day_before) | Q(pk__lt=pk))
    page = list(lines.newest_first().only(*SHOWN)[: LINES_PER_PAGE + 1])
    more = len(page) > LINES_PER_PAGE
    page = page[:LINES_PER_PAGE]
    statements = Statement.objects.in_bulk({line.statement_id for line in page})
    if chosen.is_everything:
        _add_balances_downwards(page, statements, is_first=cursor is None)
    else:
        _add_balances_one_by_one(page, statements)
    return LinePage(
        lines=page,
        statements=statements,
        older=_cursor(page[-1]) if more else "",
        continues=bool(cursor and page and statements[page[0].statement_id].covers(cursor[0])),
    )


def totals(journal: Journal, chosen: LineFilter = EVERYTHING) -> Totals:
    """What the lines that are asked for come to; of all lines together the statements know it."""
    if chosen.is_everything:
        sums = journal.statements.aggregate(count=Sum("line_count"), plus=Sum("total_in"), minus=Sum("total_out"))
    else:
        sums = chosen.lines(journal).aggregate(
            count=Count("pk"),
            plus=Sum("amount", filter=Q(amount__gt=0)),
            minus=Sum("amount", filter=Q(amount__lt=0)),
        )
    return Totals(count=sums["count"] or 0, total_in=sums["plus"] or ZERO, total_out=sums["minus"] or ZERO)


def statement_lines(statement: Statement, *, after: str = "", limit: int | None = None) -> StatementPart:
    """A statement's lines, oldest first, at most ``limit`` of them. ``after`` is the ``rest`` of the part before."""
    lines = statement.lines.order_by("booking_date", "pk").only(*SHOWN)
    balance = statement.opening
    cursor = _parse_cursor(after)
    if cursor:
        day_before, pk = cursor
        seen = Q(booking_date__lt=day_before) | Q(booking_date=day_before, pk__lte=pk)
        balance += statement.lines.filter(seen).aggregate(total=Sum("amount"))["total"] or ZERO
        lines = lines.filter(booking_date__gte=day_before).exclude(booking_date=day_before, pk__lte=pk)
    part = list(lines if limit is None else lines[: limit + 1])
    more = limit is not None and len(part) > limit
    part = part[:limit]
    for line in part:
        balance += line.amount
        line.running_balance = balance  # type: ignore[attr-defined]
    return StatementPart(lines=part, rest=_cursor(part[-1]) if more else "")


def _add_balances_downwards(page: Sequence[StatementLine], statements: dict[int, Statement], *, is_first: bool) -> None:
    """For lines without a hole between them: from each statement's closing balance down, line by line.

    Only the lines of the same statements that are newer than the page have to be added up; the first page has none.
    """
    above = {} if is_first or not page else _newer_than(page[0], statements)
    balances = {pk: statement.closing - above.get(pk, ZERO) for pk, statement in statements.items()}
    for line in page:
        line.running_balance = balances[line.statement_id]  # type: ignore[attr-defined]
        balances[line.statement_id] -= line.amount


def _newer_than(first: StatementLine, statements: dict[int, Statement]) -> dict[int, Decimal]:
    """What the lines of these statements that are newer than this one add up to, by statement."""
    newer = (
        StatementLine.objects.filter(statement__in=statements, booking_date__gte=first.booking_date)
        .filter(Q(booking_date__gt=first.booking_date) | Q(pk__gt=first.pk))
        .order_by()
        .values_list("statement")
        .annotate(total=Sum("amount"))
    )
    return dict(newer)


def _add_balances_one_by_one(page: Sequence[StatementLine], statements: dict[int, Statement]) -> None:
    """For lines with others between them: each from its statement's opening balance up, in the statements shown."""
    if not page:
        return
    sums = (
        StatementLine.objects.filter(statement__in=statements, booking_date__lte=page[0].booking_date)
        .annotate(
            running=Window(Sum("amount"), partition_by="statement", order_by=["booking_date", "pk"]),
        )
        # A plain filter would take the other lines away before they are added up. Joined by "or" to a test of the sum,
        # which never is null, it is applied afterwards.
        .filter(Q(pk__in=[line.pk for line in page]) | Q(running__isnull=True))
        .values_list("pk", "running")
    )
    running = dict(sums)
    for line in page:
        line.running_balance = statements[line.statement_id].opening + running[line.pk]  # type: ignore[attr-defined]


def _cursor(line: StatementLine) -> str:
    return f"{line.booking_date.isoformat()}_{line.pk}"


def _parse_cursor(text: str) -> tuple[dt.date, int] | None:
    day_text, _separator, pk = text.partition("_")
    try:
        return dt.date.fromisoformat(day_text), int(pk)
    except ValueError:
        return None
