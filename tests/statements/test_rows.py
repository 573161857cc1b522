"""The rows of a list of lines: each cell, whatever people and banks wrote in it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils.translation import override

from statements.browsing import SHOWN, ShownLine
from statements.models import StatementLine
from statements.templatetags.rows import line_rows
from tests.factories import make_journal, make_line
from tests.pages.elements import Element, read

pytestmark = pytest.mark.django_db


def rows(*lines: StatementLine, is_short: bool = False) -> list[Element]:
    shown = [
        ShownLine(**{name: getattr(line, name) for name in SHOWN}, running_balance=Decimal("-1234.5000"))
        for line in lines
    ]
    return read(f"<table>{line_rows(shown, 'EUR', is_short=is_short)}</table>").all("tr")


def cells(row: Element) -> list[str]:
    return [cell.text for cell in row.all("td")]


def test_a_row_has_its_day_its_words_and_its_figures() -> None:
    line = make_line(make_journal(), "12.50", counterparty_name="Kim", remittance="Invoice 7")
    [row] = rows(line)
    assert row.one("a").attributes["href"] == f"/lines/{line.pk}/"
    assert (row.one("a").text, row.one("span").text) == ("Kim", "Invoice 7")
    assert cells(row)[2:] == ["12.50", "−1,234.50"]
    with override("nl"):
        assert cells(rows(line)[0])[2:] == ["12,50", "−1.234,50"]


def test_a_line_without_a_name_goes_by_its_text_or_its_kind() -> None:
    journal = make_journal()
    by_text = make_line(journal, counterparty_name="", remittance="Rent", kind="fee")
    by_kind = make_line(journal, counterparty_name="", remittance="", kind="fee")
    nameless = make_line(journal, counterparty_name="", remittance="", kind="")
    shown = rows(by_text, by_kind, nameless)
    assert [row.one("a").text for row in shown] == ["Rent", "fee", "No name given"]
    assert not any(row.all("span") for row in shown)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Volt Charging card 57211", "card 57211"),
        ("VOLT CHARGING – card 57211", "card 57211"),
        ("Volt Charging", ""),
        ("Volt Chargings card", "Volt Chargings card"),
        ("card of Volt Charging", "card of Volt Charging"),
    ],
)
def test_a_name_that_the_text_begins_with_is_not_said_twice(text: str, shown: str) -> None:
    [row] = rows(make_line(make_journal(), counterparty_name="Volt Charging", remittance=text))
    assert row.one("a").text == "Volt Charging"
    assert [span.text for span in row.all("span")] == ([shown] if shown else [])


@pytest.mark.parametrize("is_short", [True, False])
def test_what_a_bank_sends_is_no_markup(is_short: bool) -> None:
    [row] = rows(
        make_line(make_journal(), counterparty_name="<b>A & B</b>", remittance='"><script>'), is_short=is_short
    )
    assert (row.one("a").text, row.one("span").text) == ("<b>A & B</b>", '"><script>')
    assert not row.all("b")
    assert not row.all("script")
    assert ("clamp" in row.one("span").attributes["class"]) is is_short
