"""A fetch can be undone: what nobody touched goes out in one step, and comes back only when asked for."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import transaction as database
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from connections.models import ChatterEntry
from providers.types import TransactionData
from statements.models import Journal, ProvenDays, RemovedLine, ReviewItem, SyncRun
from statements.refusal import Refused
from statements.services import decisions, undo
from statements.services.intake import Intake, take_in
from tests.factories import balance, make_account, make_company, make_journal, make_run, make_user, transaction
from tests.sessions import signed_in

pytestmark = pytest.mark.django_db

FIRST = [transaction("a", "10.00", day="2026-01-10"), transaction("b", "20.00", day="2026-02-10")]
SECOND = [
    transaction("c", "-1.00", day="2026-02-11"),
    transaction("d", "-2.00", day="2026-03-01"),
    transaction("e", "-2.00", day="2026-03-01"),
]


def fetch(journal: Journal, *transactions: TransactionData) -> tuple[SyncRun, Intake]:
    journal = Journal.objects.select_related("company", "account").get(pk=journal.pk)
    assert journal.account is not None
    run = make_run(journal.account.connection, reason="new_lines")
    with database.atomic():
        result = take_in(journal, run, transactions=transactions, bank=balance("130.00"), account=journal.account)
    SyncRun.objects.filter(pk=run.pk).update(new=result.new)
    return run, result


def twice_fetched() -> tuple[Journal, SyncRun]:
    """A journal with two fetches; the second one is given."""
    journal = make_journal(account=make_account(position="somewhere"))
    fetch(journal, *FIRST)
    run, _result = fetch(journal, *FIRST, *SECOND)
    return journal, run


def ids(journal: Journal) -> set[str]:
    return set(journal.lines.values_list("transaction_id", flat=True))


def balances(journal: Journal) -> list[tuple[Decimal, Decimal, int]]:
    return list(journal.statements.order_by("first_day").values_list("opening", "closing", "line_count"))


def test_the_plan_says_what_goes_and_what_stays() -> None:
    _journal, run = twice_fetched()
    (part,) = undo.plan(run)
    assert (part.removable, part.locked, part.decided, part.confirmed) == (3, 0, 0, 0)


def test_one_step_takes_the_fetch_out_and_leaves_the_rest_in_balance() -> None:
    journal, run = twice_fetched()
    before = balances(journal)
    assert before[-1] == (Decimal("129.00"), Decimal("125.00"), 2)
    assert undo.undo(run, person=make_user()) == 3
    assert ids(journal) == {"a", "b"}
    assert balances(journal) == [
        (Decimal("100.00"), Decimal("110.00"), 1),
        (Decimal("110.00"), Decimal("130.00"), 1),
        (Decimal("130.00"), Decimal("130.00"), 0),
    ]
    assert ChatterEntry.objects.get(code="fetch_undone").facts == {"lines": 3}
    with pytest.raises(Refused):
        undo.undo(run, person=make_user())


def test_the_next_fetch_does_not_bring_them_back() -> None:
    journal, run = twice_fetched()
    undo.undo(run, person=make_user())
    _again, result = fetch(journal, *FIRST, *SECOND)
    assert (result.new, result.known) == (0, 5)
    assert ids(journal) == {"a", "b"}


def test_when_asked_for_the_next_fetch_reads_from_the_beginning_and_books_them() -> None:
    journal, run = twice_fetched()
    before = balances(journal)
    account = journal.account
    assert account is not None
    ProvenDays.objects.create(account=account, first_day=dt.date(2026, 1, 1), last_day=dt.date(2026, 3, 1))
    undo.undo(run, person=make_user())
    assert (undo.remembered(run), undo.bring_back(run, person=make_user())) == (3, 3)
    account.refresh_from_db()
    assert (account.position, ProvenDays.objects.count()) == ("", 0)
    _again, result = fetch(journal, *FIRST, *SECOND)
    assert (result.new, balances(journal)) == (3, before)
    with pytest.raises(Refused):
        undo.bring_back(run, person=make_user())


def test_what_was_removed_for_another_reason_is_not_brought_back() -> None:
    journal, run = twice_fetched()
    journal.removed_lines.create(
        transaction_id="z", booking_date=dt.date(2026, 1, 1), amount=Decimal(1), currency="EUR", run=run, reason="hand"
    )
    undo.undo(run, person=make_user())
    undo.bring_back(run, person=make_user())
    assert RemovedLine.objects.get().transaction_id == "z"


def test_locked_decided_and_confirmed_lines_stay() -> None:
    journal, run = twice_fetched()
    journal.company.lock_date = dt.date(2026, 2, 28)
    journal.company.save()
    fetch(journal, transaction("d", "-3.00", day="2026-03-01"))
    item = ReviewItem.objects.get()
    decisions.decide(item, ReviewItem.Decision.KEEP, person=make_user())
    (part,) = undo.plan(run)
    assert (part.removable, part.locked, part.decided, part.confirmed) == (1, 1, 1, 0)
    assert undo.undo(run, person=make_user()) == 1
    assert ids(journal) == {"a", "b", "c", "d"}


def test_a_confirmed_statement_is_left_alone() -> None:
    journal, run = twice_fetched()
    journal.statements.filter(first_day=dt.date(2026, 3, 1)).update(confirmed_version=1, confirmed_at=timezone.now())
    (part,) = undo.plan(run)
    assert (part.removable, part.confirmed) == (1, 2)
    undo.undo(run, person=make_user())
    assert ids(journal) == {"a", "b", "d", "e"}


def test_a_fetch_under_way_cannot_be_undone() -> None:
    _journal, run = twice_fetched()
    SyncRun.objects.filter(pk=run.pk).update(state="running", finished_at=None, reason="")
    run.refresh_from_db()
    with pytest.raises(Refused, match="under way"):
        undo.undo(run, person=make_user())


def page_of(run: SyncRun) -> tuple[Client, str]:
    return signed_in(run.connection.company), reverse("undo_fetch", args=[run.pk])


def test_the_page_shows_the_counts_undoes_and_brings_back() -> None:
    journal, run = twice_fetched()
    client, page = page_of(run)
    assert page in client.get(reverse("run", args=[run.pk])).content.decode()
    response = client.get(page)
    assert [part.removable for part in response.context["parts"]] == [3]
    assert client.post(page).status_code == 302
    assert ids(journal) == {"a", "b"}
    assert client.get(page).context["remembered"] == 3
    refused = client.post(page)
    assert (refused.status_code, refused.context["problem"][-1]) == (422, ".")
    back = reverse("bring_back", args=[run.pk])
    assert client.post(back).status_code == 302
    assert client.post(back).status_code == 422
    assert fetch(journal, *FIRST, *SECOND)[1].new == 3


def test_another_companys_fetch_does_not_exist() -> None:
    _journal, run = twice_fetched()
    stranger = signed_in(make_company())
    for name in ("undo_fetch", "bring_back"):
        assert stranger.post(reverse(name, args=[run.pk])).status_code == 404
    assert stranger.get(reverse("undo_fetch", args=[run.pk])).status_code == 404
