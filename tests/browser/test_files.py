"""Files in and out: a bank's CSV by its columns and once more, a journal in every format, a month on paper."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pypdf
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Person
from tests.browser.own_books import OwnBooks
from tests.browser.the_journal import by_the_gear, lines_shown

# Two columns are named so that nobody can guess which one is the booking date and which one says what it was for.
COLUMNS = """Konto;D1;D2;Info;Wert;Bestand
BE71096123456769;03.11.2026;03.11.2026;Rent of November;-1200,00;3800,00
BE71096123456769;05.11.2026;05.11.2026;Café Zürich;-4,50;3795,50
BE71096123456769;05.11.2026;05.11.2026;Café Zürich;-4,50;3791,00
BE71096123456769;09.11.2026;10.11.2026;Invoice 2026-118;2500,00;6291,00
"""


def make_journal(person: Person, name: str, *, number: str = "") -> str:
    """A journal without a connection, by its form; gives its path."""
    person.go("/journals/new/")
    person.page.get_by_label("Name", exact=True).fill(name)
    person.page.get_by_label("Account number").fill(number)
    person.page.get_by_label("Currency").fill("EUR")
    person.page.locator("main form").get_by_role("button").first.click()
    expect(person.page.get_by_role("heading", level=1)).to_have_text(name)
    return person.page.url.removeprefix(person.base_url)


def choose_a_file(person: Person, journal: str, path: Path) -> None:
    person.go(f"{journal}import/")
    person.page.locator("input[type=file]").set_input_files(path)
    person.page.get_by_role("button", name="Look at the file").click()


def test_a_csv_is_read_by_its_columns_and_once_more_adds_nothing(bookkeeper: Person, tmp_path: Path) -> None:
    page = bookkeeper.page
    path = tmp_path / "november.csv"
    path.write_text(COLUMNS, encoding="utf-8")
    journal = make_journal(bookkeeper, "Bank with a CSV", number="BE71 0961 2345 6769")
    choose_a_file(bookkeeper, journal, path)
    expect(page.get_by_text("Say once what the columns mean")).to_be_visible()
    for role, column in {
        "Booking date": "D1: 03.11.2026",
        "Value date": "D2: 03.11.2026",
        "Amount": "Wert: -1200,00",
        "Remittance information": "Info: Rent of November",
        "Balance after": "Bestand: 3800,00",
    }.items():
        page.locator("main form").get_by_label(re.compile(f"^{role}")).select_option(column)
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("main")).to_contain_text("Rent of November")
    page.get_by_role("button", name="Import 4 lines").click()
    expect(page.get_by_role("heading", name="4 new lines")).to_be_visible()
    bookkeeper.go(journal)
    expect(page.get_by_text("Café Zürich")).to_have_count(2)

    choose_a_file(bookkeeper, journal, path)
    # The columns are remembered.
    expect(page.locator("main")).to_contain_text("The file adds nothing: all of it is in the books already.")
    expect(page.locator("main")).to_contain_text("This very file was taken in")


@pytest.fixture(scope="module")
def journal(own_books: OwnBooks) -> str:
    """The path of a small journal that a bank feeds."""
    [path] = own_books.journals_of(own_books.connect("Beta Bank")).values()
    return path


def lines_of_csv(content: bytes) -> int:
    return len(list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))) - 1


def lines_of_xlsx(content: bytes) -> int:
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    return int(sheet.max_row) - 1


def lines_of_camt(content: bytes) -> int:
    return len(ElementTree.fromstring(content).findall(".//{*}Ntry"))  # noqa: S314 - the app wrote it


def lines_of_ofx(content: bytes) -> int:
    return content.count(b"<STMTTRN>")


def downloaded(page: Page, press: Callable[[], None]) -> bytes:
    with page.expect_download() as download:
        press()
    return download.value.path().read_bytes()


@pytest.mark.parametrize(
    ("label", "lines"),
    [
        ("CSV", lines_of_csv),
        ("Spreadsheet (XLSX)", lines_of_xlsx),
        ("CAMT.053", lines_of_camt),
        ("OFX", lines_of_ofx),
    ],
)
def test_a_journal_is_exported_with_all_of_its_lines(
    bookkeeper: Person, journal: str, label: str, lines: Callable[[bytes], int]
) -> None:
    page = bookkeeper.page
    bookkeeper.go(journal)
    shown = lines_shown(page)
    by_the_gear(page, "Export")
    page.get_by_label("Format").select_option(label)
    content = downloaded(page, page.get_by_role("button", name="Export").click)
    assert lines(content) == shown


def test_a_month_is_found_and_taken_along_on_paper(bookkeeper: Person, journal: str) -> None:
    page = bookkeeper.page
    bookkeeper.go(journal)
    page.get_by_role("link", name="Statements", exact=True).last.click()
    months = page.locator("main tbody tr")
    assert months.count() > 1
    second = months.nth(1)
    month, closing = second.get_by_role("rowheader").inner_text(), second.locator("td.num strong").inner_text()
    second.get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(month)
    printed = pypdf.PdfReader(io.BytesIO(page.pdf())).pages[0].extract_text()
    # Whose books it is, what is added up and the first line stand on the first sheet.
    assert "Journey Books" in printed
    assert closing in printed
    assert page.locator("td.who a").first.inner_text() in printed
    page.locator("main").get_by_text("Export", exact=True).first.click()
    content = downloaded(page, page.get_by_role("link", name="PDF", exact=True).click)
    text = " ".join(each.extract_text() for each in pypdf.PdfReader(io.BytesIO(content)).pages)
    assert closing.lstrip("€").lstrip("−") in text
