"""A statement is complete where the bank's own balance proves it, and says on what that rests."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import msgspec
import pytest
from django.db import transaction as database

from providers.types import TransactionData
from statements import flags
from statements.flags import Evidence, Flags
from statements.models import Journal, ProvenDays, Statement
from statements.services import balances, manual, proofs, proven, regrouping
from statements.services.intake import take_in
from tests.factories import balance, make_account, make_company, make_journal, make_run, make_user, transaction

pytestmark = pytest.mark.django_db

BEGAN = dt.date(2026, 1, 1)


def at(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(12), tzinfo=dt.UTC)


def fetch(
    journal: Journal, *transactions: TransactionData, bank: str | None, day: dt.date, read_from: dt.date = BEGAN
) -> None:
    """What a fetch does with what it read, as if it were that day; ``bank`` is the balance it brought."""
    given = msgspec.structs.replace(balance(bank), at=at(day))
    with database.atomic():
        held = Journal.objects.select_related("account__connection__institution", "company").get(pk=journal.pk)
        assert held.account is not None
        run = make_run(held.account.connection)
        take_in(held, run, transactions=transactions, bank=given, account=held.account, covered_from=read_from)
        balances.compare(held, given)
        proven.note(held.account, first_day=read_from, last_day=day)
        proofs.mark(held)


def flags_by_month(journal: Journal) -> dict[int, Flags]:
    statements = list(flags.with_previous(Statement.objects.filter(journal=journal)))
    ranges = flags.ranges_for(statements)
    return {one.first_day.month: flags.flags_of(one, ranges) for one in statements}


def complete(journal: Journal) -> dict[int, tuple[bool | None, Evidence, dt.date | None]]:
    return {month: (one.complete, one.evidence, one.day) for month, one in flags_by_month(journal).items()}


def fed() -> Journal:
    """A journal read in full on 10 March: a line in each month, and a balance that agrees."""
    journal = make_journal(account=make_account())
    months = [transaction(f"t{month}", "10.00", day=f"2026-{month:02d}-05") for month in (1, 2, 3)]
    fetch(journal, *months, bank="30.00", day=dt.date(2026, 3, 10))
    return journal


TENTH = dt.date(2026, 3, 10)


def test_a_balance_that_agrees_proves_its_month_and_those_before_it() -> None:
    journal = fed()
    assert complete(journal) == dict.fromkeys((1, 2, 3), (True, Evidence.BALANCE, TENTH))
    march = journal.statements.get(first_day=dt.date(2026, 3, 1))
    assert (march.bank_balance, march.bank_balance_day, march.our_balance) == (Decimal(30), TENTH, Decimal(30))
    assert journal.statements.get(first_day=BEGAN).bank_balance is None


def test_months_that_are_over_keep_their_proof_when_a_later_balance_differs() -> None:
    journal = fed()
    fetch(journal, bank="25.00", day=dt.date(2026, 3, 20))
    assert complete(journal) == {
        1: (True, Evidence.BALANCE, TENTH),
        2: (True, Evidence.BALANCE, TENTH),
        3: (False, Evidence.BALANCE, dt.date(2026, 3, 20)),
    }
    assert flags_by_month(journal)[3].difference == Decimal(5)
    march = journal.statements.get(first_day=dt.date(2026, 3, 1))
    assert (march.bank_balance, march.our_balance) == (Decimal(25), Decimal(30))
    fetch(journal, transaction("late", "-5.00", day="2026-03-09"), bank="25.00", day=dt.date(2026, 3, 21))
    assert complete(journal)[3] == (True, Evidence.BALANCE, dt.date(2026, 3, 21))


def test_a_line_that_is_taken_out_takes_the_proof_from_its_month_on_until_it_is_back() -> None:
    journal = fed()
    manual.remove(journal.lines.get(transaction_id="t2"), person=make_user())
    found = flags_by_month(journal)
    assert [found[month].complete for month in (1, 2, 3)] == [True, False, False]
    assert found[2].difference == Decimal(-10)
    manual.put_back(journal.removed_lines.get())
    assert [one.complete for one in flags_by_month(journal).values()] == [True, True, True]


def test_a_late_line_of_an_old_month_is_proven_by_the_balance_it_came_with() -> None:
    journal = fed()
    twelfth = dt.date(2026, 3, 12)
    fetch(journal, transaction("late", "7.00", day="2026-02-27"), bank="37.00", day=twelfth)
    assert complete(journal) == {
        1: (True, Evidence.BALANCE, TENTH),
        2: (True, Evidence.BALANCE, twelfth),
        3: (True, Evidence.BALANCE, twelfth),
    }


def test_days_that_were_not_read_are_named_and_no_balance_reaches_behind_them() -> None:
    journal = make_journal(account=make_account())
    lines = [transaction(f"t{month}", "10.00", day=f"2026-{month:02d}-05") for month in (1, 2, 3)]
    fetch(journal, lines[0], bank=None, day=dt.date(2026, 1, 31))
    fetch(journal, *lines[1:], bank="30.00", day=dt.date(2026, 3, 20), read_from=dt.date(2026, 3, 1))
    found = flags_by_month(journal)
    hole = (dt.date(2026, 2, 1), dt.date(2026, 2, 28))
    assert (found[1].complete, found[1].evidence) == (None, Evidence.BEHIND_GAP)
    assert (found[2].complete, found[2].evidence) == (False, Evidence.GAP)
    assert found[2].gap is not None
    assert (found[2].gap.first_day, found[2].gap.last_day) == hole
    assert (found[3].complete, found[3].day) == (True, dt.date(2026, 3, 20))
    fetch(journal, bank="30.00", day=dt.date(2026, 3, 21), read_from=dt.date(2026, 1, 25))
    assert [one.complete for one in flags_by_month(journal).values()] == [True, True, True]


def test_what_came_by_file_before_anything_was_read_is_not_called_complete() -> None:
    journal = fed()
    ProvenDays.objects.update(first_day=dt.date(2026, 2, 1))
    Statement.objects.update(proven_on=None)
    proofs.mark(Journal.objects.get())
    assert complete(journal)[1] == (None, Evidence.NOT_READ, None)
    assert complete(journal)[2] == (True, Evidence.BALANCE, TENTH)


def test_a_month_that_begins_before_the_books_do_is_proven_whole() -> None:
    journal = make_journal(account=make_account())
    middle = dt.date(2026, 1, 15)
    fetch(journal, transaction("a", day="2026-01-20"), bank="10.00", day=dt.date(2026, 1, 31), read_from=middle)
    assert complete(journal) == {1: (True, Evidence.BALANCE, dt.date(2026, 1, 31))}


def test_what_lies_after_the_banks_balance_waits_for_the_next_one() -> None:
    journal = fed()
    fetch(journal, transaction("ahead", day="2026-04-02"), bank="40.00", day=dt.date(2026, 3, 31))
    assert complete(journal)[4] == (None, Evidence.NOT_YET, dt.date(2026, 3, 31))


def test_c40_without_a_balance_from_the_bank_nothing_is_called_complete() -> None:
    journal = make_journal(account=make_account())
    fetch(journal, transaction("a", day="2026-01-20"), bank=None, day=dt.date(2026, 1, 31))
    assert complete(journal) == {1: (None, Evidence.NOTHING, None)}
    statement = journal.statements.get()
    assert (statement.bank_closing, statement.bank_balance, statement.proven_on) == (None, None, None)


def test_the_banks_own_closing_balance_counts_before_everything_else() -> None:
    journal = fed()
    january = journal.statements.filter(first_day=BEGAN)
    january.update(bank_closing=Decimal("10.01"))
    assert flags_by_month(journal)[1].difference == Decimal("-0.01")
    assert complete(journal)[1] == (False, Evidence.CLOSING, dt.date(2026, 1, 31))


def test_regrouping_keeps_what_the_bank_said_and_what_it_proves() -> None:
    journal = fed()
    regrouping.regroup(journal, Journal.Period.QUARTER)
    quarter = journal.statements.get()
    assert (quarter.bank_balance, quarter.bank_balance_day, quarter.proven_on) == (Decimal(30), TENTH, TENTH)


def test_a_journal_that_no_bank_feeds_is_not_compared() -> None:
    journal = make_journal(make_company())
    manual.add(journal, booking_date=BEGAN, amount=Decimal(5))
    manual.set_opening(journal, day=BEGAN, balance=Decimal(100))
    assert complete(journal) == {1: (None, Evidence.NOTHING, None)}
