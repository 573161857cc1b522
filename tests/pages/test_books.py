"""What the pages about the books say: balances, months, the two sides of what waits for a decision."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.templatetags.formats import day as day_words
from statements import browsing
from statements.charts import balance_chart
from statements.filters import LineFilter
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
    true = {line.pk: line.running_balance for line in browsing.statement_lines(statement).lines}
    first = browsing.line_page(journal)
    second = browsing.line_page(journal, before=first.older)
    filtered = browsing.line_page(journal, LineFilter(text="even"))
    shown = [*first.lines, *second.lines, *filtered.lines]
    assert len(shown) == 120 + 60
    assert [line.running_balance for line in shown] == [true[line.pk] for line in shown]
    assert first.lines[0].running_balance == Decimal(1120)


def test_older_lines_go_on_in_their_month_without_a_second_heading(books: Books, member: Client) -> None:
    journal = many_lines(books)
    address = reverse("line_list", args=[journal.pk])
    first = read(member.get(address).content)
    assert [heading.one("th").text for heading in first.all("tr", class_="month")] == ["March 2026"]
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


def test_a_statement_shows_opening_every_line_and_closing(books: Books, member: Client) -> None:
    journal = many_lines(books)
    root = read(member.get(reverse("statement", args=[journal.statements.get().pk])).content)
    about = root.one("div", id="about")
    facts = {term.text: value.text for term, value in zip(about.all("dt"), about.all("dd"), strict=True)}
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
    assert [cell.text for cell in date.all("td")] == ["3 Nov 2026", "3 Nov 2026"]
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


def test_what_looks_alike_is_told_apart_by_who_and_what_for(books: Books, member: Client) -> None:
    type(books.line).objects.filter(pk=books.line.pk).update(counterparty_name="Bakery", remittance="Bread of Monday")
    said = {"booking_date": "2026-11-20", "amount": "1.00", "currency": "EUR"}
    said |= {"counterparty_name": "Bakery", "remittance": "Bread of Tuesday"}
    ReviewItem.objects.update(kind=ReviewItem.Kind.SUSPECTED, line=books.line, before={}, after=said)
    [item] = read(member.get(reverse("review_list")).content).all("article")
    _date, _amount, counterparty, text = item.one("tbody").all("tr")
    assert [cell.text for cell in counterparty.all("td")] == ["Bakery", "Bakery"]
    assert text.all("td")[0].text == "Bread of Monday"
    assert text.one("mark").text == "Bread of Tuesday"


def test_every_kind_of_item_has_its_sentence(books: Books, member: Client) -> None:
    for kind in ReviewItem.Kind.values:
        ReviewItem.objects.update(kind=kind)
        [item] = read(member.get(reverse("review_list")).content).all("article")
        assert item.all("p")[-1].text.endswith("."), kind


def test_statements_of_one_journal_are_paged_within_their_year(books: Books, member: Client) -> None:
    journal = make_journal(books.company, period=Journal.Period.DAY)
    for number in range(61):
        make_line(journal, day=dt.date(2025, 1, 1) + dt.timedelta(days=number))
    address = f"{reverse('statement_list')}?journal={journal.pk}"
    root = read(member.get(address).content)
    older = root.one("a", rel="next").attributes["href"]
    assert older == f"?journal={journal.pk}&page=2"
    rest = read(member.get(reverse("statement_list") + older).content)
    assert len(rest.one("tbody").all("tr")) == 1
    assert rest.one("a", rel="prev")


def test_statements_have_a_tab_for_each_year(books: Books, member: Client) -> None:
    journal = make_journal(books.company)
    for year in (2024, 2026):
        for month in (1, 2):
            make_line(journal, day=dt.date(year, month, 5))
    here = {"journal": journal.pk}
    root = read(member.get(reverse("statement_list"), here).content)
    tabs = root.one("nav", aria_label="Years").all("a")
    assert [(tab.text, tab.attributes.get("aria-current")) for tab in tabs] == [("2026", "page"), ("2024", None)]
    assert [row.text for row in root.one("tbody").all("strong")][::2] == ["February 2026", "January 2026"]
    older = read(member.get(reverse("statement_list") + tabs[1].attributes["href"]).content)
    assert [row.text for row in older.one("tbody").all("strong")][::2] == ["February 2024", "January 2024"]
    assert older.one("tbody").all("a")[1].attributes["href"].endswith("/export/pdf/")


def test_a_long_statement_goes_on_where_its_first_part_ends(books: Books, member: Client) -> None:
    journal = make_journal(books.company, opening_balance=Decimal(1000), opening_date=dt.date(2026, 3, 1))
    for number in range(browsing.LINES_OF_STATEMENT + 3):
        make_line(journal, "1.00", day=dt.date(2026, 3, 1 + number // 50))
    balances.rechain(journal, touched=[period_of(dt.date(2026, 3, 1), journal.period)])
    address = reverse("statement", args=[journal.statements.get().pk])
    more, everything = read(member.get(address).content).one("tr", class_="older").all("a")
    for headers in ({}, HTMX):
        rest = read(member.get(address + more.attributes["href"], headers=headers).content)
        assert [cell.text for cell in rest.all("td", class_="num quiet running")] == [
            "1,201.00",
            "1,202.00",
            "1,203.00",
        ]
        assert len(rest.all("html")) == (0 if headers else 1)
    whole = read(member.get(address + everything.attributes["href"]).content)
    assert len(whole.all("td", class_="when first")) == 203
    assert whole.all("tr", class_="older") == []


def test_a_chart_goes_from_the_first_balance_to_the_last() -> None:
    first_day, today = dt.date(2026, 11, 1), dt.date(2026, 11, 3)
    moves = {first_day: 100_000, dt.date(2026, 11, 2): 100_000, today: -50_000, dt.date(2026, 11, 9): 70_000}
    chart = balance_chart(Decimal("22.00"), moves, first_day=first_day, today=today)
    assert chart is not None
    assert (chart.first, chart.last) == (Decimal("10.00"), Decimal("15.00"))
    assert (chart.lowest, chart.lowest_day) == (Decimal("10.00"), first_day)
    assert (chart.highest, chart.highest_day) == (Decimal("20.00"), dt.date(2026, 11, 2))
    assert chart.path == "M-9,57 V45 L0,45 120,3 240,24 H249 V57Z"


def test_a_chart_of_balances_that_stay_lies_in_the_middle() -> None:
    first_day, today = dt.date(2026, 11, 1), dt.date(2026, 11, 4)
    chart = balance_chart(Decimal(7), {first_day: 70_000}, first_day=first_day, today=today)
    assert chart is not None
    assert chart.path == "M-9,57 V24 L0,24 240,24 H249 V57Z"


def test_where_nothing_moved_there_is_no_chart() -> None:
    today = dt.date(2026, 11, 4)
    assert balance_chart(Decimal(7), {}, first_day=dt.date(2026, 11, 1), today=today) is None
    tomorrow = {dt.date(2026, 11, 5): 10_000}
    assert balance_chart(Decimal(7), tomorrow, first_day=dt.date(2026, 11, 1), today=today) is None


def test_the_dashboard_draws_each_day_of_the_last_ninety(books: Books, member: Client) -> None:
    today = timezone.localdate()
    days = [today - dt.timedelta(days=ago) for ago in (200, 80, 10, 0)]
    journal = make_journal(books.company, name="Drawn", opening_balance=Decimal(100), opening_date=days[0])
    for day, amount in zip(days, ("5.00", "10.00", "-40.00", "1.00"), strict=True):
        make_line(journal, amount, day=day)
    balances.rechain(journal, touched=[period_of(day, journal.period) for day in days])
    card = read(member.get(reverse("dashboard")).content).one("article", id=f"journal-{journal.pk}")
    assert card.one("span", class_="big-figure").text == "€76.00"
    said = card.one("svg", role="img").one("desc").text
    assert said.startswith("From €105.00 on ")
    lowest, highest = (" ".join(day_words(days[at]).split()) for at in (2, 1))
    assert said.endswith(f"to €76.00 today; lowest €75.00 on {lowest}, highest €115.00 on {highest}.")


def test_a_result_stays_on_the_card_until_the_next_visit(books: Books, member: Client) -> None:
    began = timezone.now() - dt.timedelta(minutes=1)
    here = read(member.get(reverse("dashboard"), {"since": began.isoformat()}).content)
    card = here.one("article", id=f"journal-{books.journal.pk}")
    assert card.one("div", class_="run").all("p")[0].text == "3 new, 4 known. Balance agrees."
    asks = urlsplit(here.one("div", id="cards").attributes["hx-get"])
    assert parse_qs(asks.query) == {"since": [began.isoformat()]}
    again = read(member.get(reverse("dashboard")).content).one("article", id=f"journal-{books.journal.pk}")
    assert again.all("div", class_="run") == []
    assert "3 new, 4 known" in again.one("div", class_="feed").text
    assert member.get(reverse("dashboard"), {"since": "yesterday"}).status_code == 200
