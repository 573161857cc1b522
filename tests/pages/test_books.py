"""What the pages about the books say: balances, months, the two sides of what waits for a decision."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.test import Client
from django.urls import reverse

from statements import queries
from statements.charts import balance_chart
from statements.models import Journal, ReviewItem
from statements.periods import period_of
from statements.services import balances
from tests.factories import make_journal, make_line
from tests.pages.books import Books
from tests.pages.elements import read

HTMX = {"HX-Request": "true"}


def many_lines(books: Books) -> Journal:
    """120 lines of one euro over four days of one month, from an opening balance of 1,000."""
    journal = make_journal(books.company, opening_balance=Decimal(1000), opening_date=dt.date(2026, 3, 1))
    for number in range(120):
        day = dt.date(2026, 3, 1 + number // 30)
        make_line(journal, "1.00", day=day, counterparty_name="Even" if number % 2 else "Odd")
    balances.rechain(journal, touched=[period_of(dt.date(2026, 3, 1), journal.period)])
    return journal


def test_running_balances_are_the_same_on_every_page_and_under_every_filter(books: Books, member: Client) -> None:
    journal = many_lines(books)
    [statement] = journal.statements.all()
    true = {line.pk: line.running_balance for line in queries.statement_lines(statement)}  # type: ignore[attr-defined]
    first = queries.line_page(journal)
    second = queries.line_page(journal, before=first.older)
    filtered = queries.line_page(journal, text="even")
    shown = [*first.lines, *second.lines, *filtered.lines]
    assert len(shown) == 120 + 60
    assert [line.running_balance for line in shown] == [true[line.pk] for line in shown]  # type: ignore[attr-defined]
    assert first.lines[0].running_balance == Decimal(1120)  # type: ignore[attr-defined]


def test_older_lines_go_on_in_their_month_without_a_second_heading(books: Books, member: Client) -> None:
    journal = many_lines(books)
    address = reverse("line_list", args=[journal.pk])
    first = read(member.get(address).content)
    assert [heading.text for heading in first.all("tr", class_="month")] == ["March 2026"]
    more = first.one("tr", class_="older").one("a")
    second = read(member.get(address + more.attributes["href"], headers=HTMX).content)
    assert len(second.all("td", class_="when first")) == 20
    assert second.all("tr", class_="month") == []
    assert second.all("thead") == []
    assert second.all("html") == []


def test_lines_are_found_by_every_word(books: Books, member: Client) -> None:
    address = reverse("line_list", args=[books.journal.pk])
    found = read(member.get(address, {"q": "payer 0"}).content)
    assert [cell.text for cell in found.all("td", class_="who")] == ["Payer 0"]
    nothing = read(member.get(address, {"q": "nobody"}).content)
    assert "No line says “nobody”" in nothing.one("div", class_="empty-state").text


def test_a_line_opens_as_a_panel_and_as_a_page(books: Books, member: Client) -> None:
    address = reverse("line", args=[books.line.pk])
    panel = read(member.get(address, headers=HTMX).content)
    assert panel.all("html") == []
    assert panel.one("h2").text == "Payer 0"
    assert read(member.get(address).content).one("h1").text == "Payer 0"


def test_the_providers_own_words_are_for_administrators(books: Books, member: Client) -> None:
    type(books.line).objects.filter(pk=books.line.pk).update(raw='{"id": "raw-words"}')
    address = reverse("line", args=[books.line.pk])
    assert read(member.get(address).content).all("pre") == []
    books.person.memberships.update(role="admin")
    assert read(member.get(address).content).one("pre").text == '{"id": "raw-words"}'


def test_a_statement_shows_opening_every_line_and_closing(books: Books, member: Client) -> None:
    journal = many_lines(books)
    root = read(member.get(reverse("statement", args=[journal.statements.get().pk])).content)
    facts = {term.text: value.text for term, value in zip(root.all("dt"), root.all("dd"), strict=True)}
    assert facts == {
        "Opening balance": "€1,000.00",
        "Money in": "€120.00",
        "Money out": "€0.00",
        "Closing balance": "€1,120.00",
    }
    running = [cell.text for cell in root.all("td", class_="num quiet running")]
    assert (len(running), running[0], running[-1]) == (120, "1,001.00", "1,120.00")


def test_review_marks_what_the_bank_says_differently_and_only_that(books: Books, member: Client) -> None:
    root = read(member.get(reverse("review_list")).content)
    [item] = root.all("article")
    date, amount = item.one("tbody").all("tr")
    assert [cell.text for cell in date.all("td")] == ["Nov 3, 2026", "Nov 3, 2026"]
    assert date.all("mark") == []
    assert amount.all("td")[0].text == "−€12.50"
    assert amount.one("mark").text == "−€21.50"
    assert "The books stay as they are" in root.one("main").text


def test_what_was_never_booked_has_nothing_to_differ_from(books: Books, member: Client) -> None:
    ReviewItem.objects.update(
        kind=ReviewItem.Kind.LOCKED,
        line=None,
        before={},
        after={"booking_date": "2026-01-03", "amount": "5.00", "currency": "EUR", "counterparty_name": "Late Payer"},
    )
    [item] = read(member.get(reverse("review_list")).content).all("article")
    assert item.one("h2").text == "Late Payer"
    assert item.all("mark") == []


def test_every_kind_of_item_has_its_sentence(books: Books, member: Client) -> None:
    for kind in ReviewItem.Kind.values:
        ReviewItem.objects.update(kind=kind)
        [item] = read(member.get(reverse("review_list")).content).all("article")
        assert item.all("p")[-1].text.endswith("."), kind


def test_statements_of_one_journal_are_paged_within_it(books: Books, member: Client) -> None:
    for month in range(61):
        make_line(books.journal, day=dt.date(2020 + month // 12, month % 12 + 1, 1))
    address = reverse("statement_list")
    root = read(member.get(address, {"journal": books.journal.pk}).content)
    older = root.one("a", rel="next").attributes["href"]
    assert older == f"?journal={books.journal.pk}&page=2"
    rest = read(member.get(address + older).content)
    assert len(rest.one("tbody").all("tr")) == 2
    assert rest.one("a", rel="prev")


def test_a_chart_goes_from_the_first_balance_to_the_last() -> None:
    chart = balance_chart([Decimal("0"), Decimal("10"), Decimal("5")])
    assert chart is not None
    assert chart.line == "M0,45 L120,3 L240,24"
    assert chart.area == "M0,45 L120,3 L240,24 V48 H0 Z"
    assert (chart.first, chart.last, chart.count) == (Decimal("0"), Decimal("5"), 3)


def test_a_chart_of_balances_that_stay_lies_in_the_middle() -> None:
    chart = balance_chart([Decimal("7"), Decimal("7")])
    assert chart is not None
    assert chart.line == "M0,24 L240,24"


def test_one_balance_is_no_chart() -> None:
    assert balance_chart([Decimal("7")]) is None
