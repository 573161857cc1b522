"""What the pages read about the books. Each page costs the same number of queries however long the books are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum, Window
from django.db.models.functions import RowNumber

from companies.models import Company
from connections.models import Connection
from foundation.money import MoneyField
from statements.charts import Chart, balance_chart
from statements.models import Journal, ReviewItem, Statement, StatementLine, SyncRun

LINES_PER_PAGE = 100
RUNS_SHOWN = 20
ENTRIES_SHOWN = 50
STATEMENTS_DRAWN = 13


@dataclass(frozen=True)
class Proof:
    """Whether the books agree with the bank: ``agrees``, ``differs`` (by ``difference``, ours less the bank's), or
    ``unknown`` when one of the two balances is not known."""

    ours: Decimal | None
    bank: Decimal | None

    @property
    def difference(self) -> Decimal | None:
        return None if self.ours is None or self.bank is None else self.ours - self.bank

    @property
    def verdict(self) -> str:
        if self.difference is None:
            return "unknown"
        return "agrees" if self.difference == 0 else "differs"


@dataclass(frozen=True)
class JournalCard:
    """A journal as the dashboard shows it."""

    journal: Journal
    proof: Proof
    connection: Connection | None
    last_run: SyncRun | None
    open_run: SyncRun | None
    review_count: int
    chart: Chart | None

    @property
    def needs_person(self) -> bool:
        connection = self.connection
        return bool(
            self.review_count
            or self.proof.verdict == "differs"
            or (connection and (connection.status != Connection.Status.CONNECTED or connection.error_code))
        )


def journal_cards(company: Company) -> list[JournalCard]:
    """Every journal of the company with its proof and its feed; those that need a person first, then by name."""
    journals = list(
        with_balance(Journal.objects.filter(company=company)).select_related("account__connection__institution")
    )
    connection_ids = {journal.account.connection_id for journal in journals if journal.account}
    latest = _latest_runs(connection_ids)
    reviews = dict(
        ReviewItem.objects.open().filter(journal__company=company).values_list("journal").annotate(n=Count("id"))
    )
    closings = _closings(company)
    cards = [_card(journal, latest, reviews, closings) for journal in journals]
    return sorted(cards, key=lambda card: (not card.needs_person, card.journal.name.casefold(), card.journal.pk))


def with_balance(journals: QuerySet[Journal]) -> QuerySet[Journal]:
    """Adds ``last_closing``: the closing balance of each journal's last statement."""
    last = Statement.objects.filter(journal=OuterRef("pk")).order_by("-first_day").values("closing")[:1]
    return journals.annotate(last_closing=Subquery(last, output_field=MoneyField()))


def proof_of(journal: Journal) -> Proof:
    """The comparison for a journal that was read ``with_balance``."""
    last_closing: Decimal | None = journal.last_closing  # type: ignore[attr-defined]
    ours = journal.opening_balance if last_closing is None or journal.opening_balance is None else last_closing
    return Proof(ours=ours, bank=journal.bank_balance)


def review_count(company: Company) -> int:
    """How many items wait for a decision."""
    return ReviewItem.objects.open().filter(journal__company=company).count()


@dataclass(frozen=True)
class LinePage:
    """One page of lines, each with the running balance after it; ``older`` continues the list, "" at its end.

    ``continues``: the first line belongs to the statement that the page before ended in.
    """

    lines: Sequence[StatementLine]
    older: str
    continues: bool


def line_page(journal: Journal, *, text: str = "", before: str = "") -> LinePage:
    """Lines newest first, ``LINES_PER_PAGE`` at a time. ``before`` is a page's ``older``; ``text`` filters by words.

    The running balance is the closing balance of the line's statement less the lines after it in that statement, so
    that a page reads only the statements it shows.
    """
    lines = StatementLine.objects.filter(journal=journal)
    for word in text.split():
        lines = lines.filter(Q(counterparty_name__icontains=word) | Q(remittance__icontains=word))
    cursor = _parse_cursor(before)
    if cursor:
        day, pk = cursor
        lines = lines.filter(Q(booking_date__lt=day) | Q(booking_date=day, pk__lt=pk))
    page = list(lines.newest_first().defer("raw").select_related("statement")[: LINES_PER_PAGE + 1])
    more = len(page) > LINES_PER_PAGE
    page = page[:LINES_PER_PAGE]
    _add_running_balances(page)
    older = f"{page[-1].booking_date.isoformat()}_{page[-1].pk}" if more else ""
    continues = bool(cursor and page and page[0].statement.covers(cursor[0]))
    return LinePage(lines=page, older=older, continues=continues)


def statement_lines(statement: Statement) -> list[StatementLine]:
    """All lines of a statement, oldest first, with running balances."""
    lines = list(statement.lines.order_by("booking_date", "pk").defer("raw"))
    balance = statement.opening
    for line in lines:
        balance += line.amount
        line.running_balance = balance  # type: ignore[attr-defined]
    return lines


def statements_of(company: Company) -> QuerySet[Statement]:
    """All statements of a company, newest period first."""
    return (
        Statement.objects.filter(journal__company=company)
        .select_related("journal")
        .order_by("-first_day", "journal__name", "pk")
    )


def runs_of(connection: Connection) -> list[SyncRun]:
    """A connection's newest runs with their accounts' results."""
    return list(
        SyncRun.objects.filter(connection=connection)
        .select_related("person")
        .prefetch_related("accounts__account")[:RUNS_SHOWN]
    )


def _card(
    journal: Journal, latest: dict[int, SyncRun], reviews: dict[int, int], closings: dict[int, list[Decimal]]
) -> JournalCard:
    connection = journal.account.connection if journal.account else None
    run = latest.get(connection.pk) if connection else None
    return JournalCard(
        journal=journal,
        proof=proof_of(journal),
        connection=connection,
        last_run=run if run and not run.is_open else None,
        open_run=run if run and run.is_open else None,
        review_count=reviews.get(journal.pk, 0),
        chart=balance_chart(closings.get(journal.pk, [])),
    )


def _closings(company: Company) -> dict[int, list[Decimal]]:
    """The closing balances of each journal's last statements, oldest first."""
    place = Window(RowNumber(), partition_by="journal", order_by="-first_day")
    rows = (
        Statement.objects.filter(journal__company=company, journal__opening_balance__isnull=False)
        .annotate(place=place)
        .filter(place__lte=STATEMENTS_DRAWN)
        .order_by("first_day")
        .values_list("journal", "closing")
    )
    closings: dict[int, list[Decimal]] = {}
    for journal_id, closing in rows:
        closings.setdefault(journal_id, []).append(closing)
    return closings


def _latest_runs(connection_ids: set[int]) -> dict[int, SyncRun]:
    place = Window(RowNumber(), partition_by="connection", order_by="-pk")
    runs = SyncRun.objects.filter(connection__in=connection_ids).annotate(place=place).filter(place=1)
    return {run.connection_id: run for run in runs}


def _add_running_balances(page: list[StatementLine]) -> None:
    """``running_balance`` on each line: from its statement's closing balance back over the lines after it."""
    if not page:
        return
    statements = {line.statement_id for line in page}
    sums = (
        StatementLine.objects.filter(statement__in=statements)
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
        line.running_balance = line.statement.opening + running[line.pk]  # type: ignore[attr-defined]


def _parse_cursor(text: str) -> tuple[dt.date, int] | None:
    day, _separator, pk = text.partition("_")
    try:
        return dt.date.fromisoformat(day), int(pk)
    except ValueError:
        return None
