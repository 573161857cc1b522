"""Each format holds every fact of the lines and can be read back; nothing in it is run as a formula."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook
from pypdf import PdfReader

from statements.exports.camt053 import NAMESPACE
from statements.exports.extract import of_journal, of_statement
from statements.exports.formats import FORMATS
from statements.imports.facts import StatementFile
from statements.models import Journal
from statements.refusal import Refused
from statements.services import file_import, file_reading
from tests.factories import make_journal, make_line, make_user
from tests.statements.exports.books import HARD_WORDS, IBAN, hard_journal
from tests.statements.imports.reading import read_all

pytestmark = pytest.mark.django_db


def exported(journal: Journal, name: str) -> bytes:
    return b"".join(FORMATS[name].content(of_journal(journal)))


def read_back(journal: Journal, name: str) -> StatementFile:
    (only,) = read_all(exported(journal, name))
    return only


def told(statement: StatementFile) -> list[tuple[str, str, str | None, str, str, str]]:
    return [
        (
            entry.data.booking_date.isoformat(),
            str(entry.data.amount),
            entry.data.value_date.isoformat() if entry.data.value_date else None,
            entry.data.counterparty.name,
            entry.data.counterparty.account_number,
            entry.data.remittance,
        )
        for entry in statement.entries
    ]


def kept(journal: Journal) -> list[tuple[str, str, str | None, str, str, str]]:
    return [
        (
            line.booking_date.isoformat(),
            str(line.amount),
            line.value_date.isoformat() if line.value_date else None,
            line.counterparty_name,
            line.counterparty_account,
            line.remittance,
        )
        for line in journal.lines.order_by("booking_date", "pk")
    ]


@pytest.mark.parametrize("name", ["camt053", "ofx"])
def test_what_goes_out_comes_in_again_fact_by_fact(name: str) -> None:
    journal = hard_journal()
    back = read_back(journal, name)
    assert told(back) == kept(journal)
    assert (back.account_number, back.currency) == (IBAN, "EUR")
    assert back.closing is not None
    assert (back.closing.amount, str(back.closing.day)) == (Decimal("1082.0501"), "2026-02-01")


def test_camt053_proves_itself_and_keeps_the_other_currency() -> None:
    back = read_back(hard_journal(), "camt053")
    assert back.opening is not None
    assert (back.opening.amount, back.gap) == (Decimal("1000.00"), Decimal(0))
    data = back.entries[0].data
    assert (data.original_amount, data.original_currency, data.kind) == (Decimal("-14.10"), "USD", "direct debit")
    assert back.entries[1].data.id == ""  # "short" is too short to name one entry in every bank's files


@pytest.mark.parametrize("name", ["csv", "camt053", "ofx"])
def test_an_export_taken_into_its_own_journal_adds_nothing(name: str) -> None:
    journal = hard_journal()
    file = file_import.upload(journal, exported(journal, name), file_name="own", person=make_user())
    if name == "csv":
        file_reading.choose_mapping(file, file_reading.mapping_of(file))
    taken = file_import.take(file, person=make_user())
    assert (taken.new, taken.known, taken.held) == (0, 5, 0)


# The order that the schema camt.053.001.08 gives the parts that are written here.
ORDER = {
    "BkToCstmrStmt": ["GrpHdr", "Stmt"],
    "GrpHdr": ["MsgId", "CreDtTm"],
    "Stmt": ["Id", "CreDtTm", "FrToDt", "Acct", "Bal", "Ntry"],
    "Acct": ["Id", "Ccy", "Nm", "Ownr", "Svcr"],
    "FinInstnId": ["BICFI", "Nm"],
    "Bal": ["Tp", "Amt", "CdtDbtInd", "Dt"],
    "Ntry": ["Amt", "CdtDbtInd", "Sts", "BookgDt", "ValDt", "AcctSvcrRef", "BkTxCd", "AmtDtls", "NtryDtls"],
    "TxDtls": ["RltdPties", "RmtInf"],
    "RltdPties": ["Dbtr", "DbtrAcct", "Cdtr", "CdtrAcct"],
}
REQUIRED = {
    "GrpHdr": {"MsgId", "CreDtTm"},
    "Stmt": {"Id", "Acct", "Bal"},
    "Acct": {"Id"},
    "Bal": {"Tp", "Amt", "CdtDbtInd", "Dt"},
    "Ntry": {"Amt", "CdtDbtInd", "Sts", "BkTxCd"},
}
LONGEST = {"MsgId": 35, "AcctSvcrRef": 35, "Nm": 140, "Ustrd": 140, "Id": 35}


def test_camt053_is_built_as_its_schema_says() -> None:
    journal = hard_journal()
    make_line(journal, "1.00", remittance="x" * 500, counterparty_name="n" * 255, counterparty_account="1" * 64)
    root = ElementTree.fromstring(exported(journal, "camt053"))  # noqa: S314  # it is our own
    assert root.tag == f"{{{NAMESPACE}}}Document"
    for node in root.iter():
        name = node.tag.partition("}")[2]
        children = [child.tag.partition("}")[2] for child in node]
        if name in ORDER:
            places = [ORDER[name].index(child) for child in children]
            assert places == sorted(places)
        assert REQUIRED.get(name, set()) <= set(children)
        assert len(children) > 0 or (node.text or "").strip()
        if not children:
            assert len(node.text or "") <= LONGEST.get(name, 10_000)
        if name == "Amt" and not children:
            assert node.attrib["Ccy"]
            assert not (node.text or "").startswith("-")


def test_csv_rows_are_exact_and_no_formula() -> None:
    content = exported(hard_journal(), "csv").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content)))
    assert [row["Amount"] for row in rows] == ["-12.34", "99.99", "-2.80", "-2.80", "0.0001"]
    assert [row["Balance"] for row in rows] == ["987.66", "1087.65", "1084.85", "1082.05", "1082.0501"]
    assert rows[0]["Remittance information"] == f"{HARD_WORDS}\nsecond line"
    assert (rows[1]["Counterparty"], rows[1]["Remittance information"]) == ("'=1+1", "'+cmd|x")
    assert rows[4]["Remittance information"] == "'@SUM(A1)"


def test_a_spreadsheet_has_numbers_dates_and_no_formula() -> None:
    book = load_workbook(io.BytesIO(exported(hard_journal(), "xlsx")))
    rows = list(book["Lines"].iter_rows())
    assert [cell.value for cell in rows[0]][:3] == ["Booking date", "Value date", "Amount"]
    first, second = rows[1], rows[2]
    assert (str(first[0].value), first[2].value, first[2].data_type) == ("2026-01-05 00:00:00", -12.34, "n")
    assert (second[5].value, second[5].data_type, second[7].data_type) == ("=1+1", "s", "s")
    assert len(rows) == 6


def test_a_statement_on_paper_says_everything_in_every_script() -> None:
    journal = hard_journal()
    statement = journal.statements.order_by("first_day")[0]
    content = b"".join(FORMATS["pdf"].content(of_statement(statement)))
    pages = PdfReader(io.BytesIO(content)).pages
    text = "\n".join(page.extract_text() for page in pages)
    for words in ("Bakkerij & Zonen", IBAN, "KBC", "Électricité de Liège", "Ω Я", "second line"):
        assert words in text
    for amount in ("−12.34", "99.99", "−2.80", "€1,000.00", "€1,082.05"):
        assert amount in text
    fonts = {font["/BaseFont"] for page in pages for font in page["/Resources"]["/Font"].values()}  # type: ignore[index]
    assert any("DejaVuSans" in font for font in fonts)
    assert any("DroidSansFallback" in font for font in fonts)


@pytest.mark.parametrize("words", ["中国银行有限公司", "株式会社テスト", "주식회사 한국은행", "Müller 中文 €12,50"])
def test_names_in_asian_scripts_are_in_the_document_with_their_glyphs(words: str) -> None:
    journal = make_journal()
    make_line(journal, "1.00", counterparty_name=words)
    [page] = PdfReader(io.BytesIO(exported(journal, "pdf"))).pages
    assert words in page.extract_text()
    fonts = {str(font["/BaseFont"]): font for font in page["/Resources"]["/Font"].values()}  # type: ignore[index]
    [asian] = [font for name, font in fonts.items() if "DroidSansFallback" in name]
    assert "/FontFile2" in asian["/FontDescriptor"]
    assert "\u25a1" not in page.extract_text()


def test_a_long_statement_goes_over_pages_and_loses_no_line() -> None:
    journal = make_journal()
    for number in range(120):
        make_line(journal, f"{number + 1}.00", remittance=f"payment {number + 1} " + "word " * 60, transaction_id="")
    reader = PdfReader(io.BytesIO(exported(journal, "pdf")))
    text = "\n".join(page.extract_text() for page in reader.pages)
    assert len(reader.pages) > 5
    assert all(f"payment {number + 1} " in text for number in range(120))
    assert f"Page {len(reader.pages)}" in text


def test_a_journal_without_lines_exports_too() -> None:
    journal = make_journal()
    assert exported(journal, "csv").count(b"\n") == 1
    assert len(PdfReader(io.BytesIO(exported(journal, "pdf"))).pages) == 1
    assert load_workbook(io.BytesIO(exported(journal, "xlsx"))).sheetnames == ["Lines"]


@pytest.mark.parametrize("name", ["camt053", "ofx"])
def test_a_format_that_holds_balances_is_refused_while_they_are_not_known(name: str) -> None:
    journal = make_journal()
    make_line(journal)
    with pytest.raises(Refused, match="not known yet"):
        FORMATS[name].content(of_journal(journal))


@pytest.mark.parametrize("name", FORMATS)
def test_the_number_of_queries_does_not_grow_with_the_lines(name: str) -> None:
    def queries(count: int) -> int:
        journal = hard_journal()
        for _ in range(count):
            make_line(journal)
        with CaptureQueriesContext(connection) as captured:
            exported(journal, name)
        return len(captured)

    assert queries(60) == queries(1)
