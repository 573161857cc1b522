"""A journal's lines page by page: each page costs the same, however many lines lie before it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.db.models import BigAutoField, Count, DateField, Q, QuerySet, Sum, Window

from foundation.prepared import LARGEST, Given, Prepared
from statements.filters import LineFilter
from statements.models import Journal, Statement, StatementLine
from statements.models.line import StatementLineQuerySet

LINES_PER_PAGE = 100
LINES_OF_STATEMENT = 200
FEW_DAYS = dt.timedelta(days=92)
EVERYTHING = LineFilter()
ZERO = Decimal(0)


@dataclass(slots=True)
class ShownLine:
    """What a list shows of a line: a tenth of the work of a model's instance, and a page has hundreds of them."""

    pk: int
    statement_id: int
    booking_date: dt.date
    amount: Decimal
    currency: str
    counterparty_name: str
    remittance: str
    kind: str
    running_balance: Decimal = ZERO


SHOWN = tuple(field.name for field in fields(ShownLine) if field.name != "running_balance")
Cursor = tuple[Any, Any]


@dataclass(frozen=True)
class LinePage:
    """One page of lines; ``older`` continues the list, "" at its end.

    ``continues``: the first line belongs to the statement that the page before ended in.
    """

    lines: Sequence[ShownLine]
    statements: dict[int, Statement]
    older: str
    continues: bool

    def months(self) -> list[tuple[Statement, list[ShownLine]]]:
        """The lines under their statements, newest first."""
        return [
            (self.statements[statement_id], list(lines))
            for statement_id, lines in groupby(self.lines, key=lambda line: line.statement_id)
        ]


@dataclass(frozen=True)
class StatementPart:
    """Lines of one statement; ``rest`` continues them, "" at the end."""

    lines: Sequence[ShownLine]
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
    cursor = _parse_cursor(before)
    page = [ShownLine(*row) for row in _rows(journal, chosen, cursor)]
    more = len(page) > LINES_PER_PAGE
    page = page[:LINES_PER_PAGE]
    statements = _statements_of(journal, page)
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
        return next((Totals(*sums) for sums in _sums_of_statements(journal=journal.pk)), Totals(0, ZERO, ZERO))
    sums = chosen.lines(journal).aggregate(
        count=Count("pk"),
        total_in=Sum("amount", filter=Q(amount__gt=0), default=ZERO),
        total_out=Sum("amount", filter=Q(amount__lt=0), default=ZERO),
    )
    return Totals(**sums)


def statement_lines(statement: Statement, *, after: str = "", limit: int | None = None) -> StatementPart:
    """A statement's lines, oldest first, at most ``limit`` of them. ``after`` is the ``rest`` of the part before."""
    balance = statement.opening
    cursor = _parse_cursor(after)
    if cursor:
        day_before, pk = cursor
        seen = Q(booking_date__lt=day_before) | Q(booking_date=day_before, pk__lte=pk)
        balance += statement.lines.filter(seen).aggregate(total=Sum("amount"))["total"] or ZERO
        rows = list(_oldest_first(statement.lines.exclude(seen).filter(booking_date__gte=day_before), limit))
    elif limit == LINES_OF_STATEMENT:
        rows = _first_of_statement(statement=statement.pk)
    else:
        rows = list(_oldest_first(statement.lines.all(), limit))
    part = [ShownLine(*row) for row in rows]
    more = limit is not None and len(part) > limit
    part = part[:limit]
    for line in part:
        balance += line.amount
        line.running_balance = balance
    return StatementPart(lines=part, rest=_cursor(part[-1]) if more else "")


def _rows(journal: Journal, chosen: LineFilter, cursor: Cursor | None) -> Iterable[tuple[Any, ...]]:
    """The lines of a page and the first of the next, as ``SHOWN``."""
    if not chosen.is_everything:
        return _newest_first(chosen.lines(journal), cursor)
    if cursor is None:
        return _first_page(journal=journal.pk)
    return _page_before(journal=journal.pk, day=cursor[0], line=cursor[1])


def _statements_of(journal: Journal, page: Sequence[ShownLine]) -> dict[int, Statement]:
    """The statements that the lines of a page are in, by id, and perhaps some that lie between these."""
    if not page:
        return {}
    newest, oldest = page[0].booking_date, page[-1].booking_date
    if newest - oldest > FEW_DAYS:
        # A statement of each day for years would be far more than the lines have.
        return Statement.objects.in_bulk({line.statement_id for line in page})
    found = _statements_between(journal=journal.pk, newest=newest, oldest=oldest)
    return {statement.pk: statement for statement in found}


def _newest_first(lines: StatementLineQuerySet, cursor: Cursor | None) -> QuerySet[StatementLine, tuple[Any, ...]]:
    if cursor:
        day_before, pk = cursor
        # The first condition says nothing that the second does not; it is the one an index can begin at.
        lines = lines.filter(booking_date__lte=day_before).filter(Q(booking_date__lt=day_before) | Q(pk__lt=pk))
    return lines.newest_first().values_list(*SHOWN)[: LINES_PER_PAGE + 1]


def _oldest_first(lines: QuerySet[StatementLine], limit: int | None) -> QuerySet[StatementLine, tuple[Any, ...]]:
    shown = lines.order_by("booking_date", "pk").values_list(*SHOWN)
    return shown if limit is None else shown[: limit + 1]


def _add_balances_downwards(page: Sequence[ShownLine], statements: dict[int, Statement], *, is_first: bool) -> None:
    """For lines without a hole between them: from each statement's closing balance down, line by line.

    Only the lines of the first statement that are newer than the page have to be added up; the first page has none.
    """
    balances = {pk: statement.closing for pk, statement in statements.items()}
    if page and not is_first:
        # Of all other statements on the page, its first line is newer than every line.
        first = page[0]
        above = _newer_in_statement(statement=first.statement_id, day=first.booking_date, line=first.pk)
        balances[first.statement_id] -= sum((amount for (amount,) in above), ZERO)
    for line in page:
        line.running_balance = balances[line.statement_id]
        balances[line.statement_id] -= line.amount


def _add_balances_one_by_one(page: Sequence[ShownLine], statements: dict[int, Statement]) -> None:
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
        line.running_balance = statements[line.statement_id].opening + running[line.pk]


def _cursor(line: ShownLine) -> str:
    return f"{line.booking_date.isoformat()}_{line.pk}"


def _parse_cursor(text: str) -> tuple[dt.date, int] | None:
    day_text, _separator, pk = text.partition("_")
    try:
        return dt.date.fromisoformat(day_text), min(int(pk), LARGEST)
    except ValueError:
        return None


# What is asked for each time a journal or a statement is opened.
_JOURNAL, _LINE = Given("journal", BigAutoField()), Given("line", BigAutoField())
_DAY = Given("day", DateField())
_first_page = Prepared(lambda: _newest_first(StatementLine.objects.filter(journal=_JOURNAL), None))
_page_before = Prepared(lambda: _newest_first(StatementLine.objects.filter(journal=_JOURNAL), (_DAY, _LINE)))
_sums_of_statements = Prepared(
    lambda: (
        Statement.objects.filter(journal=_JOURNAL)
        .order_by()
        .values("journal")
        .annotate(count=Sum("line_count"), plus=Sum("total_in"), minus=Sum("total_out"))
        .values_list("count", "plus", "minus")
    )
)
_first_of_statement = Prepared(
    lambda: _oldest_first(
        StatementLine.objects.filter(statement=Given("statement", BigAutoField())), LINES_OF_STATEMENT
    )
)
_statements_between = Prepared(
    lambda: Statement.objects.filter(
        journal=_JOURNAL, first_day__lte=Given("newest", DateField()), last_day__gte=Given("oldest", DateField())
    ).order_by()
)
_newer_in_statement = Prepared(
    lambda: (
        StatementLine.objects.filter(statement=Given("statement", BigAutoField()), booking_date__gte=_DAY)
        .filter(Q(booking_date__gt=_DAY) | Q(pk__gt=_LINE))
        .order_by()
        .values("statement")
        .annotate(total=Sum("amount"))
        .values_list("total")
    )
)
