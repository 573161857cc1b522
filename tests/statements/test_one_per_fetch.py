"""One statement per fetch: each reaches from the day after the last one to its own day, late lines find their place."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import transaction as database
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from statements.models import Journal, Statement, StatementVersion, SyncRun
from statements.periods import DAY, FetchCalendar, Period
from statements.services import regrouping, undo
from statements.services.intake import take_in
from tests.factories import balance, make_account, make_journal, make_run, make_user, transaction
from tests.statements.test_regrouping import assert_chained

BASE = dt.date(2026, 3, 1)
DAYS = st.integers(0, 120).map(lambda days: BASE + DAY * days)


def day(number: int) -> dt.date:
    return BASE + DAY * (number - 1)


def test_the_first_fetch_covers_everything_up_to_its_day() -> None:
    calendar = FetchCalendar([], first_day=day(1), today=day(10))
    assert calendar.period_of(day(4)) == Period(day(1), day(10))
    assert list(calendar.between(day(1), day(10))) == [Period(day(1), day(10))]


def test_the_next_fetch_begins_the_day_after_the_one_before() -> None:
    calendar = FetchCalendar([Period(day(1), day(10))], first_day=day(8), today=day(12))
    assert calendar.period_of(day(12)) == Period(day(11), day(12))
    # Told late: its day was covered by the first fetch already.
    assert calendar.period_of(day(9)) == Period(day(1), day(10))


def test_a_second_fetch_on_one_day_makes_no_second_period() -> None:
    calendar = FetchCalendar([Period(day(1), day(10))], first_day=day(10), today=day(10))
    assert list(calendar.between(day(1), day(10))) == [Period(day(1), day(10))]


def test_days_before_all_fetches_have_a_period_of_their_own() -> None:
    calendar = FetchCalendar([Period(day(5), day(10))], first_day=day(2), today=day(10))
    assert calendar.period_of(day(3)) == Period(day(2), day(4))


def test_what_the_bank_books_ahead_belongs_to_the_fetch_that_told_of_it() -> None:
    calendar = FetchCalendar([Period(day(1), day(10))], first_day=day(11), today=day(12))
    assert calendar.period_of(day(20)) == Period(day(11), day(12))


@given(fetches=st.lists(DAYS, min_size=1, max_size=12), first=DAYS, asked=DAYS)
def test_periods_follow_each_other_without_a_hole(fetches: list[dt.date], first: dt.date, asked: dt.date) -> None:
    existing: list[Period] = []
    for today in sorted(fetches):
        calendar = FetchCalendar(existing, first_day=min(first, today), today=today)
        existing = list(calendar.between(min(first, today), today))
    for before, after in zip(existing, existing[1:], strict=False):
        assert after.first_day == before.last_day + DAY
    assert existing[-1].last_day == max(fetches)
    if min(first, *fetches) <= asked <= max(fetches):
        found = FetchCalendar(existing, first_day=asked, today=max(fetches)).period_of(asked)
        assert found.first_day <= asked <= found.last_day


# --- through the books --------------------------------------------------------------------------------------------


def days_ago(number: int) -> dt.date:
    return timezone.localdate() - DAY * number


def fetch(journal: Journal, *lines: tuple[str, int, str], bank: str) -> SyncRun:
    """A fetch of today that brings lines of (id, days ago, amount) and the bank's balance."""
    rows = [transaction(name, amount, day=str(days_ago(ago))) for name, ago, amount in lines]
    run = make_run(journal.account.connection if journal.account else None)
    with database.atomic():
        held = Journal.objects.select_related("company").get(pk=journal.pk)
        take_in(held, run, transactions=rows, bank=balance(bank), account=held.account, covered_from=days_ago(40))
    return run


def put_back_in_time(journal: Journal, run: SyncRun, *, days: int) -> None:
    """As if the fetch had been so many days earlier."""
    journal.statements.filter(last_day=days_ago(0)).update(last_day=days_ago(days))
    SyncRun.objects.filter(pk=run.pk).update(started_at=timezone.now() - DAY * days)


def two_fetches() -> tuple[Journal, SyncRun]:
    """The first one five days ago, the second one today; gives the second."""
    journal = make_journal(account=make_account(), period=Journal.Period.FETCH)
    first = fetch(journal, ("a", 30, "10.00"), ("b", 6, "20.00"), bank="130.00")
    put_back_in_time(journal, first, days=5)
    return journal, fetch(journal, ("c", 3, "5.00"), bank="135.00")


def said(journal: Journal) -> list[tuple[dt.date, dt.date, Decimal, Decimal, int]]:
    fields = ("first_day", "last_day", "opening", "closing", "version")
    return list(journal.statements.order_by("first_day").values_list(*fields))


@pytest.mark.django_db
def test_each_fetch_has_its_statement_and_they_are_chained() -> None:
    journal, _second = two_fetches()
    assert said(journal) == [
        (days_ago(30), days_ago(5), Decimal(100), Decimal(130), 1),
        (days_ago(4), days_ago(0), Decimal(130), Decimal(135), 1),
    ]
    assert_chained(journal)


@pytest.mark.django_db
def test_a_late_line_changes_the_statement_of_its_day_and_those_after_it_visibly() -> None:
    journal, _second = two_fetches()
    fetch(journal, ("late", 7, "-1.00"), bank="134.00")
    assert said(journal) == [
        (days_ago(30), days_ago(5), Decimal(100), Decimal(129), 2),
        (days_ago(4), days_ago(0), Decimal(129), Decimal(134), 2),
    ]
    assert StatementVersion.objects.count() == 2
    assert_chained(journal)


@pytest.mark.django_db
def test_a_line_before_all_fetches_makes_a_statement_before_them() -> None:
    journal, _second = two_fetches()
    fetch(journal, ("older", 35, "-1.00"), bank="134.00")
    assert [row[:2] for row in said(journal)][0] == (days_ago(35), days_ago(31))
    assert_chained(journal)


@pytest.mark.django_db
def test_a_fetch_that_brings_nothing_makes_no_statement() -> None:
    journal, _second = two_fetches()
    before = said(journal)
    fetch(journal, ("c", 3, "5.00"), bank="135.00")
    assert said(journal) == before


@pytest.mark.django_db
def test_undoing_the_last_fetch_empties_its_statement_and_leaves_the_others() -> None:
    journal, second = two_fetches()
    assert undo.undo(second, person=make_user()) == 1
    assert [row[3] for row in said(journal)] == [Decimal(130), Decimal(130)]
    assert Statement.objects.get(journal=journal, first_day=days_ago(4)).line_count == 0
    fetch(journal, ("c", 3, "5.00"), bank="135.00")
    assert not journal.lines.filter(transaction_id="c").exists()
    assert_chained(journal)


@pytest.mark.django_db
def test_to_months_and_back_the_statements_are_the_same() -> None:
    journal, _second = two_fetches()
    before = said(journal)
    regrouping.regroup(journal, Journal.Period.MONTH)
    assert_chained(journal)
    assert all(row[0].day == 1 for row in said(journal))
    regrouping.regroup(journal, Journal.Period.FETCH)
    assert said(journal) == before
    assert_chained(journal)
