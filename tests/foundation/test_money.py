"""Money is exact: in a row, and in sums that the database makes over a million of them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import Sum
from hypothesis import given
from hypothesis import strategies as st

from foundation.money import LARGEST, MoneyField, from_units, to_units
from statements.models import StatementLine
from tests.factories import make_journal, make_line

MILLION = 1_000_000


@given(st.decimals(-LARGEST, LARGEST, places=4))
def test_an_amount_comes_back_as_it_went(amount: Decimal) -> None:
    assert from_units(to_units(amount)) == amount


@pytest.mark.parametrize("text", ["0.00001", "100000000000000", "NaN", "Infinity"])
def test_what_would_not_come_back_the_same_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        to_units(Decimal(text))


def test_two_decimals_are_shown_at_least() -> None:
    assert [str(from_units(units)) for units in (0, 1, 1_000, 10_000, 182_045_500, 236_319_805)] == [
        "0.00",
        "0.0001",
        "0.10",
        "1.00",
        "18204.55",
        "23631.9805",
    ]


def test_a_binary_fraction_is_no_money() -> None:
    with pytest.raises(TypeError, match="Decimal"):
        MoneyField().get_prep_value(0.1)


@pytest.mark.django_db
def test_a_million_lines_add_up_to_the_last_cent() -> None:
    """Tenths and hundredths: added up as binary fractions they miss by whole cents."""
    journal = make_journal()
    first = make_line(journal, "0.10")
    columns = [str(field.column) for field in StatementLine._meta.concrete_fields if not field.primary_key]
    copied = ", ".join(
        {"amount": "1000 + n %% 2 * 100", "transaction_id": "'' || n"}.get(column, f"l.{column}") for column in columns
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {MILLION - 1}) "  # noqa: S608
            f"INSERT INTO {StatementLine._meta.db_table} ({', '.join(columns)}) "
            f"SELECT {copied} FROM numbers CROSS JOIN {StatementLine._meta.db_table} l WHERE l.id = %s",
            [first.pk],
        )
    assert journal.lines.count() == MILLION
    # The first is 0.10; of the 999,999 others every odd one is 0.11.
    assert journal.lines.aggregate(total=Sum("amount"))["total"] == Decimal("105000.00")
