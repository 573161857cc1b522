"""A journal archived and brought back over the wire: nothing is fetched meanwhile, and nothing comes twice."""

from __future__ import annotations

import pytest

from connections.models import Connection
from statements.models import Journal, StatementLine
from statements.services import archiving, linking
from tests.factories import make_attempt, make_user
from tests.feed.pretend import FarSide, connected
from tests.feed.test_fetching import assert_books_are_true, fetch

pytestmark = pytest.mark.django_db


def test_an_archived_journal_gets_nothing_and_once_it_is_back_everything_once(far: FarSide) -> None:
    connection = connected(far, "Demo Business Bank")
    fetch(connection)
    person = make_user(company=connection.company)
    journal = Journal.objects.get(account__name="Operating account")
    before = journal.lines.count()
    archiving.archive(journal, person=person)
    far.move_clock(days=3)
    assert fetch(connection).state == "done"
    assert journal.lines.count() == before
    archiving.bring_back(journal, person=person)
    assert fetch(connection).state == "done"
    assert journal.lines.count() > before
    assert_books_are_true(far, Connection.objects.get(pk=connection.pk))


def test_its_account_fills_another_journal_from_the_beginning(far: FarSide) -> None:
    connection = connected(far, "Quiet Bank")
    fetch(connection)
    person = make_user(company=connection.company)
    old = Journal.objects.get()
    lines = set(old.lines.values_list("booking_date", "amount"))
    archiving.archive(old, person=person)
    [account] = connection.accounts.all()
    attempt = make_attempt(person, connection.company, connection=connection, status="linked")
    [new] = linking.link(attempt, [linking.Choice(account=account, is_new=True)])
    assert fetch(connection).new == len(lines)
    assert set(new.lines.values_list("booking_date", "amount")) == lines
    assert StatementLine.objects.filter(journal=old).count() == len(lines)
    assert archiving.bring_back(old, person=person).account is None
    assert fetch(connection).new == 0


def test_a_connection_whose_journals_are_all_archived_says_so(far: FarSide) -> None:
    connection = connected(far, "Quiet Bank")
    fetch(connection)
    archiving.archive(Journal.objects.get(), person=make_user(company=connection.company))
    assert fetch(connection).reason == "no_account_linked"
