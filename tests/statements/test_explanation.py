"""A difference between books and bank is explained: by everything that can make one, and exactly where it fits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from statements.explanation import Explanation, Kind, explain
from statements.models import Journal, ProvenDays, RemovedLine, ReviewItem
from statements.services import decisions, duplicates, lines, manual
from tests.factories import make_account, make_company, make_journal, make_line, make_user, transaction
from tests.sessions import signed_in
from tests.statements.test_proofs import fetch

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 3, 20)
Prepare = Callable[[Journal], None]


def agreed() -> Journal:
    """A journal that agreed with its bank at 100.00 a moment ago."""
    journal = make_journal(account=make_account())
    first = [transaction("a", "60.00", day="2026-02-03"), transaction("b", "40.00", day="2026-03-05")]
    fetch(journal, *first, bank="100.00", day=TODAY)
    return journal


def explained(journal: Journal, difference: str) -> Explanation:
    journal.refresh_from_db()
    return explain(journal, Decimal(difference), since=journal.agreed_at)


def told(explanation: Explanation) -> list[tuple[Kind, int, Decimal | None]]:
    return [(cause.kind, cause.count, cause.amount) for cause in explanation.causes]


def locked(journal: Journal) -> None:
    journal.company.lock_date = dt.date(2026, 2, 28)
    journal.company.save()
    fetch(journal, transaction("late", "-12.50", day="2026-02-12"), bank="87.50", day=TODAY)


def changed(journal: Journal) -> None:
    fetch(journal, transaction("b", "45.00", day="2026-03-05"), bank="105.00", day=TODAY)


def kept(journal: Journal) -> None:
    changed(journal)
    decisions.decide(ReviewItem.objects.get(), ReviewItem.Decision.KEEP, person=make_user())


def taken_out(journal: Journal) -> None:
    manual.remove(journal.lines.get(transaction_id="b"), person=make_user())


def by_hand(journal: Journal) -> None:
    manual.add(journal, booking_date=dt.date(2026, 3, 7), amount=Decimal("3.00"))


def suspected(journal: Journal) -> None:
    by_hand(journal)
    fetch(journal, transaction("c", "3.00", day="2026-03-07"), bank="103.01", day=TODAY)


def twins(journal: Journal) -> None:
    fetch(journal, transaction("b2", "40.00", day="2026-03-05"), bank="100.00", day=TODAY)


@pytest.mark.parametrize(
    ("prepare", "kind", "difference", "sentence"),
    [
        (locked, Kind.LOCKED, "12.50", "exactly the transaction of 12\xa0Feb\xa02026 that waits in the locked period."),
        (changed, Kind.CHANGED, "-5.00", "exactly what the bank has changed on the line of 5\xa0Mar\xa02026."),
        (kept, Kind.KEPT, "-5.00", "exactly the line of 5\xa0Mar\xa02026 that was kept against the bank."),
        (taken_out, Kind.TAKEN_OUT, "-40.00", "exactly the line of 5\xa0Mar\xa02026 that was taken out."),
        (by_hand, Kind.BY_HAND, "3.00", "exactly the line of 7\xa0Mar\xa02026 that was entered by hand."),
        (twins, Kind.TWINS, "40.00", "exactly the suspected duplicate of 5\xa0Mar\xa02026."),
    ],
)
def test_c35_a_difference_is_explained_exactly_by_what_makes_it(
    prepare: Prepare, kind: Kind, difference: str, sentence: str
) -> None:
    journal = agreed()
    prepare(journal)
    found = explained(journal, difference)
    assert told(found) == [(kind, 1, Decimal(difference))]
    assert found.exactly == f"The difference is {sentence}"
    assert found.causes[0].is_part
    page = signed_in(journal.company).get(reverse("line_list", args=[journal.pk])).content.decode()
    assert sentence in page


def test_what_was_there_when_both_last_agreed_explains_nothing() -> None:
    journal = agreed()
    locked(journal)
    Journal.objects.filter(pk=journal.pk).update(agreed_at=timezone.now())
    found = explained(journal, "12.50")
    assert (told(found), found.exactly) == ([], "")


def test_what_is_offered_as_one_is_named_on_both_sides() -> None:
    journal = agreed()
    suspected(journal)
    # By hand it is in the books; the bank's own waits: together they make nothing.
    assert told(explained(journal, "-0.01")) == [
        (Kind.SUSPECTED, 1, Decimal("-3.00")),
        (Kind.BY_HAND, 1, Decimal("3.00")),
    ]


def test_several_together_are_marked() -> None:
    journal = agreed()
    by_hand(journal)
    locked(journal)
    found = explained(journal, "15.50")
    assert found.exactly == "The difference is exactly the marked ones together."
    assert [cause.kind for cause in found.causes if cause.is_part] == [Kind.LOCKED, Kind.BY_HAND]


def test_all_of_a_kind_and_some_of_a_few_are_found() -> None:
    journal = agreed()
    for amount in ("1.00", "2.00", "4.00"):
        manual.add(journal, booking_date=dt.date(2026, 3, 7), amount=Decimal(amount))
    assert explained(journal, "7.00").exactly == "The difference is exactly what was entered by hand."
    some = explained(journal, "6.00").exactly
    assert some == "The difference is exactly some of the marked ones together, those of 7\xa0Mar\xa02026."
    nothing = explained(journal, "6.50")
    assert (nothing.exactly, nothing.causes[0].is_part) == ("", False)


def test_days_that_were_not_read_are_named_without_an_amount() -> None:
    journal = agreed()
    assert journal.account is not None
    ProvenDays.objects.create(account=journal.account, first_day=dt.date(2025, 1, 1), last_day=dt.date(2025, 3, 1))
    found = explained(journal, "1.00")
    assert told(found) == [(Kind.NOT_READ, 1, None)]
    assert (found.exactly, found.causes[0].words) == ("", "Once, days were not read from the bank.")


def test_what_is_pending_counts_once_somebody_has_asked() -> None:
    journal = agreed()
    held = transaction("p", "-9.99", day="2026-03-19", status="pending")
    found = explain(journal, Decimal("9.99"), since=journal.agreed_at, pending=[held])
    assert found.exactly == "The difference is exactly the pending transaction of 19\xa0Mar\xa02026."


def test_what_is_booked_after_a_closing_day_does_not_explain_it() -> None:
    journal = agreed()
    by_hand(journal)
    assert explain(journal, Decimal(3), until=dt.date(2026, 2, 28)).causes == []
    assert explain(journal, Decimal(3), until=dt.date(2026, 3, 31)).exactly != ""


def test_another_currency_has_no_amount_here() -> None:
    journal = agreed()
    fetch(journal, transaction("d", "8.00", day="2026-03-08", currency="USD"), bank="100.01", day=TODAY)
    assert told(explained(journal, "-0.01")) == [(Kind.CURRENCY, 1, None)]


def test_a_journal_that_has_come_to_the_other_currency_since_is_explained_too() -> None:
    journal = make_journal(account=make_account())
    fetch(journal, bank="0.00", day=TODAY)
    fetch(journal, transaction("usd", "40.00", day="2026-03-05", currency="USD"), bank="40.00", day=TODAY)
    Journal.objects.filter(pk=journal.pk).update(currency="USD")
    explanation = explained(journal, "-40.00")
    assert told(explanation) == [(Kind.CURRENCY, 1, Decimal("-40.00"))]
    assert explanation.exactly == "The difference is exactly the marked ones together."


def test_a_duplicate_that_was_taken_out_counts_once() -> None:
    journal = agreed()
    twins(journal)
    duplicates.delete(journal, [journal.lines.get(transaction_id="b2").pk], person=make_user())
    assert RemovedLine.objects.count() == 1
    assert told(explained(journal, "-40.00")) == []  # taking it out made the balances agree again
    RemovedLine.objects.update(removed_at=timezone.now())
    assert told(explained(journal, "-40.00")) == [(Kind.TAKEN_OUT, 1, Decimal("-40.00"))]


def test_the_proof_page_shows_both_balances_and_no_other_company_sees_it() -> None:
    journal = agreed()
    line = make_line(journal, "1.00", day=dt.date(2026, 3, 9))
    lines.rebalance(journal, [line.statement])
    page = reverse("balance_proof", args=[journal.pk])
    response = signed_in(journal.company).get(page)
    assert response.context["standing"].proof.difference == Decimal(1)
    assert response.context["standing"].coverage.holes != []  # the books of this test end in March
    assert signed_in(make_company()).get(page).status_code == 404
