"""A file goes into a journal by the rules of a fetch: once, whole, with its balance compared, or not at all."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction as database

from providers.types import TransactionData
from statements.imports.accounts import same_account
from statements.imports.columns import ColumnMapping, guess
from statements.imports.facts import FileRefused
from statements.models import CsvMapping, ImportFile, Journal, ReviewItem, Statement, StatementLine
from statements.refusal import Refused
from statements.services import file_import, file_reading
from statements.services.intake import Intake, take_in
from tests.factories import (
    balance,
    make_account,
    make_company,
    make_journal,
    make_line,
    make_run,
    make_user,
    transaction,
)
from tests.statements.imports.reading import sample

pytestmark = pytest.mark.django_db
IBAN = "DE87200500001234567890"


def uploaded(journal: Journal, content: bytes) -> ImportFile:
    file = file_import.upload(journal, content, file_name="bank.txt", person=make_user(company=journal.company))
    if file.format == "CSV":
        file_reading.choose_mapping(file, guess(content))
    return file


def taken(journal: Journal, content: bytes, **options: Any) -> ImportFile:
    file = uploaded(journal, content)
    return file_import.take(file, person=make_user(company=journal.company), **options)


def feed(journal: Journal, *transactions: TransactionData, **options: Any) -> Intake:
    with database.atomic():
        return take_in(journal, make_run(), transactions=transactions, account=journal.account, **options)


def books(journal: Journal) -> list[tuple[str, str, str]]:
    """(day, amount, id) of each line."""
    rows = journal.lines.order_by("booking_date", "amount", "pk")
    return [(str(line.booking_date), str(line.amount), line.transaction_id) for line in rows]


def test_a_file_becomes_lines_of_statements_whose_balances_are_the_banks() -> None:
    journal = make_journal(account_number=IBAN)
    file = taken(journal, sample("statement_02.camt.xml"))
    assert (file.seen, file.new, file.known, file.held, file.pending) == (2, 2, 0, 0, 1)
    assert books(journal) == [
        ("2026-01-31", "-85.95", ""),
        ("2026-01-31", "3265.10", "CAMT.053:2026013112345600001"),
    ]
    line = StatementLine.objects.get(transaction_id="CAMT.053:2026013112345600001")
    assert (line.import_file, line.origin, line.run) == (file, "file", None)
    statement = Statement.objects.get()
    assert (statement.opening, statement.closing) == (Decimal("1120.72"), Decimal("4299.87"))
    assert statement.bank_closing == Decimal("4299.87")
    assert (file.closing_balance, file.our_balance) == (Decimal("4299.87"), Decimal("4299.87"))
    assert file.content is None


@pytest.mark.parametrize("name", ["statement_02.camt.xml", "statement_de.sta", "sparkasse.csv", "preamble.csv"])
def test_the_same_file_twice_adds_nothing(name: str) -> None:
    journal = make_journal(account_number=IBAN)
    first = taken(journal, sample(name))
    before = books(journal)
    again = uploaded(journal, sample(name))
    assert file_import.earlier(again) == first
    outcome = file_import.preview(again)
    assert (outcome.intake.new, outcome.intake.known) == (0, first.new)
    assert {row.verdict for row in outcome.rows} <= {"known", "pending"}
    assert file_import.take(again, person=make_user()).new == 0
    assert books(journal) == before


def test_two_equal_coffees_in_a_file_stay_two_and_a_third_is_new() -> None:
    journal = make_journal()
    taken(journal, sample("preamble.csv"))
    coffee = "03.01.2026;03.01.2026;Bäckerei Huber;Brötchen;-2,80\n".encode()
    third = sample("preamble.csv").replace(coffee, coffee * 2, 1)
    assert taken(journal, third).new == 1
    assert [row[1] for row in books(journal)].count("-2.80") == 3


def test_a_file_that_overlaps_the_feed_adds_nothing_twice_and_renames_nothing() -> None:
    journal = make_journal(account=make_account(), account_number=IBAN)
    came = [
        transaction("feed-1", "3265.10", day="2026-01-31"),
        transaction("feed-2", "-85.95", day="2026-01-31"),
        transaction("feed-3", "-1.00", day="2026-01-30"),
    ]
    feed(journal, *came, bank=balance("4298.87"))
    before = books(journal)
    file = taken(journal, sample("statement_02.camt.xml"))
    assert (file.new, file.known) == (0, 2)
    assert books(journal) == before
    # The feed still knows its lines by its own ids: what it changes is not taken for new.
    assert feed(journal, transaction("feed-1", "3265.11", day="2026-01-31")) == Intake(seen=1, known=1, changed=1)


def test_the_feed_adds_nothing_that_a_file_brought() -> None:
    journal = make_journal(account=make_account(), account_number=IBAN)
    taken(journal, sample("statement_02.camt.xml"))
    result = feed(
        journal,
        transaction("feed-1", "3265.10", day="2026-01-31"),
        transaction("feed-2", "-85.95", day="2026-01-31"),
        transaction("feed-3", "-85.95", day="2026-01-31"),
    )
    assert (result.new, result.known) == (1, 2)
    assert taken(journal, sample("statement_02.camt.xml")).new == 0


def test_another_files_ids_tell_equal_payments_of_one_day_apart() -> None:
    journal = make_journal(currency="EUR")
    content = sample("statement_220.ofx")
    entries = content.split(b"<STMTTRN>")
    first_alone, second_alone = (
        b"<STMTTRN>".join([*entries[:2], end(entries)]),
        b"<STMTTRN>".join([entries[0], entries[2], end(entries)]),
    )
    assert taken(journal, first_alone).new == 1
    assert taken(journal, second_alone).new == 1
    assert taken(journal, content).new == 0
    assert [row[2] for row in books(journal)] == ["OFX:CC-0001", "OFX:CC-0002"]


def end(entries: list[bytes]) -> bytes:
    """The last entry, in another currency, and all that follows."""
    return entries[3]


def test_another_format_of_the_same_days_adds_nothing() -> None:
    journal = make_journal(account_number=IBAN)
    taken(journal, sample("statement_02.camt.xml"))
    csv_file = taken(journal, sample("sparkasse.csv"))
    assert (csv_file.new, csv_file.known) == (1, 1)


def test_references_that_a_bank_repeats_hide_no_entry() -> None:
    journal = make_journal(account_number=IBAN)
    content = sample("statement_02.camt.xml").replace(b"NONREF", b"2026013112345600001")
    assert taken(journal, content).new == 2
    assert taken(journal, content).new == 0


def test_a_preview_changes_nothing_and_promises_what_happens() -> None:
    journal = make_journal(account_number=IBAN)
    file = uploaded(journal, sample("statement_02.camt.xml"))
    outcome = file_import.preview(file)
    assert (outcome.intake.new, outcome.pending, outcome.difference) == (2, 1, Decimal(0))
    assert [row.verdict for row in outcome.rows] == ["new", "new", "pending"]
    assert not StatementLine.objects.exists()
    assert not Statement.objects.exists()
    journal.refresh_from_db()
    assert journal.opening_balance is None
    file.refresh_from_db()
    assert file_import.take(file, person=make_user()).new == outcome.intake.new


def test_what_lies_in_the_locked_period_waits_and_the_preview_says_so() -> None:
    journal = make_journal(make_company(lock_date=dt.date(2026, 1, 30)), account_number=IBAN)
    file = uploaded(journal, sample("sparkasse.csv"))
    outcome = file_import.preview(file)
    assert (outcome.intake.new, outcome.intake.held, outcome.held_kinds) == (1, 1, {"locked": 1})
    assert [row.verdict for row in outcome.rows] == ["new", "held"]
    assert not ReviewItem.objects.exists()
    file_import.take(file, person=make_user())
    assert ReviewItem.objects.get().kind == "locked"


def test_a_line_entered_by_hand_is_suspected_and_not_doubled() -> None:
    journal = make_journal(account_number=IBAN)
    make_line(journal, "-85.95", day=dt.date(2026, 1, 31), transaction_id="", origin="hand")
    outcome = file_import.preview(uploaded(journal, sample("statement_02.camt.xml")))
    assert (outcome.intake.new, outcome.held_kinds) == (1, {"suspected": 1})
    assert [row.verdict for row in outcome.rows] == ["new", "held", "pending"]


def test_older_history_comes_in_before_the_day_the_feed_begins() -> None:
    journal = make_journal(account=make_account(), account_number=IBAN, first_day=dt.date(2026, 3, 1))
    feed(journal, transaction("a", "10.00", day="2026-03-05"), bank=balance("4309.87"))
    file = taken(journal, sample("statement_02.camt.xml"))
    assert (file.new, file.skipped) == (2, 0)
    assert (file.our_balance, file.closing_balance) == (Decimal("4299.87"), Decimal("4299.87"))
    journal.refresh_from_db()
    assert journal.first_day == dt.date(2026, 3, 1)
    assert journal.statements.order_by("-first_day")[0].closing == Decimal("4309.87")


def test_a_balance_that_differs_is_shown_and_never_papered_over() -> None:
    journal = make_journal(account_number=IBAN, opening_date=dt.date(2026, 1, 1), opening_balance=Decimal("1000.00"))
    outcome = file_import.preview(uploaded(journal, sample("statement_02.camt.xml")))
    assert outcome.difference == Decimal("-120.72")


def test_another_accounts_file_is_refused_until_a_person_says_that_it_is_right() -> None:
    journal = make_journal(account_number="BE71096123456769")
    with pytest.raises(file_reading.OtherAccount, match="··7890 and the journal Operating account of ··6769"):
        taken(journal, sample("statement_02.camt.xml"))
    assert not StatementLine.objects.exists()
    assert taken(journal, sample("statement_02.camt.xml"), any_account=True).new == 2


def test_a_file_in_another_currency_is_refused() -> None:
    with pytest.raises(Refused, match="The file is in USD and the journal in EUR"):
        taken(make_journal(), sample("statement_102.ofx"))


def test_of_a_file_of_several_accounts_the_journals_own_is_taken() -> None:
    content = sample("sparkasse.csv").replace(IBAN.encode(), b"DE75512108001245126199", 1)
    assert taken(make_journal(account_number=IBAN), content).new == 1
    with pytest.raises(Refused, match="holds the accounts ··6199, ··7890"):
        taken(make_journal(), content)


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [("statement_02.camt.xml", b"85.95", b"85,95"), ("sparkasse.csv", b"30.01.26", b"30.13.26")],
)
def test_a_broken_file_changes_nothing(name: str, before: bytes, after: bytes) -> None:
    journal = make_journal(account_number=IBAN)
    with pytest.raises(FileRefused, match="Line"):
        taken(journal, sample(name).replace(before, after))
    assert not StatementLine.objects.exists()
    assert not ImportFile.objects.taken().exists()


def test_a_date_far_ahead_is_a_typing_error() -> None:
    with pytest.raises(FileRefused, match=r"Line 2: .*more than a year ahead"):
        taken(make_journal(), b"Date;Amount\n2096-01-31;1,00\n")


def test_a_file_larger_than_allowed_is_refused(settings: Any) -> None:
    settings.IMPORT_MAX_MEGABYTES = 1
    with pytest.raises(Refused, match="larger than 1 MB"):
        taken(make_journal(), b"x" * (1024 * 1024 + 1))


def test_a_file_is_taken_in_once_however_often_the_button_is_pressed() -> None:
    journal = make_journal(account_number=IBAN)
    file = uploaded(journal, sample("statement_02.camt.xml"))
    stale = ImportFile.objects.get(pk=file.pk)
    file_import.take(file, person=make_user())
    with pytest.raises(Refused, match="taken in already"):
        file_import.take(stale, person=make_user())
    assert StatementLine.objects.count() == 2


def test_the_columns_a_person_chose_are_remembered_for_the_journal() -> None:
    journal = make_journal()
    content = b"When;How much\n2026-01-31;1,00\n"
    file = file_import.upload(journal, content, file_name="a.csv", person=make_user())
    assert not file_reading.is_mapped(file)
    mapping = ColumnMapping(delimiter=";", header_line=1, header=("When", "How much"), columns={"date": 0, "amount": 1})
    file_reading.choose_mapping(file, ColumnMapping(**{**vars(mapping), "date_order": "ymd"}))
    file_import.take(file, person=make_user())
    assert CsvMapping.objects.get().journal == journal
    next_file = file_import.upload(journal, content.replace(b"31", b"30"), file_name="b.csv", person=make_user())
    assert file_reading.is_mapped(next_file)
    assert file_import.take(next_file, person=make_user()).new == 1


@pytest.mark.parametrize(
    ("theirs", "ours", "same"),
    [
        ("DE87 2005 0000 1234 5678 90", IBAN, True),
        ("20050000/1234567890", IBAN, True),
        ("1234567890", IBAN, True),
        ("0001234567890", IBAN, True),
        ("BE71096123456769", IBAN, False),
        ("7890", IBAN, False),
        ("", IBAN, False),
        ("99950000/1234567890", IBAN, False),
    ],
)
def test_an_account_is_known_however_its_number_is_written(theirs: str, ours: str, same: bool) -> None:
    assert same_account(theirs, ours) is same


def test_pending_rows_of_a_csv_file_are_counted_and_not_booked() -> None:
    journal = make_journal()
    file = taken(journal, sample("revolut.csv"))
    assert (file.seen, file.new, file.pending, file.left_out) == (3, 3, 2, 0)
    assert [amount for _day, amount, _id in books(journal)] == ["250.00", "-4.35", "-60.00"]
    assert (file.closing_balance, file.our_balance) == (Decimal("246.05"), Decimal("246.05"))
