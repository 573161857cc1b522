"""The first day follows from the books, the lock, the bank and the person, and says from which."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from statements.models import Journal
from statements.services import adviser, manual
from statements.services.adviser import Advice
from tests.factories import make_company, make_institution, make_journal

pytestmark = pytest.mark.django_db
EARLY, MIDDLE, LATE = dt.date(2026, 1, 10), dt.date(2026, 2, 10), dt.date(2026, 3, 10)
DAY = dt.timedelta(days=1)


def advice(
    *,
    last: dt.date | None = None,
    lock: dt.date | None = None,
    chosen: dt.date | None = None,
    history: int | None = None,
) -> Advice:
    company = make_company()
    journal = make_journal(company, opening_balance=Decimal(100), opening_date=dt.date(2026, 1, 1))
    if last:
        manual.add(journal, booking_date=last, amount=Decimal(5))
    company.lock_date = lock
    capabilities = {"history_days": history} if history else {}
    institution = make_institution(capabilities=capabilities)
    (found,) = adviser.advise(company, institution, journals=[journal], chosen=[chosen])
    return found


@pytest.mark.parametrize(
    ("facts", "first_day", "because"),
    [
        ({}, None, "everything"),
        ({"last": LATE, "lock": MIDDLE, "chosen": EARLY}, LATE + DAY, "last_booked"),
        ({"last": EARLY, "lock": LATE, "chosen": MIDDLE}, LATE + DAY, "lock_date"),
        ({"last": EARLY, "lock": MIDDLE, "chosen": LATE}, LATE, "chosen"),
        ({"chosen": EARLY}, EARLY, "chosen"),
    ],
)
def test_c13_the_first_day_is_the_latest_of_its_reasons_and_says_which(
    facts: dict[str, dt.date], first_day: dt.date | None, because: str
) -> None:
    found = advice(**facts)  # type: ignore[arg-type]
    assert (found.first_day, found.because) == (first_day, because)


def test_a_bank_that_gives_less_than_is_asked_for_decides() -> None:
    found = advice(chosen=EARLY, history=90)
    earliest = timezone.localdate() - dt.timedelta(days=90)
    assert (found.first_day, found.earliest, found.because) == (earliest, earliest, "earliest")
    assert advice(history=90).first_day == earliest


def test_it_says_what_the_books_close_with() -> None:
    assert advice(last=EARLY).opening == Decimal(105)
    company = make_company()
    (found,) = adviser.advise(company, make_institution(), journals=[None], chosen=[None])
    assert (found.opening, found.last_booked) == (None, None)


def test_linking_follows_the_advice() -> None:
    company = make_company(lock_date=MIDDLE)
    journal = make_journal(company)
    assert adviser.first_day_of(journal, EARLY) == MIDDLE + DAY
    assert adviser.first_day_of(journal, LATE) == LATE
    assert adviser.first_day_of(Journal(company=company), None) == MIDDLE + DAY


def test_advice_for_many_costs_one_query() -> None:
    company, institution = make_company(), make_institution()
    journals = [make_journal(company) for _number in range(20)]
    with CaptureQueriesContext(connection) as captured:
        adviser.advise(company, institution, journals=journals, chosen=[None] * 20)
    assert len(captured) == 1
