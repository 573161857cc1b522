"""Where ids say nothing, facts and their number do: twins stay two, and nothing comes twice."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction as database

from connections.models import Account
from providers.types import TransactionData
from statements.models import Journal, RemovedLine, ReviewItem, StatementLine
from statements.services.intake import Intake, take_in
from tests.factories import balance, make_account, make_connection, make_journal, make_line, make_run, transaction

pytestmark = pytest.mark.django_db


def fed_journal() -> Journal:
    return make_journal(account=make_account())


def take(journal: Journal, *transactions: TransactionData, **options: Any) -> Intake:
    with database.atomic():
        return take_in(journal, make_run(), transactions=transactions, **{"account": journal.account, **options})


def reconnected(journal: Journal) -> Account:
    """The same bank account seen through a new connection, which feeds the journal from now on."""
    account = make_account(make_connection(journal.company))
    journal.account = account
    journal.save()
    return account


def ids(journal: Journal) -> list[str]:
    return sorted(journal.lines.values_list("transaction_id", flat=True))


def remember_removed(line: StatementLine) -> None:
    RemovedLine.objects.create(
        journal=line.journal,
        account=line.account,
        transaction_id=line.transaction_id,
        booking_date=line.booking_date,
        amount=line.amount,
        currency=line.currency,
        reason=RemovedLine.Reason.DUPLICATE,
    )
    line.delete()


def test_c01_a_new_connection_that_renumbers_everything_adds_nothing() -> None:
    journal = fed_journal()
    take(journal, transaction("a", "-5.00"), transaction("b", "7.00", day="2026-01-02"), bank=balance("100.00"))
    reconnected(journal)
    again = take(journal, transaction("x", "-5.00"), transaction("y", "7.00", day="2026-01-02"))
    assert (again.new, again.known) == (0, 2)
    assert ids(journal) == ["x", "y"]
    assert take(journal, transaction("x", "-5.00")).known == 1


def test_the_twins_of_a_renumbered_connection_stay_two() -> None:
    journal = fed_journal()
    take(journal, transaction("a", "-2.80"), transaction("b", "-2.80"))
    reconnected(journal)
    assert take(journal, transaction("x", "-2.80"), transaction("y", "-2.80")).new == 0
    assert ids(journal) == ["x", "y"]


def test_a_third_twin_that_only_the_new_connection_tells_of_is_new() -> None:
    journal = fed_journal()
    take(journal, transaction("a", "-2.80"), transaction("b", "-2.80"))
    reconnected(journal)
    result = take(journal, *(transaction(name, "-2.80") for name in ("x", "y", "z")))
    assert (result.new, result.known) == (1, 2)


def test_a_later_page_of_the_new_connection_does_not_take_a_line_it_has_named_for_another() -> None:
    journal = fed_journal()
    take(journal, transaction("a", "-2.80"))
    reconnected(journal)
    take(journal, transaction("x", "-2.80"))
    assert take(journal, transaction("y", "-2.80")).new == 1


def test_within_one_account_equal_facts_under_another_id_are_another_payment() -> None:
    journal = fed_journal()
    take(journal, transaction("a", "-2.80"))
    assert take(journal, transaction("b", "-2.80")).new == 1


def test_c09_transactions_without_ids_are_counted() -> None:
    journal = fed_journal()
    payload = [transaction("", "-2.80"), transaction("", "-2.80"), transaction("", "-9.00")]
    assert take(journal, *payload).new == 3
    assert take(journal, *payload) == Intake(seen=3, known=3)
    assert take(journal, *payload, transaction("", "-2.80")).new == 1
    assert journal.lines.count() == 4


def test_c05_a_hold_without_an_id_that_disappears_goes_to_review() -> None:
    journal = fed_journal()
    take(journal, transaction("", "-50.00"), transaction("", "-50.00"), transaction("", "-9.00"))
    first_day = dt.date(2026, 1, 1)
    result = take(journal, transaction("", "-50.00"), transaction("", "-9.00"), complete_from=first_day)
    assert (result.new, result.changed) == (0, 1)
    item = ReviewItem.objects.get()
    assert (item.kind, item.line is not None and item.line.amount) == ("removed", Decimal("-50.00"))
    again = take(journal, transaction("", "-50.00"), transaction("", "-9.00"), complete_from=first_day)
    assert again.changed == 0
    assert journal.lines.count() == 3


def test_c07_a_line_that_was_removed_does_not_come_back() -> None:
    journal = fed_journal()
    take(journal, transaction("a", "-5.00"), transaction("b", "-5.00"))
    remember_removed(journal.lines.get(transaction_id="b"))
    assert take(journal, transaction("a", "-5.00"), transaction("b", "-5.00")) == Intake(seen=2, known=2)
    assert ids(journal) == ["a"]


def test_c07_a_removed_line_does_not_come_back_through_a_new_connection_either() -> None:
    journal = fed_journal()
    take(journal, transaction("a", "-5.00"), transaction("b", "-5.00"))
    remember_removed(journal.lines.get(transaction_id="b"))
    reconnected(journal)
    for _ in range(2):
        assert take(journal, transaction("x", "-5.00"), transaction("y", "-5.00")).new == 0
    assert journal.lines.count() == 1


def test_c06_a_line_entered_by_hand_and_the_fetched_one_are_offered_as_one() -> None:
    journal = fed_journal()
    by_hand = make_line(journal, "-12.00", transaction_id="", origin="hand")
    result = take(journal, transaction("a", "-12.00"), transaction("b", "-12.00"))
    assert (result.new, result.held) == (1, 1)
    item = ReviewItem.objects.get()
    assert (item.kind, item.line) == ("suspected", by_hand)
    assert item.transaction_id in {"a", "b"}


def test_what_a_file_brought_is_not_brought_again_by_the_feed_and_the_other_way_round() -> None:
    journal = fed_journal()
    take(journal, transaction("", "-12.00"), transaction("", "3.00"), account=None, origin="file")
    assert take(journal, transaction("a", "-12.00"), transaction("b", "3.00"), transaction("c", "4.00")).new == 1
    assert ids(journal) == ["a", "b", "c"]
    again = take(journal, transaction("", "-12.00"), transaction("", "4.00"), account=None, origin="file")
    assert (again.new, again.known) == (0, 2)


def test_a_known_id_that_a_new_connection_reuses_for_other_facts_goes_to_review() -> None:
    journal = fed_journal()
    take(journal, transaction("1", "-5.00"))
    reconnected(journal)
    result = take(journal, transaction("1", "-6.00", day="2026-03-01"))
    assert (result.new, result.changed) == (0, 1)
    assert ReviewItem.objects.get().kind == "changed"


def test_equal_transactions_without_ids_that_are_held_stay_as_many_as_they_are() -> None:
    journal = fed_journal()
    for _ in range(2):
        take(journal, transaction("", "1.00", currency="USD"), transaction("", "1.00", currency="USD"))
    assert ReviewItem.objects.count() == 2


def test_what_the_bank_had_changed_is_not_doubled_by_a_new_connection() -> None:
    journal = fed_journal()
    take(journal, transaction("a", "-5.00"))
    take(journal, transaction("a", "-6.00"))
    reconnected(journal)
    result = take(journal, transaction("x", "-6.00"), complete_from=dt.date(2026, 1, 1))
    assert (result.new, result.known) == (0, 1)
    line = journal.lines.get()
    assert (line.transaction_id, line.amount) == ("x", Decimal("-5.00"))


def test_what_a_new_connection_that_told_of_everything_does_not_know_goes_to_review() -> None:
    journal = fed_journal()
    take(journal, transaction("a", "-5.00"), transaction("b", "-7.00"), transaction("early", day="2025-12-01"))
    reconnected(journal)
    result = take(journal, transaction("x", "-5.00"), complete_from=dt.date(2026, 1, 1))
    assert (result.new, result.known, result.changed) == (0, 1, 1)
    item = ReviewItem.objects.get()
    assert (item.kind, item.transaction_id) == ("removed", "b")
    assert journal.lines.count() == 3


def test_a_line_without_an_id_that_was_booked_on_an_open_day_is_known_by_the_banks_own_day() -> None:
    journal = fed_journal()
    take(journal, transaction("", "-5.00"))
    journal.lines.update(original_date=dt.date(2026, 1, 1), booking_date=dt.date(2026, 2, 1))
    again = take(journal, transaction("", "-5.00"), complete_from=dt.date(2026, 1, 1))
    assert (again.new, again.known, again.changed) == (0, 1, 0)


def test_what_the_bank_had_moved_to_another_day_is_not_doubled_by_a_new_connection() -> None:
    journal = fed_journal()
    take(journal, transaction("a", "-5.00", day="2026-01-02"))
    take(journal, transaction("a", "-6.00", day="2026-01-01"))
    reconnected(journal)
    assert take(journal, transaction("x", "-6.00", day="2026-01-01"), complete_from=dt.date(2026, 1, 1)).new == 0
