"""A broken file is refused with its line and one sentence; whatever comes in, nothing else comes out."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from statements.imports import camt053, csv, mt940, ofx
from statements.imports.columns import ColumnMapping, guess
from statements.imports.facts import FileRefused, StatementFile, exact
from statements.imports.sniff import format_of
from tests.statements.imports.reading import NAMES, read_all, sample

BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">]>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>&lol2;</BkToCstmrStmt></Document>"""
OUTSIDE = b"""<?xml version="1.0"?>
<!DOCTYPE foo [<!ENTITY secret SYSTEM "file:///etc/passwd">]>
<Document><BkToCstmrStmt><Stmt><Id>&secret;</Id></Stmt></BkToCstmrStmt></Document>"""
OFX_BOMB = b"""<?xml version="1.0"?><!DOCTYPE OFX [<!ENTITY a "aaaa">]><?OFX OFXHEADER="200"?><OFX>&a;</OFX>"""
UNKNOWN_ENCODING = b'<?xml version="1.0" encoding="klingon"?><Document/>'


def refusal(content: bytes) -> FileRefused:
    with pytest.raises(FileRefused) as caught:
        read_all(content)
    return caught.value


@pytest.mark.parametrize(
    ("name", "before", "after", "line", "reason"),
    [
        ("statement_102.ofx", b"-1204.50", b"-1204.5O", 36, "the amount “-1204.5O” is not a number."),
        ("statement_102.ofx", b"+9870.25", b"NaN", 45, "the amount “NaN” is not a number."),
        ("statement_102.ofx", b"+9870.25", b"1e5", 45, "the amount “1e5” is not a number."),
        ("statement_102.ofx", b"20260115\n", b"20261315\n", 43, "the date “2026-13-15” is not one."),
        ("statement_102.ofx", b"20260115\n", b"00260115\n", 43, "lies outside of what can be booked."),
        ("statement_102.ofx", b"<CURDEF>USD", b"<CURDEF>USDX", 24, "“USDX” is not a currency."),
        ("statement_102.ofx", b"<TRNAMT>-75.00\n", b"", 50, "STMTTRN has no TRNAMT."),
        ("statement_102.ofx", b"</OFX>", b"", 65, "the file ends inside of OFX: a part of it is missing."),
        ("statement_102.ofx", b"</STMTTRN>\n</B", b"</B", 57, "BANKTRANLIST ends before STMTTRN"),
        ("statement_02.camt.xml", b"3265.10", b"3265,10", 24, "the amount “3265,10” is not a number."),
        ("statement_02.camt.xml", b"3265.10", b"-3265.10", 24, "an amount in CAMT.053 has no sign"),
        ("statement_02.camt.xml", b"3265.10", b"3265.10001", 24, "is too large or too fine to be kept."),
        ("statement_02.camt.xml", b"G</Sts>\n        <BookgDt>", b"</Sts><BookgDt/><BookgDt>", 61, "Ntry has no date."),
        ("statement_02.camt.xml", b"</Stmt>", b"", 69, "this is not well-formed XML; the file may be cut off."),
        ("statement_02.camt.xml", b"BkToCstmrStmt", b"BkToCstmrAcctRpt", 2, "this is CAMT.052"),
        ("statement_02.camt.xml", b"DBIT</CdtDbtInd>", b"</CdtDbtInd>", 42, "does not say whether it is CRDT or DBIT."),
        ("statement_de.sta", b"CR3265,10", b"CR3265.10", 6, "is not a movement."),
        ("statement_de.sta", b":62F:", b":99X:", 2, "no closing balance (:62F:); the file may be cut off."),
        ("statement_de.sta", b":60F:C", b":60F:X", 5, "is not a balance."),
        ("statement_de.sta", b":20:STARTUMSE\r\n", b"", 2, "stands before the first :20:, which begins a statement."),
        ("sparkasse.csv", b"31.01.26", b"31.02.26", 2, "is not one."),
        ("preamble.csv", "−1.234,00".encode(), "−1.234.00".encode(), 8, "does not fit numbers with “,”"),
        ("sparkasse.csv", b'"-1.204,50"', b'""', 3, "this row has a date and no amount."),
        ("sparkasse.csv", b"Februar\"", b"Februar", 3, "this row cannot be read"),
        ("us_bank.csv", b",,\"12,590", b",5.00,\"12,590", 2, "this row has money in and money out at once."),
        ("ing_nl.csv", b"\"Bij\"", b"\"Boh\"", 3, "“boh” says neither money in nor money out."),
    ],
)  # fmt: skip
def test_it_names_the_line_and_the_reason(name: str, before: bytes, after: bytes, line: int, reason: str) -> None:
    content = sample(name)
    assert before in content
    found = refusal(content.replace(before, after))
    assert reason in str(found)
    assert found.line == line
    assert str(found).startswith(f"Line {line}: ")


@pytest.mark.parametrize("content", [BOMB, OUTSIDE, OFX_BOMB])
def test_entities_are_refused_and_never_read(content: bytes) -> None:
    assert "entities" in str(refusal(content))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty."),
        (b" \n ", "the file is empty."),
        (b"PK\x03\x04rest", "packed file or a spreadsheet"),
        (b"%PDF-1.7", "this is a PDF"),
        (b"\x00\x01\x02", "not a text file"),
        (UNKNOWN_ENCODING, "an encoding"),
        (b"<html><body>Sign in</body></html>", "this is not CAMT.053"),
        (b"hello world", "Say which column has the date."),
        (b"Date;Amount\n", "no row below has a date and an amount."),
        (b"<OFX></OFX>", "there is no bank statement in this OFX file."),
        (b"<a>" * 5000, "nested too deeply"),
        (b"<OFX>" + b"<a>" * 5000 + b"</a>" * 5000 + b"</OFX>", "nested too deeply"),
    ],
)
def test_what_is_no_bank_file_is_named(content: bytes, reason: str) -> None:
    assert reason in str(refusal(content))


def movements(statements: tuple[StatementFile, ...]) -> list[tuple[dt.date, Decimal]]:
    return [(entry.data.booking_date, entry.data.amount) for one in statements for entry in one.entries]


@pytest.mark.parametrize("name", NAMES)
def test_a_file_cut_off_anywhere_is_refused_unless_nothing_shows_it(name: str) -> None:
    content = sample(name)
    whole = movements(read_all(content))
    for end in range(len(content)):
        try:
            cut = read_all(content[:end])
        except FileRefused:
            continue
        if format_of(content) == "CSV":
            # Nothing in this format shows that there was more; the last row may end inside of its amount.
            assert set(movements(cut)[:-1]) <= set(whole)
        else:
            # A file of several messages may end after any of them.
            assert movements(cut) == whole[: len(movements(cut))]
            assert format_of(content) == "MT940" or movements(cut) == whole


def check(statements: tuple[StatementFile, ...]) -> None:
    """Whatever was read can be kept."""
    for statement in statements:
        for entry in statement.entries:
            assert isinstance(entry.data.amount, Decimal)
            assert entry.data.amount.is_finite()
            assert re.fullmatch("[A-Z]{3}", entry.data.currency)
            assert entry.line >= 1
            entry.data.remittance.encode()
            entry.data.counterparty.name.encode()
            bytes(entry.data.raw).decode()


def survives(content: bytes) -> None:
    try:
        check(read_all(content))
    except FileRefused as refused:
        assert refused.line >= 1
        assert "\n" not in str(refused)


MANY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@MANY
@given(content=st.binary(max_size=400))
def test_any_bytes_are_a_value_or_a_refusal(content: bytes) -> None:
    survives(content)


@MANY
@given(data=st.data(), name=st.sampled_from(NAMES))
def test_a_sample_with_damage_is_a_value_or_a_refusal(data: st.DataObject, name: str) -> None:
    content = bytearray(sample(name))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        length = data.draw(st.integers(0, 12))
        content[at : at + length] = data.draw(st.one_of(st.binary(max_size=12), st.sampled_from(PIECES)))
    survives(bytes(content))


PIECES = [
    *(b"</STMTTRN>", b"<STMTTRN>", b"<Ntry>", b"</Ntry>", b":61:", b":86:166?20", b"\n-\n", b'"', b";", b"-", b"1e9"),
    *(b"&#55296;", b"&#0;", b"&amp;", b"<![CDATA[", b"]]>", b"9" * 40, b"\x00", "€".encode(), "٣".encode()),
]


@MANY
@given(text=st.text(alphabet="0123456789.,-+() '€EUR\u0663eENa", max_size=20), decimal=st.sampled_from([".", ","]))
def test_any_text_as_an_amount_is_exact_or_refused(text: str, decimal: str) -> None:
    mapping = ColumnMapping(delimiter=";", decimal=decimal, date_order="ymd", columns={"date": 0, "amount": 1})
    try:
        (statement,) = csv.parse(f"2026-01-31;{text}".encode(), mapping)
    except FileRefused:
        return
    digits = "".join(char for char in text if char.isdigit()).lstrip("0")
    kept = str(statement.entries[0].data.amount).lstrip("-").replace(".", "").lstrip("0")
    assert kept.rstrip("0") == digits.rstrip("0")


@MANY
@given(cents=st.integers(-(10**15), 10**15), grouping=st.booleans())
def test_every_amount_comes_back_from_how_banks_write_it(cents: int, grouping: bool) -> None:
    amount = Decimal(cents).scaleb(-2)
    written = f"{amount:,.2f}" if grouping else f"{amount:.2f}"
    german = written.replace(",", " ").replace(".", ",").replace(" ", ".")
    mapping = ColumnMapping(delimiter=";", date_order="ymd", columns={"date": 0, "amount": 1})
    (statement,) = csv.parse(f"2026-01-31;{german}".encode(), mapping)
    assert statement.entries[0].data.amount == amount
    assert exact(f"{amount:.2f}", line=1) == amount


@pytest.mark.parametrize("parse", [ofx.parse, camt053.parse, mt940.parse])
@given(text=st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_each_reader_alone_refuses_what_is_not_its_own(parse: object, text: str) -> None:
    with pytest.raises(FileRefused):
        parse(text.encode("utf-8", "replace"))  # type: ignore[operator]


@MANY
@given(rows=st.lists(st.lists(st.text(max_size=8), max_size=6), max_size=6), delimiter=st.sampled_from(";,\t|"))
def test_a_mapping_can_be_guessed_for_anything(rows: list[list[str]], delimiter: str) -> None:
    content = "\n".join(delimiter.join(row) for row in rows).encode("utf-8", "replace")
    try:
        mapping = guess(content)
    except FileRefused:
        return
    assert all(0 <= place < len(mapping.header) for place in mapping.columns.values())
