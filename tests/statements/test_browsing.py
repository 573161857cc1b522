"""A journal's lines are found by every filter, with true balances, page by page, out of an index."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from statements import browsing
from statements.filters import LineFilter
from statements.forms_lines import LineFilterForm
from statements.models import Journal, ReviewItem
from statements.periods import period_of
from statements.services import balances
from tests.factories import make_journal, make_line

pytestmark = pytest.mark.django_db
FIRST = dt.date(2026, 1, 1)


@pytest.fixture
def journal() -> Journal:
    """320 lines over four months, several a day, from an opening balance of 1,000."""
    journal = make_journal(opening_balance=Decimal(1000), opening_date=FIRST)
    draw = random.Random(7)
    for number in range(320):
        make_line(
            journal,
            str(Decimal(draw.randrange(-90_00, 100_00) or 1).scaleb(-2)),
            day=FIRST + dt.timedelta(days=draw.randrange(120)),
            counterparty_name=draw.choice(["Bakery", "Butcher"]),
            remittance=f"Invoice {number}",
            counterparty_account="BE68539007547034" if number % 2 else "",
            origin=draw.choice(["feed", "file", "hand"]),
        )
    months = [period_of(dt.date(2026, month, 1), journal.period) for month in (1, 2, 3, 4)]
    balances.rechain(journal, touched=months)
    return journal


def true_balances(journal: Journal) -> dict[int, Decimal]:
    balance, found = Decimal(1000), {}
    for line in journal.lines.order_by("booking_date", "pk"):
        balance += line.amount
        found[line.pk] = balance
    return found


FILTERS = {
    "everything": LineFilter(),
    "text": LineFilter(text="bakery invoice"),
    "account": LineFilter(text="539007547034"),
    "days": LineFilter(first_day=dt.date(2026, 2, 3), last_day=dt.date(2026, 3, 20)),
    "in": LineFilter(direction="in"),
    "out": LineFilter(direction="out"),
    "size": LineFilter(least=Decimal(20), most=Decimal(40)),
    "state": LineFilter(state="hand"),
    "all at once": LineFilter(text="butcher", first_day=dt.date(2026, 2, 1), direction="out", least=Decimal(5)),
}


@pytest.mark.parametrize("chosen", FILTERS.values(), ids=FILTERS.keys())
def test_every_page_of_every_filter_has_its_lines_and_their_true_balances(journal: Journal, chosen: LineFilter) -> None:
    expected = [line.pk for line in journal.lines.newest_first() if fits(line, chosen)]
    truth, found, before = true_balances(journal), [], ""
    while True:
        page = browsing.line_page(journal, chosen, before=before)
        assert {line.pk: line.running_balance for line in page.lines} == {
            line.pk: truth[line.pk] for line in page.lines
        }
        found += [line.pk for line in page.lines]
        before = page.older
        if not before:
            break
    assert found == expected
    amounts = dict(journal.lines.values_list("pk", "amount"))
    totals = browsing.totals(journal, chosen)
    assert (totals.count, totals.total) == (len(expected), sum((amounts[pk] for pk in expected), Decimal(0)))
    assert totals.total_in == sum((amounts[pk] for pk in expected if amounts[pk] > 0), Decimal(0))


def fits(line: object, chosen: LineFilter) -> bool:
    """The filter once more, in plain words."""
    said = f"{line.counterparty_name} {line.remittance} {line.counterparty_account}".lower()  # type: ignore[attr-defined]
    amount: Decimal = line.amount  # type: ignore[attr-defined]
    day: dt.date = line.booking_date  # type: ignore[attr-defined]
    return (
        all(word in said for word in chosen.text.split())
        and (chosen.first_day or day) <= day <= (chosen.last_day or day)
        and (not chosen.direction or (amount > 0) == (chosen.direction == "in"))
        and (chosen.least is None or abs(amount) >= chosen.least)
        and (chosen.most is None or abs(amount) <= chosen.most)
        and chosen.state in ("", line.origin)  # type: ignore[attr-defined]
    )


def test_lines_are_found_by_what_review_has_to_do_with_them(journal: Journal) -> None:
    waits, decided = journal.lines.order_by("pk")[:2]
    for line, decision in ((waits, ""), (decided, "keep")):
        ReviewItem.objects.create(journal=journal, line=line, kind="changed", fingerprint=decision, decision=decision)
    assert [line.pk for line in browsing.line_page(journal, LineFilter(state="waits")).lines] == [waits.pk]
    assert [line.pk for line in browsing.line_page(journal, LineFilter(state="decided")).lines] == [decided.pk]


def test_a_statement_goes_on_with_true_balances(journal: Journal) -> None:
    truth = true_balances(journal)
    statement = journal.statements.order_by("first_day")[1]
    found: list[browsing.ShownLine] = []
    rest = ""
    while True:
        part = browsing.statement_lines(statement, after=rest, limit=20)
        found += part.lines
        rest = part.rest
        if not rest:
            break
    assert [line.pk for line in found] == list(
        statement.lines.order_by("booking_date", "pk").values_list("pk", flat=True)
    )
    shown = [line.running_balance for line in found]
    assert shown == [truth[line.pk] for line in found]


def test_a_late_page_begins_in_the_index_where_the_page_before_ended(journal: Journal) -> None:
    first = browsing.line_page(journal)
    with CaptureQueriesContext(connection) as captured:
        browsing.line_page(journal, before=first.older)
    [sql] = [query["sql"] for query in captured if "LIMIT 101" in query["sql"]]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Of a table this small everything would be read; of a large one nothing but this way is left.
            for way in ("seqscan", "bitmapscan", "sort"):
                cursor.execute(f"SET LOCAL enable_{way} = off")
            cursor.execute(f"EXPLAIN {sql}")
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        plan = "\n".join(str(row) for row in cursor.fetchall())
    assert "line_amount_by_day" in plan
    assert "booking_date<" in plan.split("Filter:")[0].replace(" ", ""), plan
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan


@pytest.mark.parametrize(
    ("typed", "least", "most"),
    [
        ("12.50", "12.50", "12.50"),
        ("-12.50", "12.50", "12.50"),
        ("10 - 20", "10", "20"),
        ("20–10", "10", "20"),
        ("10..20.5", "10", "20.5"),
        ("1,234.56", "1234.56", "1234.56"),
    ],
)
def test_sizes_are_read_as_people_write_them(typed: str, least: str, most: str) -> None:
    chosen = LineFilterForm({"amount": typed}).chosen()
    assert (chosen.least, chosen.most) == (Decimal(least), Decimal(most))


@pytest.mark.parametrize("typed", ["much", "1e9", "10 - ", "NaN", "99999999999999999999", "0.00001"])
def test_what_is_no_size_is_said_and_left_out(typed: str) -> None:
    form = LineFilterForm({"amount": typed, "q": "rent"})
    assert form.chosen() == LineFilter(text="rent")
    assert list(form.errors) == ["amount"]


def test_lines_that_lie_far_apart_bring_only_the_statements_that_they_are_in() -> None:
    """With a statement of each day, years of them would lie between two lines that a filter leaves."""
    journal = make_journal(opening_balance=Decimal(0), opening_date=FIRST, period=Journal.Period.DAY)
    days = [FIRST + dt.timedelta(days=number) for number in range(300)]
    for day in days:
        make_line(journal, "1.00", day=day, counterparty_name="Rare" if day in (days[0], days[-1]) else "Daily")
    balances.rechain(journal, touched=[period_of(day, journal.period) for day in days])
    page = browsing.line_page(journal, LineFilter(text="rare"))
    assert [line.running_balance for line in page.lines] == [Decimal(300), Decimal(1)]
    assert set(page.statements) == {line.statement_id for line in page.lines}
