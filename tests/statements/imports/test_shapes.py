"""The habits of banks, one by one: dates, amounts, marks, references, encodings."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from statements.imports import camt053, csv, mt940, ofx
from statements.imports.columns import ColumnMapping, guess
from statements.imports.facts import FileEntry, FileRefused
from tests.statements.imports.reading import read_all, sample


def csv_entries(text: str, *, encoding: str = "utf-8") -> tuple[FileEntry, ...]:
    content = text.encode(encoding)
    return csv.parse(content, guess(content))[0].entries


@pytest.mark.parametrize(
    ("written", "decimal", "amount"),
    [
        ("1.234,56", ",", "1234.56"),
        ("1,234.56", ".", "1234.56"),
        ("1 234,56", ",", "1234.56"),
        ("1\u00a0234,56", ",", "1234.56"),
        ("1'234.56", ".", "1234.56"),
        ("12,5", ",", "12.50"),
        ("-12,50", ",", "-12.50"),
        ("12,50-", ",", "-12.50"),
        ("\u221212,50", ",", "-12.50"),
        ("(12.50)", ".", "-12.50"),
        ("+12.50", ".", "12.50"),
        ("€ 12,50", ",", "12.50"),
        ("12.50 EUR", ".", "12.50"),
        ("-€12.50", ".", "-12.50"),
        ("1.000", ",", "1000.00"),
        ("0,0001", ",", "0.0001"),
        (".5", ".", "0.50"),
        ("0,00", ",", "0.00"),
        ("99999999999999.9999", ".", "99999999999999.9999"),
    ],
)
def test_an_amount_is_exact_however_it_is_written(written: str, decimal: str, amount: str) -> None:
    mapping = ColumnMapping(delimiter=";", decimal=decimal, columns={"date": 0, "amount": 1})
    ((entry,),) = [one.entries for one in csv.parse(f"2026-01-31;{written}".encode(), _ymd(mapping))]
    assert entry.data.amount == Decimal(amount)


def _ymd(mapping: ColumnMapping) -> ColumnMapping:
    return ColumnMapping(**{**vars(mapping), "date_order": "ymd"})


@pytest.mark.parametrize(
    ("written", "order"),
    [
        ("2026-02-03", "ymd"),
        ("2026/02/03", "ymd"),
        ("20260203", "ymd"),
        ("2026-02-03 23:59:59", "ymd"),
        ("2026-02-03T23:59:59-05:00", "ymd"),
        ("03.02.2026", "dmy"),
        ("3.2.26", "dmy"),
        ("03-02-2026", "dmy"),
        ("03022026", "dmy"),
        ("03 Feb 2026", "dmy"),
        ("03-Feb-26", "dmy"),
        ("Feb 03 2026", "mdy"),
        ("02/03/2026", "mdy"),
        ("02/03/26", "mdy"),
    ],
)
def test_a_date_is_the_day_that_was_written(written: str, order: str) -> None:
    mapping = ColumnMapping(delimiter=";", decimal=".", date_order=order, columns={"date": 0, "amount": 1})
    (statement,) = csv.parse(f"{written};1.00".encode(), mapping)
    assert statement.entries[0].data.booking_date == dt.date(2026, 2, 3)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1", "utf-16"])
def test_names_survive_every_encoding_of_banks(encoding: str) -> None:
    (entry,) = csv_entries("Date;Amount;Name\n2026-01-31;1,00;Café Müller\n", encoding=encoding)
    assert entry.data.counterparty.name == "Café Müller"


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_lines_may_end_in_any_way(newline: str) -> None:
    entries = csv_entries(newline.join(["Date;Amount", "2026-01-30;1,00", "2026-01-31;2,00"]))
    assert [entry.line for entry in entries] == [2, 3]


def test_a_text_of_several_lines_in_quotes_is_one_row_and_keeps_the_count_of_lines() -> None:
    entries = csv_entries('Date;Amount;Description\n2026-01-30;1,00;"one\ntwo"\n2026-01-31;2,00;three\n')
    assert [(entry.line, entry.data.remittance) for entry in entries] == [(2, "one\ntwo"), (4, "three")]


def test_running_balances_prove_a_file_in_either_order() -> None:
    oldest_first = csv_entries_file("2026-01-30;1,00;11,00\n2026-01-31;2,00;13,00\n")
    newest_first = csv_entries_file("2026-01-31;2,00;13,00\n2026-01-30;1,00;11,00\n")
    assert oldest_first == newest_first == ("10.00", "13.00")


def test_balances_that_do_not_follow_each_other_prove_nothing() -> None:
    assert csv_entries_file("2026-01-30;1,00;11,00\n2026-01-31;2,00;99,00\n") == ("", "")


def csv_entries_file(rows: str) -> tuple[str, str]:
    (statement,) = read_all(f"Date;Amount;Balance\n{rows}".encode())
    return tuple(str(one.amount) if one else "" for one in (statement.opening, statement.closing))  # type: ignore[return-value]


def test_month_first_is_seen_from_the_days() -> None:
    assert guess(b"Date,Amount\n01/31/2026,1.00\n").date_order == "mdy"
    assert guess(b"Date,Amount\n01/02/2026,1.00\n").date_order == "dmy"


def test_how_amounts_and_dates_are_written_is_seen_where_no_column_is_known() -> None:
    mapping = guess(b"D1;What;Wert\n05.11.26;Rent;-1200,00\n25.11.26;Coffee;4,50\n")
    assert (mapping.columns, mapping.decimal, mapping.date_order) == ({}, ",", "dmy")
    mapping = guess(b"D1,What,Wert\n11/05/2026,Rent,-1200.00\n11/25/2026,Coffee,4.50\n")
    assert (mapping.columns, mapping.decimal, mapping.date_order) == ({}, ".", "mdy")


def test_a_mapping_is_remembered_for_files_with_the_same_header_alone() -> None:
    content = b"When;How much;What\n2026-01-31;1,00;bread\n"
    mine = ColumnMapping(delimiter=";", header_line=1, header=("When", "How much", "What"), columns={"date": 0})
    assert guess(content).columns == {}
    other = ColumnMapping(delimiter=";", header_line=1, header=("Else",), columns={"date": 2})
    assert guess(content, other).columns == {}
    assert ColumnMapping.from_json(mine.to_json()) == mine


def mt940_message(*lines: str) -> bytes:
    rows = [":20:X", ":25:123", ":60F:C260101EUR10,00", *lines, ":62F:C260131EUR10,00"]
    return "\n".join(rows).encode()


@pytest.mark.parametrize(
    ("mark", "amount"), [("C", "5.00"), ("D", "-5.00"), ("RC", "-5.00"), ("RD", "5.00"), ("CR", "5.00")]
)
def test_mt940_marks_say_which_way_money_went(mark: str, amount: str) -> None:
    (statement,) = mt940.parse(mt940_message(f":61:260105{mark}5,NMSCNONREF"))
    assert statement.entries[0].data.amount == Decimal(amount)


@pytest.mark.parametrize(
    ("value", "entry", "booked"),
    [
        ("251231", "0102", "2026-01-02"),
        ("260102", "1231", "2025-12-31"),
        ("240229", "0229", "2024-02-29"),
        ("260105", "", "2026-01-05"),
        ("260105", "0106", "2026-01-06"),
    ],
)
def test_mt940_entry_dates_find_their_year(value: str, entry: str, booked: str) -> None:
    (statement,) = mt940.parse(mt940_message(f":61:{value}{entry}C5,00NMSCNONREF"))
    assert statement.entries[0].data.booking_date.isoformat() == booked


def test_mt940_details_after_the_closing_balance_belong_to_no_entry() -> None:
    content = mt940_message(":61:260105C5,00NMSCREF1", ":86:bread") + b"\n:86:of the whole statement"
    (statement,) = mt940.parse(content)
    assert statement.entries[0].data.remittance == "bread"


def test_ing_writes_the_other_side_in_one_word() -> None:
    details = ":86:/CNTP/NL91ABNA0417164300/ABNANL2A/Jansen BV///REMI/USTD//Factuur 12/"
    (statement,) = mt940.parse(mt940_message(":61:260105C5,00NTRFNONREF", details))
    data = statement.entries[0].data
    assert (data.counterparty.name, data.counterparty.account_number) == ("Jansen BV", "NL91ABNA0417164300")
    assert data.remittance == "Factuur 12"


@pytest.mark.parametrize(
    "posted", ["20260131", "20260131000000", "20260131235959.999[-11:SST]", "20260131000000[+14:LINT]", "202601311200"]
)
def test_an_ofx_date_is_the_banks_calendar_date_in_every_zone(posted: str) -> None:
    content = sample("statement_102.ofx").replace(b"20260131235900[-5:EST]", posted.encode())
    (statement,) = ofx.parse(content)
    assert statement.entries[0].data.booking_date == dt.date(2026, 1, 31)


def test_ofx_in_one_line_and_without_end_tags_says_the_same() -> None:
    before, _mark, body = sample("statement_102.ofx").partition(b"<OFX>")
    one_line = before + b"<OFX>" + body.replace(b"\n", b"")
    assert [entry.data.amount for entry in ofx.parse(one_line)[0].entries] == [
        entry.data.amount for entry in ofx.parse(sample("statement_102.ofx"))[0].entries
    ]


def test_an_account_reported_in_several_statements_is_one() -> None:
    content = sample("statement_02.camt.xml")
    before, mark, rest = content.partition(b"<Stmt>")
    one, _end, after = rest.partition(b"</Stmt>")
    next_day = one.replace(b"2026-01-3", b"2026-02-1").replace(b"1120.72", b"4299.87").replace(b"4299.87</A", b"0</A")
    (joined,) = camt053.parse(before + mark + one + b"</Stmt><Stmt>" + next_day + b"</Stmt>" + after)
    assert len(joined.entries) == 6
    assert joined.opening is not None
    assert str(joined.opening.day) == "2026-01-30"
    assert joined.closing is not None
    assert str(joined.closing.day) == "2026-02-11"


def test_short_references_that_the_next_statement_uses_again_are_no_ids() -> None:
    content = sample("statement_02.camt.xml").replace(b"2026013112345600001", b"000000000001")
    assert camt053.parse(content)[0].entries[0].data.id == ""


@pytest.mark.parametrize(
    ("header", "said", "status"),
    [
        ("State", "COMPLETED", "posted"),
        ("State", "PENDING", "pending"),
        ("State", "REVERTED", "pending"),
        ("Status", "Completed", "posted"),
        ("Status", "Denied", "pending"),
        ("Info", "Umsatz gebucht", "posted"),
        ("Info", "Umsatz vorgemerkt", "pending"),
        ("Info", "Umsatz vorgemerkt und nicht gebucht", "pending"),
        ("Buchungsstatus", "nicht gebucht", "pending"),
        ("Statut", "En attente", "pending"),
        ("Status", "Geboekt", "posted"),
        ("Status", "", "posted"),
    ],
)
def test_a_column_says_what_the_bank_has_not_booked(header: str, said: str, status: str) -> None:
    (entry,) = csv_entries(f"Date;Amount;{header}\n2026-01-31;1,00;{said}\n")
    assert entry.data.status == status


def test_a_state_that_nobody_knows_is_refused_with_its_line() -> None:
    with pytest.raises(FileRefused, match="does not say whether this row is booked") as refused:
        csv_entries("Date;Amount;Status\n2026-01-31;1,00;completed\n2026-01-31;1,00;blue\n")
    assert refused.value.line == 3
