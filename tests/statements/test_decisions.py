"""One item, one decision: carried out in one step, remembered, and taken back while it is recent."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction as database

from providers.types import BalanceData, TransactionData
from statements.models import Journal, RemovedLine, ReviewItem, Statement, StatementLine
from statements.refusal import Refused
from statements.services import decisions, lines
from statements.services.intake import Intake, take_in
from tests.factories import (
    balance,
    make_account,
    make_company,
    make_connection,
    make_journal,
    make_line,
    make_run,
    make_user,
    transaction,
)

pytestmark = pytest.mark.django_db
Kind, Decision = ReviewItem.Kind, ReviewItem.Decision


def fed_journal(**company: Any) -> Journal:
    account = make_account(make_connection(make_company(**company)))
    return make_journal(account=account)


def take(
    journal: Journal, *transactions: TransactionData, removed: tuple[str, ...] = (), bank: BalanceData | None = None
) -> Intake:
    journal = Journal.objects.select_related("company", "account").get(pk=journal.pk)
    assert journal.account is not None
    run = make_run(journal.account.connection)
    with database.atomic():
        return take_in(journal, run, transactions=transactions, removed=removed, bank=bank, account=journal.account)


def only_item() -> ReviewItem:
    return ReviewItem.objects.open().select_related("journal__company").get()


def decide(decision: str) -> ReviewItem:
    return decisions.decide(only_item(), decision, person=make_user())


def chain(journal: Journal) -> list[tuple[str, str, str]]:
    """(month, opening, closing) of each statement that has lines; checks that each opens where the last closed."""
    statements = list(journal.statements.order_by("first_day"))
    for before, after in zip(statements, statements[1:], strict=False):
        assert after.opening == before.closing
    return [(f"{one.first_day:%Y-%m}", str(one.opening), str(one.closing)) for one in statements if one.line_count]


def books(journal: Journal) -> list[tuple[str, str]]:
    return [
        (line.booking_date.isoformat(), str(line.amount)) for line in journal.lines.order_by("booking_date", "amount")
    ]


# --- changed by the bank ------------------------------------------------------------------------------------------
def test_keeping_the_books_is_not_asked_again() -> None:
    journal = fed_journal()
    take(journal, transaction("a", "10.00"))
    take(journal, transaction("a", "12.00"))
    item = decide(Decision.KEEP)
    assert (item.decision, item.decided_by is not None, item.decided_at is not None) == ("keep", True, True)
    assert books(journal) == [("2026-01-01", "10.00")]
    assert take(journal, transaction("a", "12.00")).changed == 0
    assert not ReviewItem.objects.open().exists()


def test_taking_over_what_the_bank_says_moves_the_line_to_its_month_and_the_balances_follow() -> None:
    journal = fed_journal()
    take(journal, transaction("a", "10.00", day="2026-01-31"), transaction("b", "5.00", day="2026-02-10"))
    take(journal, bank=balance("115.00"))
    take(journal, transaction("a", "12.00", day="2026-02-02"))
    decide(Decision.APPLY)
    assert books(journal) == [("2026-02-02", "12.00"), ("2026-02-10", "5.00")]
    assert chain(journal) == [("2026-02", "100.00", "117.00")]
    assert take(journal, transaction("a", "12.00", day="2026-02-02")) == Intake(seen=1, known=1)


def test_a_change_that_the_bank_makes_twice_is_asked_twice() -> None:
    journal = fed_journal()
    take(journal, transaction("a", "10.00"))
    for amount in ("12.00", "10.00", "12.00"):
        assert take(journal, transaction("a", amount)).changed == 1
        decide(Decision.APPLY)
    assert books(journal) == [("2026-01-01", "12.00")]


def test_another_currency_than_the_journals_cannot_be_taken_over() -> None:
    journal = fed_journal()
    take(journal, transaction("a"))
    take(journal, transaction("a", currency="USD"))
    with pytest.raises(Refused, match="USD"):
        decide(Decision.APPLY)
    assert only_item().decision == ""


def test_nothing_in_the_locked_period_is_changed_or_removed() -> None:
    journal = fed_journal()
    take(journal, transaction("a", "10.00"))
    take(journal, transaction("a", "12.00"), removed=())
    lock(journal, "2026-01-31")
    with pytest.raises(Refused, match="locked"):
        decide(Decision.APPLY)
    assert books(journal) == [("2026-01-01", "10.00")]


# --- taken back by the bank ---------------------------------------------------------------------------------------
def test_a_line_taken_out_leaves_the_balance_right_and_does_not_come_back() -> None:
    journal = fed_journal()
    take(journal, transaction("a", "10.00"), transaction("b", "5.00"), bank=balance("115.00"))
    take(journal, removed=("a",))
    item = decide(Decision.REMOVE)
    assert item.line is None
    assert books(journal) == [("2026-01-01", "5.00")]
    assert chain(journal) == [("2026-01", "100.00", "105.00")]
    memory = RemovedLine.objects.get()
    assert (memory.transaction_id, memory.reason, memory.facts["remittance"]) == ("a", "withdrawn", "bread")
    assert take(journal, transaction("a", "10.00")) == Intake(seen=1, known=1)
    assert books(journal) == [("2026-01-01", "5.00")]


# --- in the locked period -----------------------------------------------------------------------------------------
def lock(journal: Journal, day: str | None) -> None:
    company = journal.company
    company.lock_date = dt.date.fromisoformat(day) if day else None
    company.save()


def held_in_lock() -> Journal:
    journal = fed_journal(lock_date=dt.date(2026, 1, 31))
    take(
        journal,
        transaction("late", "5.00", day="2026-01-20", value_date=dt.date(2026, 1, 19)),
        transaction("b", "7.00", day="2026-02-10"),
        bank=balance("112.00"),
    )
    return journal


def test_a_late_one_is_booked_on_the_first_open_day_and_keeps_its_own_day_in_sight() -> None:
    journal = held_in_lock()
    decide(Decision.BOOK_OPEN_DAY)
    line = StatementLine.objects.get(transaction_id="late")
    assert (line.booking_date, line.original_date) == (dt.date(2026, 2, 1), dt.date(2026, 1, 20))
    assert (line.value_date, line.account, line.origin) == (dt.date(2026, 1, 19), journal.account, "feed")
    assert chain(journal) == [("2026-02", "100.00", "112.00")]


def test_a_fetch_does_not_complain_about_the_day_a_person_chose() -> None:
    journal = held_in_lock()
    decide(Decision.BOOK_OPEN_DAY)
    again = take(journal, transaction("late", "5.00", day="2026-01-20"))
    assert (again.new, again.changed, again.held) == (0, 0, 0)
    lock(journal, None)
    again = take(journal, transaction("late", "5.00", day="2026-01-20"))
    assert (again.new, again.changed, again.held) == (0, 0, 0)
    assert not ReviewItem.objects.open().exists()


def test_c15_the_lock_date_moves_no_transaction_unless_a_person_says_so() -> None:
    journal = held_in_lock()
    assert not StatementLine.objects.filter(transaction_id="late").exists()
    assert only_item().after["booking_date"] == "2026-01-20"
    assert decisions.choices(only_item()) == (Decision.BOOK_OPEN_DAY, Decision.IGNORE)
    with pytest.raises(Refused):
        decide(Decision.BOOK)
    assert books(journal) == [("2026-02-10", "7.00")]


def test_after_reopening_it_is_booked_on_its_own_day() -> None:
    journal = held_in_lock()
    lock(journal, None)
    assert decisions.choices(only_item()) == (Decision.BOOK, Decision.IGNORE)
    decide(Decision.BOOK)
    line = StatementLine.objects.get(transaction_id="late")
    assert (line.booking_date, line.original_date) == (dt.date(2026, 1, 20), None)
    assert chain(journal) == [("2026-01", "100.00", "105.00"), ("2026-02", "105.00", "112.00")]


def test_what_a_fetch_has_booked_since_the_reopening_is_not_booked_twice() -> None:
    journal = held_in_lock()
    lock(journal, None)
    take(journal, transaction("late", "5.00", day="2026-01-20"))
    item = ReviewItem.objects.open().select_related("journal__company").first()
    if item is not None:
        decisions.decide(item, Decision.BOOK, person=make_user())
        decisions.undo(item)
    assert books(journal) == [("2026-01-20", "5.00"), ("2026-02-10", "7.00")]


def test_what_is_left_out_for_good_stays_out_even_when_the_period_is_reopened() -> None:
    journal = held_in_lock()
    decide(Decision.IGNORE)
    lock(journal, None)
    again = take(journal, transaction("late", "5.00", day="2026-01-20"))
    assert (again.new, again.held) == (0, 0)
    assert books(journal) == [("2026-02-10", "7.00")]


# --- another currency, and perhaps there already ------------------------------------------------------------------
@pytest.mark.parametrize("decision", [Decision.KEEP, Decision.IGNORE])
def test_a_payment_in_another_currency_can_only_be_kept_out(decision: str) -> None:
    journal = fed_journal()
    take(journal, transaction("usd", currency="USD"))
    with pytest.raises(Refused):
        decide(Decision.BOOK)
    decide(decision)
    take(journal, transaction("usd", currency="USD"))
    assert not ReviewItem.objects.open().exists()
    assert books(journal) == []


def suspected() -> tuple[Journal, StatementLine]:
    journal = fed_journal()
    by_hand = make_line(journal, "10.00", transaction_id="", origin="hand", remittance="typed in")
    lines.rebalance(journal, [by_hand.statement])
    assert take(journal, transaction("a", "10.00")).held == 1
    return journal, by_hand


def test_c06_a_manual_line_and_the_fetched_one_are_offered_as_one_and_merged_by_a_person_alone() -> None:
    journal, by_hand = suspected()
    item = only_item()
    assert (item.kind, item.line) == ("suspected", by_hand)
    assert books(journal) == [("2026-01-01", "10.00")]
    decide(Decision.SAME)
    by_hand.refresh_from_db()
    assert (by_hand.transaction_id, by_hand.account, by_hand.remittance) == ("a", journal.account, "typed in")
    assert take(journal, transaction("a", "10.00")).new == 0
    assert books(journal) == [("2026-01-01", "10.00")]


def test_two_that_are_not_the_same_are_both_booked() -> None:
    journal, by_hand = suspected()
    decide(Decision.BOOK)
    assert books(journal) == [("2026-01-01", "10.00"), ("2026-01-01", "10.00")]
    by_hand.refresh_from_db()
    assert by_hand.transaction_id == ""
    assert take(journal, transaction("a", "10.00")) == Intake(seen=1, known=1)


# --- taking a decision back ---------------------------------------------------------------------------------------
def changed() -> Journal:
    journal = fed_journal()
    take(journal, transaction("a", "10.00"), bank=balance("110.00"))
    take(journal, transaction("a", "12.00", day="2026-02-03"))
    return journal


def withdrawn() -> Journal:
    journal = fed_journal()
    take(journal, transaction("a", "10.00"), bank=balance("110.00"))
    take(journal, removed=("a",))
    return journal


def foreign() -> Journal:
    journal = fed_journal()
    take(journal, transaction("usd", currency="USD"))
    return journal


@pytest.mark.parametrize(
    ("make", "decision"),
    [
        (changed, Decision.KEEP),
        (changed, Decision.APPLY),
        (withdrawn, Decision.REMOVE),
        (held_in_lock, Decision.BOOK_OPEN_DAY),
        (held_in_lock, Decision.IGNORE),
        (foreign, Decision.IGNORE),
        (lambda: suspected()[0], Decision.SAME),
        (lambda: suspected()[0], Decision.BOOK),
    ],
)
def test_a_decision_taken_back_leaves_everything_as_it_was(make: Any, decision: str) -> None:
    journal = make()

    def state() -> tuple[Any, ...]:
        item = only_item()
        facts = ("booking_date", "original_date", "amount", "transaction_id", "account", "origin", "remittance")
        return (
            list(journal.lines.order_by("amount", "pk").values_list(*facts)),
            chain(journal),
            (item.kind, item.before, item.after, item.fingerprint, item.line is None),
            RemovedLine.objects.count(),
        )

    before = state()
    item = decide(decision)
    assert decisions.undoable(journal.company) == [item]
    decisions.undo(item)
    assert state() == before
    assert decisions.undoable(journal.company) == []


def test_what_is_decided_is_decided_once() -> None:
    changed()
    item = decide(Decision.KEEP)
    with pytest.raises(Refused, match="decided already"):
        decisions.decide(item, Decision.APPLY, person=make_user())


def test_a_decision_that_the_kind_does_not_know_is_refused() -> None:
    withdrawn()
    with pytest.raises(Refused):
        decide(Decision.BOOK)
    with pytest.raises(Refused):
        decide("nonsense")


def test_only_the_last_ten_decisions_can_be_taken_back() -> None:
    journal = fed_journal()
    take(journal, *(transaction(f"u{n}", currency="USD") for n in range(11)))
    items = list(ReviewItem.objects.open().select_related("journal__company"))
    for item in items:
        decisions.decide(item, Decision.KEEP, person=make_user())
    assert len(decisions.undoable(journal.company)) == 10
    with pytest.raises(Refused, match="last 10"):
        decisions.undo(items[0])
    decisions.undo(items[1])


def test_a_change_made_since_is_not_undone_over() -> None:
    journal = changed()
    item = decide(Decision.APPLY)
    take(journal, transaction("a", "15.00", day="2026-02-03"))
    decisions.decide(only_item(), Decision.APPLY, person=make_user())
    with pytest.raises(Refused, match="changed again"):
        decisions.undo(item)
    assert books(journal) == [("2026-02-03", "15.00")]


def test_statements_that_lose_their_last_line_stay_in_the_chain() -> None:
    journal = withdrawn()
    decide(Decision.REMOVE)
    assert list(Statement.objects.values_list("opening", "closing", "line_count")) == [
        (Decimal("100.00"), Decimal("100.00"), 0)
    ]
    assert books(journal) == []
