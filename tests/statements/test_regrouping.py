"""Another kind of period regroups the lines, and every balance stays what it was."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.db import transaction as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from statements.models import Journal, Statement, StatementVersion, SyncRun
from statements.refusal import Refused
from statements.services import regrouping
from statements.services.intake import take_in
from tests.factories import balance, make_account, make_company, make_journal, make_run, transaction
from tests.sessions import signed_in

pytestmark = pytest.mark.django_db
DAYS = ("2025-12-31", "2026-01-01", "2026-01-15", "2026-01-16", "2026-02-28", "2026-04-30", "2026-04-30")
COUNTS = {"day": 121, "week": 18, "half_month": 9, "month": 5, "quarter": 3, "year": 2}


def fetched(*days: str) -> Journal:
    journal = make_journal(account=make_account())
    rows = [transaction(f"t{n}", f"{n + 1}.10", day=day) for n, day in enumerate(days or DAYS)]
    with database.atomic():
        take_in(journal, make_run(), transactions=rows, bank=balance("1000.00"), account=journal.account)
    return journal


def assert_chained(journal: Journal) -> None:
    """Every line in the statement of its day, every statement added up, each opening where the last one closed."""
    statements = list(journal.statements.order_by("first_day").prefetch_related("lines"))
    for before, after in zip(statements, statements[1:], strict=False):
        assert after.opening == before.closing
        assert after.first_day == before.last_day + dt.timedelta(days=1)
    for statement in statements:
        booked = list(statement.lines.all())
        assert all(statement.covers(line.booking_date) for line in booked)
        assert statement.line_count == len(booked)
        assert statement.closing == statement.opening + sum((line.amount for line in booked), Decimal(0))
    assert sum(statement.line_count for statement in statements) == journal.lines.count()


@pytest.mark.parametrize(("kind", "count"), COUNTS.items())
def test_lines_are_regrouped_and_the_balances_stay(kind: str, count: int) -> None:
    journal = fetched()
    plan = regrouping.plan(journal, kind)
    assert (plan.before, plan.after) == (5, count)
    regrouping.regroup(journal, kind)
    assert_chained(journal)
    statements = journal.statements.order_by("first_day")
    assert statements.count() == count
    assert (statements[0].opening, statements[count - 1].closing) == (Decimal("971.30"), Decimal("1000.00"))
    journal.refresh_from_db()
    assert journal.period == kind


def test_one_per_fetch_ends_each_statement_on_the_day_of_its_fetch() -> None:
    journal = fetched()
    first = SyncRun.objects.get()
    SyncRun.objects.filter(pk=first.pk).update(started_at=dt.datetime(2026, 2, 1, 12, tzinfo=dt.UTC))
    second = make_run()
    SyncRun.objects.filter(pk=second.pk).update(started_at=dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC))
    journal.lines.filter(booking_date__gt=dt.date(2026, 2, 1)).update(run=second)
    regrouping.regroup(journal, "fetch")
    assert list(journal.statements.order_by("first_day").values_list("first_day", "last_day")) == [
        (dt.date(2025, 12, 31), dt.date(2026, 2, 1)),
        (dt.date(2026, 2, 2), dt.date(2026, 5, 1)),
    ]
    assert_chained(journal)
    regrouping.regroup(journal, "month")
    assert journal.statements.count() == 5
    assert_chained(journal)


def test_the_same_kind_again_changes_nothing() -> None:
    journal = fetched()
    before = list(Statement.objects.order_by("pk").values())
    regrouping.regroup(journal, "month")
    assert list(Statement.objects.order_by("pk").values()) == before


def test_a_statement_whose_period_stays_keeps_its_confirmation_and_the_others_are_named() -> None:
    journal = fetched("2025-11-05", "2026-02-03", "2026-02-20")
    journal.statements.update(confirmed_version=1, confirmed_at=timezone.now())
    plan = regrouping.plan(journal, "quarter")
    assert (plan.kept, len(plan.confirmed)) == (0, 4)
    regrouping.regroup(journal, "quarter")
    assert not journal.statements.filter(confirmed_version__isnull=False).exists()
    assert not StatementVersion.objects.exists()
    assert set(journal.statements.values_list("version", flat=True)) == {1}


def test_the_banks_own_closing_balance_stays_with_its_day() -> None:
    journal = fetched()
    journal.statements.filter(last_day=dt.date(2026, 4, 30)).update(bank_closing=Decimal(1000))
    regrouping.regroup(journal, "half_month")
    assert journal.statements.get(bank_closing__isnull=False).last_day == dt.date(2026, 4, 30)


def test_a_journal_without_lines_only_changes_its_kind() -> None:
    journal = make_journal()
    assert regrouping.plan(journal, "day").after == 0
    regrouping.regroup(journal, "day")
    journal.refresh_from_db()
    assert (journal.period, journal.statements.count()) == ("day", 0)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(Refused):
        regrouping.regroup(fetched(), "fortnight")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    days=st.lists(st.dates(dt.date(2025, 1, 1), dt.date(2026, 3, 1)), min_size=1, max_size=12),
    kinds=st.lists(st.sampled_from(Journal.Period.values), min_size=1, max_size=3),
)
def test_any_way_through_the_kinds_keeps_every_line_and_every_balance(days: list[dt.date], kinds: list[str]) -> None:
    journal = fetched(*(day.isoformat() for day in days))
    for kind in kinds:
        regrouping.regroup(journal, kind)
        assert_chained(journal)
        assert journal.statements.order_by("-first_day")[0].closing == Decimal("1000.00")


def test_the_page_shows_what_changes_and_does_it() -> None:
    journal = fetched()
    client = signed_in(journal.company)
    page = reverse("regroup", args=[journal.pk])
    assert client.get(page).context["plan"] is None
    assert client.get(page, {"period": "quarter"}).context["plan"].after == 3
    assert journal.statements.count() == 5
    assert client.post(page, {"period": "quarter"}).status_code == 302
    assert journal.statements.count() == 3
    assert client.get(page, {"period": "x"}).status_code == client.post(page).status_code == 422
    assert signed_in(make_company()).get(page).status_code == 404


def test_regrouping_costs_the_same_however_many_lines_there_are() -> None:
    def queries(count: int) -> int:
        journal = fetched(*[DAYS[n % len(DAYS)] for n in range(count)])
        with CaptureQueriesContext(connection) as captured:
            regrouping.regroup(journal, "quarter")
        return len(captured)

    assert queries(7) == queries(700)
