"""What users of other feeds suffered, held over the wire: each test carries the complaint's number in its name."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection as database
from django.db import transaction as transactions
from django.urls import reverse
from django.utils import timezone

from connections.models import Account, ProxyRegistration
from connections.services import accounts, registrations
from providers.types import AccountData, BalanceData
from statements import queries
from statements.models import AccountRun, Journal, ProvenDays, StatementLine
from statements.periods import Period
from statements.services import balances, proven
from statements.services.intake import take_in
from tests.factories import balance, make_account, make_connection, make_journal, make_line, transaction
from tests.feed.pretend import FarSide, connected
from tests.feed.test_fetching import assert_books_are_true, fetch
from tests.pages.elements import read
from tests.sessions import signed_in

pytestmark = pytest.mark.django_db


def pending_of(far: FarSide, account: Account) -> set[str]:
    """What the bank shows as pending on an account now, by id."""
    connection = account.connection
    found = registrations.client_for(connection.company).pending(connection.reference or "", account.identifier)
    assert all(one.status == "pending" for one in found)
    return {one.id for one in found}


def test_c03_what_is_pending_is_shown_live_and_is_no_line(far: FarSide) -> None:
    connection = connected(far, "Pending Tips Bank")
    fetch(connection)
    pending = set().union(*(pending_of(far, account) for account in connection.accounts.all()))
    assert pending
    assert not StatementLine.objects.filter(transaction_id__in=pending).exists()


def test_c04_a_pending_one_that_vanishes_or_changes_leaves_no_trace(far: FarSide) -> None:
    connection = connected(far, "Pending Tips Bank")
    fetch(connection)
    shown: set[str] = set()
    for _ in range(3):
        shown |= set().union(*(pending_of(far, account) for account in connection.accounts.all()))
        far.move_clock(days=5)
        fetch(connection)
    still = set().union(*(pending_of(far, account) for account in connection.accounts.all()))
    # Some vanished or were posted under another id meanwhile, which is what this is about.
    assert shown - still
    assert not StatementLine.objects.filter(transaction_id__in=shown | still).exists()
    assert_books_are_true(far, connection)


def test_c08_identity_is_data_and_survives_a_new_wording_of_everything(far: FarSide) -> None:
    connection = connected(far, "Equal Payments Bank")
    first = fetch(connection)
    StatementLine.objects.update(remittance="worded otherwise by an older version", counterparty_name="")
    connection.accounts.update(position="")
    again = fetch(connection)
    assert (again.new, again.known) == (0, first.new)


def test_c11_what_is_told_days_late_is_found(far: FarSide) -> None:
    connection = connected(far, "Late Payments Bank")
    fetch(connection)
    known = set(StatementLine.objects.values_list("pk", flat=True))
    today = timezone.localdate()
    for _ in range(4):
        far.move_clock(days=3)
        fetch(connection)
    assert StatementLine.objects.exclude(pk__in=known).filter(booking_date__lt=today).exists()
    assert_books_are_true(far, connection)


def test_c16_booking_dates_are_the_banks_own_calendar_dates(far: FarSide, settings: pytest.FixtureRequest) -> None:
    settings.TIME_ZONE = "Pacific/Kiritimati"  # type: ignore[attr-defined]  # fourteen hours ahead of UTC
    connection = connected(far, "Equal Payments Bank")
    fetch(connection)
    assert_books_are_true(far, connection)


def test_c17_a_payment_in_another_currency_keeps_both_amounts(far: FarSide) -> None:
    """Plaid tells the account's own amount; what it was abroad stays with the provider, and is never booked as ours."""
    connection = connected(far, "Many Currencies Bank")
    fetch(connection)
    for journal in Journal.objects.all():
        assert set(journal.lines.values_list("currency", flat=True)) <= {journal.currency}
    assert Journal.objects.filter(currency="KWD").exists()
    assert_books_are_true(far, connection)


def test_c17_both_amounts_are_kept_each_with_its_currency_and_shown() -> None:
    journal = make_journal(account=make_account())
    abroad = transaction("abroad", "-13.20", original_amount=Decimal("-14.10"), original_currency="USD")
    with transactions.atomic():
        take_in(journal, None, transactions=[abroad], bank=balance("86.80"), account=journal.account)
    line = journal.lines.get()
    assert (line.amount, line.currency) == (Decimal("-13.20"), "EUR")
    assert (line.original_amount, line.original_currency) == (Decimal("-14.10"), "USD")
    assert journal.statements.get().closing == Decimal("86.80")
    page = read(signed_in(journal.company).get(reverse("line", args=[line.pk])).content)
    assert "−€13.20" in page.text
    assert "−$14.10" in page.text


def test_c23_a_run_says_of_each_account_how_it_fared(far: FarSide) -> None:
    connection = connected(far, "Demo Business Bank")
    quiet = connection.accounts.get(name="Savings account")
    far.arm("broken_json", account_id=quiet.identifier, times=20)
    run = fetch(connection)
    told = {one.account.name: (one.reason, bool(one.error_reference)) for one in AccountRun.objects.filter(run=run)}
    assert told.pop("Savings account") == ("invalid_response", True)
    assert set(told.values()) == {("new_lines", False)}
    page = read(signed_in(connection.company).get(reverse("run", args=[run.pk])).content)
    rows = {row.one("th").text: row.text for row in page.all("tr") if row.all("td")}
    assert len(rows) == len(told) + 1
    [broken] = [text for label, text in rows.items() if label.startswith("Savings account")]
    assert AccountRun.objects.get(run=run, account=quiet).error_reference in broken
    [whole] = [text for label, text in rows.items() if label.startswith("Operating account")]
    assert str(AccountRun.objects.get(run=run, account__name="Operating account").new) in whole.replace(",", "")


def test_c26_a_gap_is_seen_and_asked_for_again() -> None:
    account = make_journal(account=make_account()).account
    assert account is not None
    first = dt.date(2026, 1, 1)
    proven.note(account, first_day=first, last_day=dt.date(2026, 2, 1))
    proven.note(account, first_day=dt.date(2026, 3, 1), last_day=dt.date(2026, 3, 31))
    assert proven.gaps_of(account) == [Period(dt.date(2026, 2, 2), dt.date(2026, 2, 28))]
    asked = proven.first_day_to_read(account, today=dt.date(2026, 4, 1))
    assert asked == dt.date(2026, 2, 1) - proven.OVERLAP
    proven.note(account, first_day=asked, last_day=dt.date(2026, 4, 1))
    assert ProvenDays.objects.get().first_day == first
    assert proven.gaps_of(account) == []


def test_c35_a_balance_that_differs_is_shown_with_its_difference() -> None:
    journal = make_journal(account=make_account(), opening_date=dt.date(2026, 1, 1), opening_balance=Decimal("0.00"))
    make_line(journal, "10.00")
    balances.rechain(journal, touched=[Period(dt.date(2026, 1, 1), dt.date(2026, 1, 31))])
    balances.compare(journal, balance("22.40"))
    proof = queries.proof_of(queries.with_balance(Journal.objects.all()).get())
    assert (proof.verdict, proof.difference) == ("differs", Decimal("-12.40"))
    client = signed_in(journal.company)
    for page in (reverse("dashboard"), reverse("line_list", args=[journal.pk])):
        assert "differs by −€12.40" in read(client.get(page).content).text


def test_c37_a_missing_balance_keeps_the_last_one_and_the_available_one_is_never_taken_for_it() -> None:
    connection = make_connection()

    def told(booked: str | None, available: str | None) -> Account:
        data = AccountData(
            id="a",
            name="Operating account",
            currency="EUR",
            balance=BalanceData(
                booked=None if booked is None else Decimal(booked),
                available=None if available is None else Decimal(available),
                currency="EUR",
            ),
        )
        accounts.store(connection, [data])
        return Account.objects.get()

    assert told("100.00", "600.00").booked_balance == Decimal("100.00")
    account = told(None, "550.00")
    assert (account.booked_balance, account.available_balance) == (Decimal("100.00"), Decimal("550.00"))


def test_c37_a_fetch_without_a_balance_leaves_the_last_comparison_standing_and_a_true_zero_counts() -> None:
    journal = make_journal(account=make_account(), opening_date=dt.date(2026, 1, 1), opening_balance=Decimal(0))
    balances.compare(journal, balance("7.00"))
    balances.compare(journal, balance(None))
    assert Journal.objects.get().bank_balance == Decimal("7.00")
    balances.compare(journal, balance("0.00"))
    assert Journal.objects.get().bank_balance == Decimal(0)


def test_c41_no_token_and_no_key_lies_in_a_table_or_a_log(far: FarSide, caplog: pytest.LogCaptureFixture) -> None:
    connection = connected(far, "Quiet Bank")
    fetch(connection)
    key = ProxyRegistration.objects.get(company=connection.company).private_key()
    with database.cursor() as cursor:
        for table in database.introspection.table_names():
            cursor.execute(f"SELECT * FROM {database.ops.quote_name(table)}")  # noqa: S608
            for row in cursor.fetchall():
                assert key not in str(row)
                assert "access-sandbox" not in str(row)
    logs = [caplog.text, *(path.read_text() for path in Path(far.stack.log_folder).glob("*.log"))]
    assert all(key not in text and "access-sandbox" not in text for text in logs)
