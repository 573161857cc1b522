"""What the pages read about the books. Each page costs the same number of queries however long the books are."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import (
    BigAutoField,
    BigIntegerField,
    Count,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    prefetch_related_objects,
)
from django.db.models.functions import Cast
from django.utils import timezone

from companies.models import Company
from connections.attention import needs_person
from connections.models import Connection
from foundation.money import MoneyField
from foundation.prepared import Given, Prepared
from statements.charts import Chart, balance_chart
from statements.models import AccountRun, Journal, ReviewItem, Statement, StatementLine, SyncRun

RUNS_SHOWN = 20
ENTRIES_SHOWN = 50
DAYS_DRAWN = 90


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
    # How this very journal fared in the last run, where its account was asked.
    part: AccountRun | None
    open_run: SyncRun | None
    # The last run where its result is to be said in full.
    result: SyncRun | None
    review_count: int

    @property
    def brought(self) -> AccountRun | None:
        """What the last run brought to this journal, where it was read."""
        return self.part if self.part and not self.part.error_code else None

    @property
    def bank(self) -> str:
        """The name of the bank, where one is known."""
        return self.connection.institution.name if self.connection else self.journal.bank_name

    @property
    def ending(self) -> str:
        """How the account number ends, unless the journal's name says it."""
        ending = self.journal.ending
        return "" if ending in self.journal.name else ending

    @property
    def needs_person(self) -> bool:
        return bool(
            self.review_count
            or self.proof.verdict == "differs"
            or (self.connection and needs_person(self.connection, timezone.now()))
        )


def journal_cards(
    company: Company, waiting: Mapping[int, int], *, results_since: dt.datetime | None = None
) -> list[JournalCard]:
    """Every journal of the company with its proof and its feed; those that need a person first, then by name.

    ``waiting`` is ``waiting_by_journal``. ``results_since``: fetches that ended after this moment have their result
    said in full.
    """
    journals = _journals_with_feed(company=company.pk)
    latest = _latest_runs(company)
    parts = {one.account_id: one for one in AccountRun.objects.filter(run__in=latest.values())}
    cards = [_card(journal, latest, parts, waiting, results_since) for journal in journals]
    prefetch_related_objects([card.result for card in cards if card.result], "accounts__account__journal")
    return sorted(cards, key=lambda card: (not card.needs_person, card.journal.name.casefold(), card.journal.pk))


def balance_charts(cards: Iterable[JournalCard], *, today: dt.date) -> dict[int, Chart | None]:
    """The balances at the end of each of the last ``DAYS_DRAWN`` days, by journal.

    They are reckoned back from today's balance over what moved on each day, which one query adds up for all journals.
    """
    first_day = today - dt.timedelta(days=DAYS_DRAWN - 1)
    known = {card.journal.pk: card.proof.ours for card in cards if card.journal.opening_balance is not None}
    moves: dict[int, dict[dt.date, int]] = defaultdict(dict)
    for journal_id, day, units in _moved_since(first_day, known):
        moves[journal_id][day] = units
    return {
        pk: balance_chart(balance, moves[pk], first_day=first_day, today=today) if balance is not None else None
        for pk, balance in known.items()
    }


def with_balance(journals: QuerySet[Journal]) -> QuerySet[Journal]:
    """Adds ``last_closing``: the closing balance of each journal's last statement."""
    last = Statement.objects.filter(journal=OuterRef("pk")).order_by("-first_day").values("closing")[:1]
    return journals.annotate(last_closing=Subquery(last, output_field=MoneyField()))


def proof_of(journal: Journal) -> Proof:
    """The comparison for a journal that was read ``with_balance``."""
    last_closing: Decimal | None = journal.last_closing  # type: ignore[attr-defined]
    ours = journal.opening_balance if last_closing is None or journal.opening_balance is None else last_closing
    return Proof(ours=ours, bank=journal.bank_balance)


def waiting_by_journal(company: Company) -> dict[int, int]:
    """How many items wait for a decision, in those of the company's journals where any do."""
    return dict(_waiting(company=company.pk))


def journal_with_feed(company: Company, pk: int) -> Journal | None:
    """A journal of this company ``with_balance``, and with what feeds it; None where there is no such journal."""
    return next(iter(_journal_with_feed(company=company.pk, journal=pk)), None)


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
        .with_progress()
        .select_related("person")
        .prefetch_related("accounts__account")[:RUNS_SHOWN]
    )


def part_of(run: SyncRun, *, journal_id: int) -> AccountRun | None:
    """How a journal fared in a run; None where its account was not asked."""
    journals = ((result, getattr(result.account, "journal", None)) for result in run.accounts.all())
    return next((result for result, journal in journals if journal and journal.pk == journal_id), None)


def _card(
    journal: Journal,
    latest: dict[int, SyncRun],
    parts: dict[int, AccountRun],
    waiting: Mapping[int, int],
    results_since: dt.datetime | None,
) -> JournalCard:
    connection = journal.account.connection if journal.account else None
    run = latest.get(connection.pk) if connection else None
    done = run if run and not run.is_open else None
    is_fresh = results_since is not None and done is not None and (done.finished_at or done.started_at) >= results_since
    return JournalCard(
        journal=journal,
        proof=proof_of(journal),
        connection=connection,
        last_run=done,
        part=parts.get(journal.account_id or 0) if done else None,
        open_run=run if run and run.is_open else None,
        result=done if is_fresh else None,
        review_count=waiting.get(journal.pk, 0),
    )


def _moved_since(first_day: dt.date, journals: Iterable[int]) -> Iterable[tuple[int, dt.date, int]]:
    """What moved on each day of each journal, in ten-thousandths."""
    return (
        StatementLine.objects.filter(journal__in=list(journals), booking_date__gte=first_day)
        .order_by()
        .values_list("journal_id", "booking_date")
        .annotate(units=Cast(Sum("amount"), BigIntegerField()))
    )


def _latest_runs(company: Company) -> dict[int, SyncRun]:
    """The newest run of each of the company's connections, with how far it is."""
    return {run.connection_id: run for run in _latest(company=company.pk)}


def _with_feed() -> QuerySet[Journal]:
    mine = Journal.objects.filter(company=_COMPANY).select_related("account__connection__institution")
    return with_balance(mine).defer(*_NOT_SHOWN)


def _latest_of_each() -> QuerySet[SyncRun]:
    newest = SyncRun.objects.filter(connection=OuterRef("pk")).order_by("-started_at", "-pk").values("pk")[:1]
    latest = Connection.objects.filter(company=_COMPANY).annotate(latest=Subquery(newest)).values("latest")
    return SyncRun.objects.filter(pk__in=latest).with_progress()


# Of what feeds a journal; where one of them is needed after all, it is read then.
_OF_CONNECTION = "account__connection__"
_NOT_SHOWN = (
    "account__position",
    *(f"{_OF_CONNECTION}{name}" for name in ("shared_with", "account_kinds", "reminded_of")),
    *(f"{_OF_CONNECTION}institution__{name}" for name in ("folded", "bank", "countries", "country_codes", "website")),
    f"{_OF_CONNECTION}institution__capabilities",
)
# What every page asks, or one that is opened often.
_COMPANY = Given("company", BigAutoField())
_journals_with_feed = Prepared(lambda: _with_feed().filter(archived_at=None))
_journal_with_feed = Prepared(lambda: _with_feed().filter(pk=Given("journal", BigAutoField())))
_waiting = Prepared(
    lambda: (
        ReviewItem.objects.open()
        .filter(journal__company=_COMPANY)
        .order_by()
        .values_list("journal")
        .annotate(n=Count("id"))
    )
)
_latest = Prepared(_latest_of_each)
