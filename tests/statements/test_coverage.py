"""Which days were read, why others were not, and what becomes of them, on every page that shows it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from connections.models import Account, Connection
from statements.coverage import Coverage, coverage_of
from statements.models import ProvenDays, SyncRun
from tests.factories import make_account, make_connection, make_institution, make_journal, make_line, make_run
from tests.sessions import signed_in

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 20)
DAY = dt.timedelta(days=1)


def read_account(*ranges: tuple[str, str], history_days: int | None = None, **fields: Any) -> Account:
    """An account with a journal, of which these days were read."""
    institution = make_institution(capabilities={"history_days": history_days} if history_days else {})
    account = make_account(make_connection(institution=institution, **fields))
    make_journal(account=account)
    for first, last in ranges:
        days = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
        ProvenDays.objects.create(account=account, first_day=days[0], last_day=days[1])
    return account


def coverage(account: Account, *, today: dt.date = TODAY) -> Coverage:
    return coverage_of([account], today=today)[account.pk]


def failed_on(connection: Connection, day: dt.date, message: str) -> None:
    run = make_run(connection, state=SyncRun.State.FAILED, reason="unreachable", error_message=message)
    SyncRun.objects.filter(pk=run.pk).update(started_at=dt.datetime.combine(day, dt.time(12), tzinfo=dt.UTC))


def test_an_account_that_was_read_whole_says_from_when_to_when() -> None:
    found = coverage(read_account(("2025-01-01", "2026-11-20")))
    assert (found.first_day, found.last_day, found.is_current) == (dt.date(2025, 1, 1), TODAY, True)
    assert found.holes == []


def test_the_day_of_the_last_fetch_and_the_one_after_are_no_hole() -> None:
    assert coverage(read_account(("2025-01-01", "2026-11-19"))).holes == []
    [hole] = coverage(read_account(("2025-01-01", "2026-11-18"))).holes
    assert (hole.first_day, hole.last_day) == (dt.date(2026, 11, 19), TODAY)


def test_an_account_that_was_never_read_says_nothing() -> None:
    assert coverage_of([read_account()], today=TODAY) == {}


def test_c26_a_hole_says_which_days_why_and_that_the_next_fetch_reads_them() -> None:
    account = read_account(("2025-01-01", "2026-11-02"), ("2026-11-06", "2026-11-20"))
    failed_on(account.connection, dt.date(2026, 11, 4), "The bank was not reachable.")
    failed_on(account.connection, dt.date(2026, 10, 4), "Another failure.")
    [hole] = coverage(account).holes
    assert (hole.first_day, hole.last_day) == (dt.date(2026, 11, 3), dt.date(2026, 11, 5))
    assert (hole.why, hole.then) == ("The bank was not reachable.", "The next fetch reads them.")
    assert not hole.is_lost


def test_what_the_bank_gives_no_more_is_for_a_file() -> None:
    account = read_account(("2025-01-01", "2026-01-31"), ("2026-08-22", "2026-11-20"), history_days=90)
    [hole] = coverage(account).holes
    assert hole.is_lost
    assert "no more than 3 months" in hole.then


@pytest.mark.parametrize(
    ("fields", "then"),
    [
        ({}, "The next fetch reads them."),
        ({"is_automatic": False}, "Fetch by hand to read them."),
        ({"status": Connection.Status.DISCONNECTED}, "Connect the bank again to read them."),
    ],
)
def test_days_since_the_last_fetch_say_the_failure_that_stands_and_the_way_on(
    fields: dict[str, Any], then: str
) -> None:
    account = read_account(("2025-01-01", "2026-11-02"), **fields)
    account.connection.error_message = "The bank is closed for repairs."
    found = coverage(account)
    [hole] = found.holes
    assert not found.is_current
    assert (hole.first_day, hole.last_day) == (dt.date(2026, 11, 3), TODAY)
    assert (hole.why, hole.then) == ("The bank is closed for repairs.", then)


def test_a_closed_account_waits_for_nothing() -> None:
    account = read_account(("2025-01-01", "2026-11-02"))
    account.is_closed = True
    assert coverage(account).holes == []


def test_the_journal_the_connection_and_the_statement_show_the_hole() -> None:
    today = timezone.localdate()
    account = read_account((str(today - 400 * DAY), str(today - 40 * DAY)), (str(today - 30 * DAY), str(today)))
    line = make_line(account.journal, day=today - 35 * DAY)
    client = signed_in(account.connection.company)
    pages = [
        reverse("line_list", args=[account.journal.pk]),
        reverse("balance_proof", args=[account.journal.pk]),
        reverse("connection", args=[account.connection_id]),
        reverse("statement", args=[line.statement_id]),
    ]
    for page in pages:
        assert "these days were not read." in client.get(page).content.decode(), page


def test_several_accounts_cost_as_many_queries_as_one(django_assert_num_queries: pytest.FixtureRequest) -> None:
    accounts = [read_account(("2025-01-01", "2026-11-02")) for _ in range(5)]
    with django_assert_num_queries(2):  # type: ignore[operator]
        assert len(coverage_of(accounts, today=TODAY)) == 5
