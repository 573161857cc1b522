"""Every transaction once, in its month, and nothing written over silently."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db import transaction as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from companies.models import Company
from foundation.money import LARGEST
from providers.errors import InvalidResponse
from providers.types import CounterpartyData, TransactionData
from statements.models import Journal, ReviewItem, StatementLine, StatementVersion
from statements.services.balances import compare
from statements.services.intake import Intake, take_in
from tests.factories import (
    balance,
    make_account,
    make_company,
    make_connection,
    make_journal,
    make_run,
    make_user,
    transaction,
)

pytestmark = pytest.mark.django_db


def fed_journal(company: Company | None = None, **fields: Any) -> Journal:
    """A journal that an account feeds."""
    return make_journal(account=make_account(make_connection(company)), **fields)


def take(journal: Journal, *transactions: TransactionData, **options: Any) -> Intake:
    """One fetch of the journal's account brings these."""
    with database.atomic():
        result = take_in(journal, make_run(), transactions=transactions, **{"account": journal.account, **options})
        compare(journal, options.get("bank"))
    return result


def chain(journal: Journal) -> list[tuple[str, str, str, int]]:
    """(month, opening, closing, version) of each statement, oldest first."""
    return [
        (f"{statement.first_day:%Y-%m}", str(statement.opening), str(statement.closing), statement.version)
        for statement in journal.statements.order_by("first_day")
    ]


def test_it_books_each_posted_transaction_with_all_its_facts() -> None:
    journal = fed_journal()
    data = transaction(
        "t1",
        "-12.34",
        day="2026-03-31",
        value_date=dt.date(2026, 4, 1),
        original_amount=Decimal("-14.10"),
        original_currency="USD",
        counterparty=CounterpartyData(name="Électricité \\ SA\twith\ttabs", account_number="BE68539007547034"),
        remittance="line one\nline two \\N 電気",
        kind="direct debit",
    )
    assert take(journal, data) == Intake(seen=1, new=1)
    line = StatementLine.objects.get()
    assert (line.amount, line.currency, line.booking_date) == (Decimal("-12.34"), "EUR", dt.date(2026, 3, 31))
    assert (line.value_date, line.original_amount, line.original_currency) == (
        dt.date(2026, 4, 1),
        Decimal("-14.10"),
        "USD",
    )
    assert line.counterparty_name == "Électricité \\ SA\twith\ttabs"
    assert line.remittance == "line one\nline two \\N 電気"
    assert (line.counterparty_account, line.kind, line.raw) == ("BE68539007547034", "direct debit", "null")
    assert line.statement.first_day == dt.date(2026, 3, 1)


def test_the_same_payload_again_adds_nothing() -> None:
    journal = fed_journal()
    payload = [transaction("a"), transaction("b", "-5.00", day="2026-02-10")]
    take(journal, *payload, bank=balance("105.00"))
    before = chain(journal)
    assert take(journal, *payload, bank=balance("105.00")) == Intake(seen=2, known=2)
    assert StatementLine.objects.count() == 2
    assert chain(journal) == before


def test_two_equal_payments_of_one_day_both_stay() -> None:
    journal = fed_journal()
    assert take(journal, transaction("a", "-2.80"), transaction("b", "-2.80")).new == 2


def test_an_id_that_begins_like_a_known_one_or_differs_in_case_is_another() -> None:
    journal = fed_journal()
    take(journal, transaction("abc"))
    assert take(journal, transaction("abcd"), transaction("ABC")).new == 2


def test_the_same_id_twice_in_one_payload_is_one_line() -> None:
    journal = fed_journal()
    assert take(journal, transaction("a"), transaction("a")) == Intake(seen=1, new=1)


def test_the_same_id_in_another_journal_is_another_line() -> None:
    take(fed_journal(), transaction("a"))
    assert take(fed_journal(), transaction("a")).new == 1


def test_statements_are_monthly_and_each_opens_with_what_the_one_before_closed_with() -> None:
    journal = fed_journal()
    take(
        journal,
        transaction("a", "100.00", day="2026-01-31"),
        transaction("b", "-30.00", day="2026-02-01"),
        transaction("c", "7.50", day="2026-04-15"),
        bank=balance("1077.50"),
    )
    assert chain(journal) == [
        ("2026-01", "1000.00", "1100.00", 1),
        ("2026-02", "1100.00", "1070.00", 1),
        ("2026-03", "1070.00", "1070.00", 1),
        ("2026-04", "1070.00", "1077.50", 1),
    ]
    april = journal.statements.get(first_day=dt.date(2026, 4, 1))
    assert (april.total_in, april.total_out, april.line_count) == (Decimal("7.50"), Decimal(0), 1)


def test_c39_a_late_line_changes_its_statement_and_those_after_it_visibly() -> None:
    journal = fed_journal()
    take(
        journal,
        transaction("a", "100.00", day="2026-01-10"),
        transaction("b", "10.00", day="2026-02-10"),
        transaction("c", "1.00", day="2026-03-10"),
        bank=balance("111.00"),
    )
    take(journal, transaction("late", "5.00", day="2026-02-20"), bank=balance("116.00"))
    assert chain(journal) == [
        ("2026-01", "0.00", "100.00", 1),
        ("2026-02", "100.00", "115.00", 2),
        ("2026-03", "115.00", "116.00", 2),
    ]
    kept = StatementVersion.objects.order_by("statement__first_day").values_list("version", "opening", "closing")
    assert list(kept) == [(1, Decimal(100), Decimal(110)), (1, Decimal(110), Decimal(111))]


def test_older_history_moves_the_opening_back_and_no_closing() -> None:
    journal = fed_journal()
    take(journal, transaction("a", "100.00", day="2026-03-10"), bank=balance("600.00"))
    take(journal, transaction("older", "40.00", day="2026-01-10"), complete_from=dt.date(2026, 1, 10))
    assert chain(journal) == [
        ("2026-01", "460.00", "500.00", 1),
        ("2026-02", "500.00", "500.00", 1),
        ("2026-03", "500.00", "600.00", 1),
    ]


def test_a_line_that_comes_late_before_all_others_changes_what_follows() -> None:
    journal = fed_journal()
    take(journal, transaction("a", "100.00", day="2026-03-10"), bank=balance("600.00"))
    take(journal, transaction("late", "40.00", day="2026-02-27"))
    assert chain(journal) == [("2026-02", "500.00", "540.00", 1), ("2026-03", "540.00", "640.00", 2)]


def test_an_account_that_was_empty_at_first_opens_with_its_balance_whatever_day_comes_later() -> None:
    journal = fed_journal()
    take(journal, bank=balance("1000.00"))
    take(journal, transaction("a", "-2.80", day="2026-06-30"), bank=balance("997.20"))
    assert chain(journal) == [("2026-06", "1000.00", "997.20", 1)]


def test_the_bank_decides_whether_earlier_lines_are_history_or_late() -> None:
    journal = fed_journal()
    take(journal, transaction("a", "100.00", day="2026-03-10"), bank=balance("600.00"))
    take(journal, transaction("older", "40.00", day="2026-03-01"), bank=balance("600.00"))
    assert chain(journal) == [("2026-03", "460.00", "600.00", 2)]
    late = transaction("late", "5.00", day="2026-02-27")
    take(journal, late, bank=balance("605.00"), complete_from=dt.date(2026, 2, 27))
    assert chain(journal) == [("2026-02", "460.00", "465.00", 1), ("2026-03", "465.00", "605.00", 3)]


def test_c40_without_a_balance_from_the_bank_the_opening_stays_unknown_until_there_is_one() -> None:
    journal = fed_journal()
    take(journal, transaction("a", "100.00"), bank=None)
    assert journal.opening_balance is None
    take(journal, transaction("b", "1.00"), bank=balance("501.00"))
    assert journal.opening_balance == Decimal("400.00")
    assert chain(journal)[0][2] == "501.00"


def test_a_balance_in_another_currency_is_not_taken_for_ours() -> None:
    journal = fed_journal()
    take(journal, transaction("a"), bank=balance("500.00", currency="USD"))
    assert journal.opening_balance is None


@pytest.mark.parametrize(
    "after",
    [
        pytest.param(transaction("a", "10.01"), id="amount"),
        pytest.param(transaction("a", "10.00", day="2026-01-03"), id="day"),
        pytest.param(transaction("a", "10.00", currency="USD"), id="currency"),
    ],
)
def test_a_known_id_with_other_facts_goes_to_review_once_and_the_line_stays(after: TransactionData) -> None:
    journal = fed_journal()
    take(journal, transaction("a", "10.00"))
    assert take(journal, after) == Intake(seen=1, known=1, changed=1)
    line = StatementLine.objects.get()
    assert (line.amount, line.booking_date, line.currency) == (Decimal("10.00"), dt.date(2026, 1, 1), "EUR")
    item = ReviewItem.objects.get()
    assert (item.kind, item.line, item.before) == (
        "changed",
        line,
        {"booking_date": "2026-01-01", "amount": "10.00", "currency": "EUR"},
    )
    assert item.after == {
        "booking_date": after.booking_date.isoformat(),
        "amount": str(after.amount),
        "currency": after.currency,
    }
    assert take(journal, after).changed == 0
    assert ReviewItem.objects.count() == 1


def test_a_line_the_provider_takes_back_goes_to_review_and_stays() -> None:
    journal = fed_journal()
    take(journal, transaction("a", "10.00"), bank=balance("10.00"))
    assert take(journal, removed=("a", "never-seen")).changed == 1
    assert StatementLine.objects.count() == 1
    assert ReviewItem.objects.get().kind == "removed"
    assert take(journal, removed=("a",)).changed == 0


def test_new_words_and_value_date_are_taken_over_with_a_trace() -> None:
    journal = fed_journal()
    take(journal, transaction("a", remittance="PENDING TEXT"))
    result = take(journal, transaction("a", remittance="final text", value_date=dt.date(2026, 1, 2)))
    assert result == Intake(seen=1, known=1, changed=1)
    line = StatementLine.objects.get()
    assert (line.remittance, line.value_date) == ("final text", dt.date(2026, 1, 2))
    trace = line.traces.get()
    assert (trace.remittance, trace.value_date) == ("PENDING TEXT", None)
    assert take(journal, transaction("a", remittance="final text", value_date=dt.date(2026, 1, 2))).changed == 0
    assert line.traces.count() == 1


def test_c14_what_lies_in_the_locked_period_is_held_and_not_booked() -> None:
    journal = fed_journal(make_company(lock_date=dt.date(2026, 1, 31)))
    result = take(
        journal,
        transaction("locked", "5.00", day="2026-01-31"),
        transaction("open", "7.00", day="2026-02-01"),
        bank=balance("112.00"),
    )
    assert result == Intake(seen=2, new=1, held=1)
    assert list(StatementLine.objects.values_list("transaction_id", flat=True)) == ["open"]
    item = ReviewItem.objects.get()
    assert (item.kind, item.after["amount"], item.after["remittance"]) == ("locked", "5.00", "bread")
    # What is held is in the bank's balance and not in the books: the proof says so, and the opening does not hide it.
    assert journal.opening_balance == Decimal("100.00")
    assert take(journal, transaction("locked", "5.00", day="2026-01-31")).held == 1
    assert ReviewItem.objects.count() == 1


def test_a_line_booked_before_the_period_was_locked_stays_known() -> None:
    company = make_company()
    journal = fed_journal(company)
    take(journal, transaction("a", day="2026-01-10"))
    company.lock_date = dt.date(2026, 1, 31)
    company.save()
    journal.refresh_from_db()
    assert take(journal, transaction("a", day="2026-01-10")) == Intake(seen=1, known=1)


def test_nothing_before_the_chosen_first_day_is_booked() -> None:
    journal = fed_journal(first_day=dt.date(2026, 2, 1))
    result = take(
        journal,
        transaction("early", "5.00", day="2026-01-31"),
        transaction("a", "7.00", day="2026-02-01"),
        bank=balance("112.00"),
    )
    assert result == Intake(seen=2, new=1, skipped=1)
    assert chain(journal) == [("2026-02", "105.00", "112.00", 1)]


def test_a_payment_in_another_currency_than_the_journal_waits_for_a_decision() -> None:
    journal = fed_journal()
    assert take(journal, transaction("usd", currency="USD")) == Intake(seen=1, held=1)
    assert StatementLine.objects.count() == 0
    assert ReviewItem.objects.get().kind == "currency"


def test_an_amount_too_fine_to_keep_stores_nothing_at_all() -> None:
    journal = fed_journal()
    with pytest.raises(InvalidResponse, match="more than 4 decimals"):
        take(journal, transaction("a"), transaction("b", "0.00001"))
    assert not StatementLine.objects.exists()


@pytest.mark.parametrize("text", ["0.0001", "-0.0001", "123456789012.3456", str(LARGEST), "0.00"])
def test_amounts_come_back_to_the_last_digit(text: str) -> None:
    take(fed_journal(), transaction("a", text))
    assert StatementLine.objects.get().amount == Decimal(text)


def test_the_number_of_queries_does_not_grow_with_the_number_of_lines() -> None:
    def queries(count: int) -> int:
        journal = fed_journal()
        take(journal, *(transaction(f"a{n}", day=f"2026-0{n % 6 + 1}-10") for n in range(6)), bank=balance("1.00"))
        rows = [transaction(f"b{n}", day=f"2026-0{n % 6 + 1}-11") for n in range(count)]
        run = make_run()
        with CaptureQueriesContext(connection) as captured, database.atomic():
            take_in(journal, run, transactions=rows, account=journal.account, bank=balance("1.00"))
        return len(captured)

    assert queries(2_000) == queries(10)


def test_the_lines_page_shows_what_the_bank_said_before(client: Client) -> None:
    journal = fed_journal()
    take(journal, transaction("a", remittance="PENDING TEXT"))
    take(journal, transaction("a", remittance="final text"))
    person = make_user(company=journal.company)
    client.force_login(person)
    page = client.get(f"/lines/{journal.lines.get().pk}/").content.decode()
    assert "final text" in page
    assert "PENDING TEXT" in page
