"""A company with something on every page, and the addresses of those pages."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse
from django.utils import timezone

from companies.models import Company, User
from connections.models import Connection, LinkAttempt
from connections.services import chatter
from statements.models import AccountRun, Journal, ReviewItem, StatementLine, SyncRun
from tests.factories import (
    make_account,
    make_attempt,
    make_company,
    make_connection,
    make_institution,
    make_journal,
    make_line,
    make_run,
    make_user,
)

TODAY = dt.date(2026, 11, 20)


@dataclass(frozen=True)
class Books:
    """One company's rows, one of each kind at least."""

    person: User
    company: Company
    connection: Connection
    attempt: LinkAttempt
    journal: Journal
    line: StatementLine
    run: SyncRun

    def addresses(self) -> dict[str, str]:
        """The address of every page that shows this company's own data, by name."""
        return {
            "connection": reverse("connection", args=[self.connection.pk]),
            "run": reverse("run", args=[self.run.pk]),
            "line_list": reverse("line_list", args=[self.journal.pk]),
            "edit_journal": reverse("edit_journal", args=[self.journal.pk]),
            **{name: reverse(name, args=[self.journal.pk]) for name in OF_A_JOURNAL},
            "regrouped": f"{reverse('regroup', args=[self.journal.pk])}?period=quarter",
            "undo_fetch": reverse("undo_fetch", args=[self.run.pk]),
            "line": reverse("line", args=[self.line.pk]),
            "statement": reverse("statement", args=[self.line.statement_id]),
            "statements of a journal": f"{reverse('statement_list')}?journal={self.journal.pk}",
            "attempt": reverse("attempt", args=[make_failed(self).pk]),
            "attempt_return": reverse("attempt_return", args=[make_failed(self).pk]),
            "link_accounts": reverse("link_accounts", args=[self.attempt.pk]),
            "link_done": reverse("link_done", args=[self.attempt.pk]),
        }


# Pages of one journal beside its lines.
OF_A_JOURNAL = ("missing", "duplicates", "add_line", "opening", "removed_list", "read_from", "regroup", "balance_proof")

GENERAL = {
    name: name
    for name in (
        "dashboard",
        "connect",
        "connection_list",
        "journal_list",
        "new_journal",
        "statement_list",
        "review_list",
        "company_settings",
        "people",
        "journal_settings",
        "notifications",
        "profile",
        "change_password",
    )
}


def make_books(rows: int = 1) -> Books:
    """A company with so many rows of everything: journals, connections, lines, months, runs, entries, items."""
    company = make_company()
    person = make_user(company=company)
    connections = [_connection(company, person) for _ in range(rows)]
    journals = [connection.accounts.get(journal__isnull=False).journal for connection in connections]
    connection, journal = connections[0], journals[0]
    lines = _lines(journal, rows)
    run = _runs(connection, rows)
    attempt = make_attempt(person, company, connection=connection, status="linked", institution=connection.institution)
    for number in range(rows):
        make_user(company=company)
        make_account(connection, name=f"Spare {number}")
        make_journal(company, name=f"Free {number}")
        chatter.add_note(connection, person, text=f"Note {number}")
        ReviewItem.objects.create(
            journal=journal,
            line=lines[number],
            run=run,
            kind=ReviewItem.Kind.CHANGED,
            transaction_id=str(number),
            fingerprint=str(number),
            before={"booking_date": "2026-11-03", "amount": "-12.50", "currency": "EUR"},
            after={"booking_date": "2026-11-03", "amount": "-21.50", "currency": "EUR"},
        )
    return Books(person, company, connection, attempt, journal, lines[0], run)


def make_failed(books: Books) -> LinkAttempt:
    """A walk to the bank that has ended, so that looking at it asks nobody."""
    return make_attempt(
        books.person, books.company, status="failed", error_message="The bank said no.", error_reference="REF-1"
    )


def _connection(company: Company, person: User) -> Connection:
    connection = make_connection(
        company,
        institution=make_institution(name="Bank of the Books"),
        created_by=person,
        last_success_at=timezone.now(),
        next_fetch_at=timezone.now() + dt.timedelta(hours=3),
    )
    account = make_account(connection, booked_balance=Decimal("100.00"))
    make_journal(
        company,
        account=account,
        opening_balance=Decimal("90.00"),
        opening_date=dt.date(2024, 1, 1),
        bank_balance=Decimal("100.00"),
    )
    return connection


def _lines(journal: Journal, rows: int) -> list[StatementLine]:
    return [
        make_line(journal, "1.00", day=TODAY - dt.timedelta(days=20 * number), counterparty_name=f"Payer {number}")
        for number in range(rows)
    ]


def _runs(connection: Connection, rows: int) -> SyncRun:
    """Finished runs with a result for the account of the journal; gives the last."""
    account = connection.accounts.get(journal__isnull=False)
    runs = [make_run(connection, reason="new_lines", new=3, known=4) for _ in range(rows)]
    for run in runs:
        AccountRun.objects.create(
            run=run,
            account=account,
            reason="new_lines",
            new=3,
            known=4,
            our_balance=Decimal("100.00"),
            bank_balance=Decimal("100.00"),
        )
    return runs[-1]
