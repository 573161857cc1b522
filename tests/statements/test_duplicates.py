"""Lines that look like one are shown, and a person says which are real; nothing is dropped by itself."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.db import transaction as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from statements.models import GenuineTwins, Journal, RemovedLine, StatementLine
from statements.refusal import Refused
from statements.services import duplicates, lines
from statements.services.intake import take_in
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
from tests.sessions import signed_in

pytestmark = pytest.mark.django_db
SINCE = dt.date(2026, 1, 1)


def coffees(count: int = 2, *, journal: Journal | None = None, ids: bool = True) -> Journal:
    """A journal with equal payments, fetched."""
    journal = journal or make_journal(account=make_account())
    with database.atomic():
        take_in(
            journal,
            make_run(),
            transactions=[transaction(f"c{n}" if ids else "", "-2.80", day="2026-01-05") for n in range(count)],
            bank=balance("100.00"),
            account=journal.account,
        )
    return journal


def groups(journal: Journal, since: dt.date = SINCE) -> list[int]:
    return [len(group.lines) for group in duplicates.find(journal, since=since).groups]


def test_equal_lines_are_one_group_with_the_first_one_marked() -> None:
    journal = coffees(3)
    make_line(journal, "-2.80", day=dt.date(2026, 1, 6))
    make_line(journal, "-2.80", day=dt.date(2026, 1, 5), counterparty_account="BE68539007547034")
    (group,) = duplicates.find(journal, since=SINCE).groups
    assert [line.transaction_id for line in group.lines] == ["c0", "c1", "c2"]
    assert group.first.transaction_id == "c0"


def test_only_what_lies_on_or_after_the_chosen_day_and_in_this_journal_is_looked_at() -> None:
    journal = coffees()
    coffees()
    assert groups(journal, dt.date(2026, 1, 5)) == [2]
    assert groups(journal, dt.date(2026, 1, 6)) == []


def test_real_ones_are_not_asked_about_again_while_there_are_no_more() -> None:
    journal = coffees()
    (group,) = duplicates.find(journal, since=SINCE).groups
    duplicates.keep(journal, group.key, person=make_user())
    assert groups(journal) == []
    coffees(2, journal=journal)
    assert groups(journal) == []
    coffees(3, journal=journal)
    assert groups(journal) == [3]
    duplicates.keep(journal, group.key, person=make_user())
    assert (groups(journal), GenuineTwins.objects.get().count) == ([], 3)


@pytest.mark.parametrize("ids", [True, False])
def test_c07_a_deleted_line_does_not_return_with_the_next_fetch(ids: bool) -> None:
    journal = coffees(ids=ids)
    (group,) = duplicates.find(journal, since=SINCE).groups
    assert duplicates.delete(journal, [group.lines[1].pk], person=make_user()) == 1
    assert (groups(journal), journal.lines.count()) == ([], 1)
    assert RemovedLine.objects.get().reason == "duplicate"
    for _fetch in range(2):
        coffees(ids=ids, journal=journal)
        assert journal.lines.count() == 1
    assert journal.statements.get().closing == Decimal("102.80")


def test_one_of_each_group_stays() -> None:
    journal = coffees()
    with pytest.raises(Refused, match="must stay"):
        duplicates.delete(journal, list(journal.lines.values_list("pk", flat=True)), person=make_user())
    assert journal.lines.count() == 2


def test_another_journals_line_cannot_be_deleted_from_here() -> None:
    journal, other = coffees(), coffees()
    with pytest.raises(Refused):
        duplicates.delete(journal, [other.lines.all()[0].pk], person=make_user())
    assert StatementLine.objects.count() == 4


def test_nothing_in_the_locked_period_is_deleted() -> None:
    journal = coffees()
    journal.company.lock_date = dt.date(2026, 1, 31)
    journal.company.save()
    with pytest.raises(Refused, match="locked"):
        duplicates.delete(journal, [journal.lines.all()[0].pk], person=make_user())
    assert journal.lines.count() == 2


def test_what_the_provider_calls_a_duplicate_stands_apart_and_can_be_kept_or_deleted() -> None:
    journal = make_journal()
    kept = make_line(journal, day=dt.date(2026, 1, 3), is_flagged_duplicate=True)
    gone = make_line(journal, "9.00", day=dt.date(2026, 1, 2), is_flagged_duplicate=True)
    lines.rebalance(journal, [kept.statement])
    found = duplicates.find(journal, since=SINCE)
    assert (list(found.groups), list(found.flagged)) == ([], [kept, gone])
    duplicates.keep_flagged(journal, kept.pk)
    duplicates.delete(journal, [gone.pk], person=make_user())
    assert list(duplicates.find(journal, since=SINCE).flagged) == []
    assert list(journal.lines.all()) == [kept]
    with pytest.raises(Refused):
        duplicates.keep_flagged(journal, kept.pk)


def test_a_group_that_is_gone_cannot_be_kept() -> None:
    journal = coffees()
    for key in ("EUR|1.00||2026-01-05", "nonsense", "EUR|x||yesterday"):
        with pytest.raises(Refused):
            duplicates.keep(journal, key, person=make_user())


def test_the_page_deletes_keeps_and_refuses_with_a_sentence() -> None:
    journal = coffees(3)
    client = signed_in(journal.company)
    page = reverse("duplicates", args=[journal.pk])
    assert page in client.get(reverse("line_list", args=[journal.pk])).content.decode()
    response = client.get(page, {"since": "2026-01-01"})
    (group,) = response.context["found"].groups
    assert response.content.decode().count("Delete the chosen ones") == 1
    answer = client.post(
        reverse("delete_duplicates", args=[journal.pk]),
        {"since": "2026-01-01", "line": [str(group.lines[2].pk)]},
    )
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"{page}?since=2026-01-01"
    everything = {"since": "2026-01-01", "line": [str(line.pk) for line in group.lines[:2]]}
    answer = client.post(reverse("delete_duplicates", args=[journal.pk]), everything)
    assert (answer.status_code, answer.context["problem"][-1]) == (422, ".")
    answer = client.post(reverse("keep_duplicates", args=[journal.pk]), {"since": "2026-01-01", "key": group.key})
    assert answer.status_code == 302
    assert list(client.get(page, {"since": "2026-01-01"}).context["found"].groups) == []


@pytest.mark.parametrize("name", ["delete_duplicates", "keep_duplicates"])
def test_bad_input_is_a_sentence(name: str) -> None:
    journal = coffees()
    client = signed_in(journal.company)
    for bad in ({}, {"line": "x", "key": "|||", "flagged": "y"}, {"line": "99999999", "since": "soon"}):
        assert client.post(reverse(name, args=[journal.pk]), bad).status_code == 422
    assert client.get(reverse("duplicates", args=[journal.pk]), {"since": "soon"}).status_code == 422


def test_another_companys_journal_does_not_exist() -> None:
    journal = coffees()
    stranger = signed_in(make_company())
    assert stranger.get(reverse("duplicates", args=[journal.pk])).status_code == 404
    for name in ("delete_duplicates", "keep_duplicates"):
        assert stranger.post(reverse(name, args=[journal.pk])).status_code == 404


def test_looking_costs_the_same_however_many_there_are() -> None:
    def queries(count: int) -> int:
        journal = coffees(count)
        with CaptureQueriesContext(connection) as captured:
            duplicates.find(journal, since=SINCE)
        return len(captured)

    assert queries(2) == queries(40)
