"""Books with everything that makes an export difficult."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import transaction as database

from providers.types import CounterpartyData
from statements.models import Journal
from statements.services.intake import take_in
from tests.factories import balance, make_company, make_journal, make_run, transaction

IBAN = "BE68539007547034"
LONG_ID = "lPNjeW1nR6CDn5okmGQ6hEpMo4lLNoSrzqDje"  # as Plaid's are: longer than CAMT.053 has room for
HARD_WORDS = "A & B <C> \"D\" 'E' é ß Ω Я 電気 ]]>"


def hard_journal() -> Journal:
    """A journal whose opening balance is 1000.00."""
    journal = make_journal(
        make_company(name="Bakkerij & Zonen"),
        name="Operating account",
        account_number=IBAN,
        bic="KREDBEBB",
        bank_name="KBC",
    )
    rows = [
        transaction(
            LONG_ID,
            "-12.34",
            day="2026-01-05",
            value_date=dt.date(2026, 1, 7),
            original_amount=Decimal("-14.10"),
            original_currency="USD",
            counterparty=CounterpartyData(name="Électricité de Liège", account_number="BE71096123456769"),
            remittance=f"{HARD_WORDS}\nsecond line",
            kind="direct debit",
        ),
        transaction(
            "short", "99.99", day="2026-01-31", counterparty=CounterpartyData(name="=1+1"), remittance="+cmd|x"
        ),
        transaction("", "-2.80", day="2026-01-31", counterparty=CounterpartyData(), remittance=""),
        transaction("", "-2.80", day="2026-01-31", counterparty=CounterpartyData(), remittance=""),
        transaction("feb", "0.0001", day="2026-02-01", remittance="@SUM(A1)"),
    ]
    with database.atomic():
        take_in(journal, make_run(), transactions=rows, bank=balance("1082.0501"))
    journal.refresh_from_db()
    return journal
