"""A person confirms what a statement says, and is shown what changed since."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import transaction as database
from django.urls import reverse

from providers.types import TransactionData
from statements import flags
from statements.models import Journal, Statement
from statements.refusal import Refused
from statements.services import confirming, file_import, manual
from statements.services.intake import take_in
from tests.factories import balance, make_account, make_company, make_journal, make_run, make_user, transaction
from tests.sessions import signed_in

pytestmark = pytest.mark.django_db


def fetch(journal: Journal, *transactions: TransactionData) -> None:
    with database.atomic():
        take_in(journal, make_run(), transactions=transactions, bank=balance("110.00"), account=journal.account)


def fetched() -> Journal:
    journal = make_journal(account=make_account())
    fetch(journal, transaction("a", "10.00", day="2026-01-10"))
    return journal


def test_a_confirmed_statement_says_who_confirmed_which_version() -> None:
    journal = fetched()
    person = make_user()
    statement = confirming.confirm(journal.statements.get(), version=1, person=person)
    assert (statement.confirmed_version, statement.confirmed_by) == (1, person)
    assert statement.confirmed_at is not None
    assert confirming.changes(statement) is None
    withdrawn = confirming.withdraw(statement)
    assert (withdrawn.confirmed_version, withdrawn.confirmed_by, withdrawn.confirmed_at) == (None, None, None)


def test_what_changed_since_is_shown_before_and_after() -> None:
    journal = fetched()
    confirming.confirm(journal.statements.get(), version=1, person=make_user())
    fetch(journal, transaction("late", "-4.00", day="2026-01-05"))
    manual.remove(journal.lines.get(transaction_id="a"), person=make_user())
    statement = journal.statements.get()
    assert statement.version == 3
    changes = confirming.changes(statement)
    assert changes is not None
    assert changes.confirmed is not None
    assert (changes.confirmed.total_in, changes.confirmed.closing) == (Decimal(10), Decimal(110))
    assert [line.transaction_id for line in changes.came] == ["late"]
    assert [memory.transaction_id for memory in changes.went] == ["a"]


def test_a_version_that_was_not_looked_at_is_not_confirmed() -> None:
    journal = fetched()
    fetch(journal, transaction("late", "-4.00", day="2026-01-05"))
    with pytest.raises(Refused, match="Look again"):
        confirming.confirm(journal.statements.get(), version=1, person=make_user())


def flags_of(statement: Statement) -> tuple[bool | None, bool | None]:
    found = flags.flags_of(flags.with_previous(Statement.objects.all()).get(pk=statement.pk), {})
    return found.complete, found.valid


def test_complete_and_valid_are_said_only_where_there_is_something_to_compare_with() -> None:
    journal = fetched()
    manual.add(journal, booking_date=dt.date(2026, 2, 3), amount=Decimal(5))
    first, second = journal.statements.order_by("first_day")
    assert (flags_of(first), flags_of(second)) == ((None, True), (None, True))
    Statement.objects.filter(pk=second.pk).update(bank_closing=second.closing)
    assert flags_of(second) == (True, True)
    Statement.objects.filter(pk=second.pk).update(bank_closing=second.closing + 1)
    assert flags_of(second) == (False, True)
    Statement.objects.filter(pk=second.pk).update(opening=second.opening + 1, closing=second.closing + 1)
    assert flags_of(second) == (True, False)
    Journal.objects.filter(pk=journal.pk).update(opening_balance=None)
    assert flags_of(first) == (None, None)


def test_the_page_confirms_shows_changes_and_takes_back() -> None:
    journal = fetched()
    statement = journal.statements.get()
    client = signed_in(journal.company)
    page, confirm = reverse("statement", args=[statement.pk]), reverse("confirm_statement", args=[statement.pk])
    assert confirm in client.get(page).content.decode()
    assert client.post(confirm, {"version": "7"}).status_code == 422
    assert client.post(confirm, {"version": "x"}).status_code == 422
    assert client.post(confirm, {"version": "1"}).status_code == 302
    assert client.get(page).context["changes"] is None
    fetch(journal, transaction("late", "-4.00", day="2026-01-05"))
    response = client.get(page)
    assert response.context["changes"] is not None
    assert "changed since confirmed" in response.content.decode()
    assert "changed since confirmed" in client.get(reverse("statement_list")).content.decode()
    assert client.post(confirm).status_code == 302
    statement.refresh_from_db()
    assert statement.confirmed_version is None


def test_another_companys_statement_does_not_exist() -> None:
    confirm = reverse("confirm_statement", args=[fetched().statements.get().pk])
    assert signed_in(make_company()).post(confirm, {"version": "1"}).status_code == 404


def test_what_a_person_put_in_and_what_a_file_brought_came_since_too() -> None:
    journal = fetched()
    manual.add(journal, booking_date=dt.date(2026, 1, 12), amount=Decimal(1))
    confirming.confirm(journal.statements.get(), version=2, person=make_user())
    manual.add(journal, booking_date=dt.date(2026, 1, 13), amount=Decimal(2))
    file = file_import.upload(journal, b"Date;Amount\n2026-01-14;3,00\n", file_name="bank.csv", person=make_user())
    file_import.take(file, person=make_user())
    changes = confirming.changes(journal.statements.get())
    assert changes is not None
    assert [line.amount for line in changes.came] == [Decimal(2), Decimal(3)]


def test_what_is_put_back_came_since_the_confirmation() -> None:
    journal = fetched()
    manual.remove(journal.lines.get(), person=make_user())
    confirming.confirm(journal.statements.get(), version=2, person=make_user())
    manual.put_back(journal.removed_lines.get())
    changes = confirming.changes(journal.statements.get())
    assert changes is not None
    assert [line.transaction_id for line in changes.came] == ["a"]
