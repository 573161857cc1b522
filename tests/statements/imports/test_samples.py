"""What each sample file says, fact by fact."""

from __future__ import annotations

from decimal import Decimal

import pytest

from statements.imports.sniff import format_of
from tests.statements.imports.reading import NAMES, balances, facts, read_one, sample

# name: ((format, account number, currency), [opening, closing], entries as (line, id, booking date, value date,
# amount, currency, counterparty, its account, remittance, kind)). XXX is the currency of a file that names none.
EXPECTED: dict[str, tuple[tuple[str, str, str], list[str], list[tuple[str, ...]]]] = {
    "ing_nl.csv": (
        ("CSV", "NL20INGB0001234567", ""),
        ["", ""],
        [
            ("2", "", "2026-01-31", "", "-23.45", "XXX", "Albert Heijn 1521", "", "Pasvolgnr: 001", "Betaalautomaat"),
            (
                "3",
                "",
                "2026-01-30",
                "",
                "1500.00",
                "XXX",
                "Jansen BV",
                "NL91ABNA0417164300",
                "Factuur 12",
                "Online bankieren",
            ),
        ],
    ),
    "preamble.csv": (
        ("CSV", "", ""),
        ["", ""],
        [
            ("6", "", "2026-01-03", "2026-01-03", "-2.80", "XXX", "Bäckerei Huber", "", "Brötchen", ""),
            ("7", "", "2026-01-03", "2026-01-03", "-2.80", "XXX", "Bäckerei Huber", "", "Brötchen", ""),
            ("8", "", "2026-01-05", "2026-01-05", "-1234.00", "XXX", "Finanzamt", "", "USt 12/2025", ""),
        ],
    ),
    "revolut.csv": (
        ("CSV", "", "EUR"),
        ["60.40 on 2026-01-02", "246.05 on 2026-01-06"],
        [
            ("2", "", "2026-01-02", "2026-01-02", "250.00", "EUR", "", "", "Payment from Jana Peeters", "TOPUP"),
            ("3", "", "2026-01-04", "2026-01-03", "-4.35", "EUR", "", "", "Bakery De Korenbloem", "CARD_PAYMENT"),
            ("4", "", "2026-01-05", "2026-01-05", "-120.00", "EUR", "", "", "Hotel deposit", "CARD_PAYMENT"),
            ("5", "", "2026-01-05", "2026-01-05", "-18.00", "EUR", "", "", "Taxi", "CARD_PAYMENT"),
            ("6", "", "2026-01-06", "2026-01-06", "-60.00", "EUR", "", "", "To Jan Willems", "TRANSFER"),
        ],
    ),
    "sparkasse.csv": (
        ("CSV", "DE87200500001234567890", "EUR"),
        ["", ""],
        [
            (
                "2",
                "",
                "2026-01-31",
                "2026-02-02",
                "3265.10",
                "EUR",
                "Müller & Söhne GmbH",
                "DE02120300000000202051",
                "RE 4471 vom 15.01.2026",
                "GUTSCHR. UEBERWEISUNG",
            ),
            (
                "3",
                "",
                "2026-01-30",
                "2026-01-30",
                "-1204.50",
                "EUR",
                "Grund & Boden",
                "DE75512108001245126199",
                'Miete "Halle 3"; Februar',
                "FOLGELASTSCHRIFT",
            ),
        ],
    ),
    "statement_02.camt.xml": (
        ("CAMT.053", "DE87200500001234567890", "EUR"),
        ["1120.72 on 2026-01-30", "4299.87 on 2026-01-31"],
        [
            (
                "23",
                "2026013112345600001",
                "2026-01-31",
                "2026-02-02",
                "3265.10",
                "EUR",
                "Müller & Söhne GmbH",
                "DE02120300000000202051",
                "RE 4471 vom 15.01.2026\nKunde 88",
                "PMNT/RCDT/ESCT",
            ),
            (
                "42",
                "",
                "2026-01-31",
                "2026-01-31",
                "-85.95",
                "EUR",
                "Cloud Hosting Inc",
                "US-998877",
                "RF18539007547034",
                "NDDT+105",
            ),
            ("61", "", "2026-01-31", "", "-20.00", "EUR", "", "", "", ""),
        ],
    ),
    "statement_08.camt.xml": (
        ("CAMT.053", "BE68539007547034", "EUR"),
        ["-50.00 on 2026-03-02", "-510.00 on 2026-03-02"],
        [
            (
                "10",
                "20260302-000000117",
                "2026-03-02",
                "2026-03-02",
                "-500.00",
                "EUR",
                "",
                "",
                "SALARIES MARCH\n2 payments in one",
                "PMNT/ICDT/ESCT",
            ),
            (
                "20",
                "REV-2026-0302-1",
                "2026-03-02",
                "",
                "40.00",
                "EUR",
                "Gym NV",
                "BE71096123456769",
                "Refund of membership",
                "",
            ),
        ],
    ),
    "statement_102.ofx": (
        ("OFX", "000123456789", "USD"),
        ["", "12590.75 on 2026-01-31"],
        [
            (
                "33",
                "202601310001",
                "2026-01-31",
                "",
                "-1204.50",
                "USD",
                "RIVERSIDE PROPERTIES LLC",
                "",
                "Rent February & utilities",
                "debit",
            ),
            (
                "41",
                "202601150003",
                "2026-01-15",
                "2026-01-17",
                "9870.25",
                "USD",
                "MILLER & SONS",
                "",
                "Invoice 4471",
                "credit",
            ),
            ("50", "202601100002", "2026-01-10", "", "-75.00", "USD", "CHECK", "", "No. 1042", "check"),
        ],
    ),
    "statement_220.ofx": (
        ("OFX", "5412750000001234", "EUR"),
        ["", "-20.60 on 2026-02-28"],
        [
            ("14", "CC-0001", "2026-02-14", "", "-2.80", "EUR", "Café de la Gare", "", "", "pos"),
            (
                "22",
                "CC-0002",
                "2026-02-14",
                "",
                "-2.80",
                "EUR",
                "Café de la Gare",
                "",
                "second <coffee> & a half",
                "pos",
            ),
            ("30", "CC-0003", "2026-02-20", "", "-15.00", "USD", "Cloud Hosting Inc", "", "", "debit"),
        ],
    ),
    "statement_de.sta": (
        ("MT940", "20050000/1234567890", "EUR"),
        ["1120.72 on 2026-01-30", "4289.87 on 2026-01-31"],
        [
            (
                "6",
                "",
                "2026-01-31",
                "2026-02-02",
                "3265.10",
                "EUR",
                "Müller + Söhne GmbH",
                "DE02120300000000202051",
                "Rechnung 4471 vom 15.01.2026 Kunde 88",
                "SEPA-UEBERWEISUNG",
            ),
            (
                "8",
                "",
                "2026-01-31",
                "2026-01-31",
                "-85.95",
                "EUR",
                "CLOUD HOSTING INC",
                "US998877",
                "Cloud Hosting",
                "BASISLASTSCHRIFT",
            ),
            ("10", "", "2026-01-01", "2026-01-01", "-10.00", "EUR", "", "", "STORNO\nzweite Zeile", "N028"),
        ],
    ),
    "statement_nl.940": (
        ("MT940", "NL91ABNA0417164300", "EUR"),
        ["-100.00 on 2026-01-01", "875.05 on 2026-01-03"],
        [
            (
                "8",
                "",
                "2026-01-02",
                "2026-01-02",
                "-24.95",
                "EUR",
                "INTERNET BV",
                "NL27SNSB0917829871",
                "Internet januari 2026",
                "SEPA INCASSO ALGEMEEN DOORLOPEND",
            ),
            (
                "12",
                "",
                "2026-01-02",
                "2025-12-31",
                "1000.00",
                "EUR",
                "",
                "",
                "Losse tekst zonder structuur\nop twee regels",
                "NTRF",
            ),
            ("21", "", "2026-01-03", "2026-01-03", "-5.00", "EUR", "", "", "", "NTRF"),
        ],
    ),
    "us_bank.csv": (
        ("CSV", "", ""),
        ["4000.00 on 2026-01-10", "12590.75 on 2026-01-31"],
        [
            ("2", "", "2026-01-31", "", "-1204.50", "XXX", "", "", "RIVERSIDE PROPERTIES, LLC", ""),
            ("3", "", "2026-01-15", "", "9870.25", "XXX", "", "", "MILLER & SONS", ""),
            ("4", "", "2026-01-10", "", "-75.00", "XXX", "", "", "CHECK 1042", ""),
        ],
    ),
}


def test_every_sample_is_expected() -> None:
    assert sorted(EXPECTED) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_file_of_a_bank_is_read_to_the_last_fact(name: str) -> None:
    head, expected_balances, expected_facts = EXPECTED[name]
    statement = read_one(name)
    assert format_of(sample(name)) == head[0]
    assert (statement.format, statement.account_number, statement.currency) == head
    assert balances(statement) == expected_balances
    assert facts(statement) == expected_facts


@pytest.mark.parametrize("name", [name for name in NAMES if all(EXPECTED[name][1])])
def test_a_files_own_balances_add_up_to_the_cent(name: str) -> None:
    assert read_one(name).gap == Decimal(0)


@pytest.mark.parametrize(
    ("name", "pending"), [("statement_02.camt.xml", ["-20.00"]), ("statement_nl.940", ["-5.00"]), ("us_bank.csv", [])]
)
def test_what_is_not_booked_yet_is_told_apart(name: str, pending: list[str]) -> None:
    entries = read_one(name).entries
    assert [str(entry.data.amount) for entry in entries if entry.data.status == "pending"] == pending


def test_what_was_paid_in_another_currency_is_kept_beside() -> None:
    data = read_one("statement_02.camt.xml").entries[1].data
    assert (data.original_amount, data.original_currency) == (Decimal("-100.00"), "USD")


def test_rows_that_are_no_entries_are_counted_and_not_lost_silently() -> None:
    assert read_one("preamble.csv").left_out == (10,)


def test_the_technical_view_has_everything_the_file_said() -> None:
    assert b"4471-2026" in bytes(read_one("statement_02.camt.xml").entries[0].data.raw)
    assert b"EREF+4471-2026" in bytes(read_one("statement_de.sta").entries[0].data.raw)
    assert b"GUTSCHR. UEBERWEISUNG" in bytes(read_one("sparkasse.csv").entries[0].data.raw)


def test_what_the_bank_has_not_booked_is_told_apart_and_moves_no_balance() -> None:
    revolut = read_one("revolut.csv")
    assert [entry.data.status for entry in revolut.entries] == ["posted", "posted", "pending", "pending", "posted"]
    assert revolut.gap == 0
