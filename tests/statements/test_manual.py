"""What a person writes into a journal, and the limits of it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import transaction as database
from django.urls import reverse
from django.utils import timezone

from statements.models import Journal, RemovedLine, StatementLine
from statements.refusal import Refused
from statements.services import manual
from statements.services.intake import Intake, take_in
from tests.factories import make_account, make_company, make_journal, make_run, make_user, transaction
from tests.sessions import signed_in

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 1, 10)


def fetch(journal: Journal) -> Intake:
    with database.atomic():
        return take_in(journal, make_run(), transactions=[transaction("a")], account=journal.account)


def test_a_line_is_entered_in_its_statement_and_the_balances_follow() -> None:
    journal = make_journal(opening_balance=Decimal("100.00"), opening_date=dt.date(2026, 1, 1))
    manual.add(journal, booking_date=DAY, amount=Decimal("-12.5000"), counterparty_name="Cash")
    manual.add(journal, booking_date=dt.date(2026, 3, 1), amount=Decimal(20))
    line = StatementLine.objects.get(booking_date=DAY)
    assert (line.origin, line.currency, line.transaction_id, line.amount) == ("hand", "EUR", "", Decimal("-12.50"))
    assert list(journal.statements.order_by("first_day").values_list("opening", "closing")) == [
        (Decimal("100.00"), Decimal("87.50")),
        (Decimal("87.50"), Decimal("87.50")),
        (Decimal("87.50"), Decimal("107.50")),
    ]


@pytest.mark.parametrize("period", Journal.Period.values)
def test_it_finds_its_statement_whatever_the_period(period: str) -> None:
    journal = make_journal(period=period)
    days = [DAY, dt.date(2025, 12, 30), dt.date(2026, 2, 14), DAY]
    for day in days:
        manual.add(journal, booking_date=day, amount=Decimal(1))
    for line in journal.lines.select_related("statement"):
        assert line.statement.covers(line.booking_date)
    assert journal.statements.order_by("-first_day")[0].closing == Decimal(4)


def test_a_line_entered_by_hand_is_taken_out_without_a_memory_that_would_keep_the_banks_out() -> None:
    journal = make_journal(account=make_account())
    line = manual.add(journal, booking_date=dt.date(2026, 1, 1), amount=Decimal(10))
    manual.remove(line, person=make_user())
    assert not RemovedLine.objects.exists()
    assert fetch(journal).new == 1


def test_a_line_of_the_bank_is_remembered_and_can_be_put_back_as_it_was() -> None:
    journal = make_journal(account=make_account())
    fetch(journal)
    line = journal.lines.get()
    before = dict(StatementLine.objects.values().get())
    person = make_user()
    manual.remove(line, person=person)
    memory = RemovedLine.objects.get()
    assert (memory.reason, memory.removed_by) == ("hand", person)
    assert fetch(journal).new == 0
    manual.put_back(memory)
    # All but when it came: whoever confirmed a statement meanwhile is told of a line that was put back.
    after = dict(StatementLine.objects.values().get())
    assert after.pop("created_at") is not None
    assert before.pop("created_at") is None
    assert {**after, "id": before["id"]} == before
    assert not RemovedLine.objects.exists()


def test_nothing_is_entered_or_taken_out_in_the_locked_period() -> None:
    journal = make_journal()
    line = manual.add(journal, booking_date=DAY, amount=Decimal(1))
    journal.company.lock_date = DAY
    journal.company.save()
    for attempt in (
        lambda: manual.add(journal, booking_date=DAY, amount=Decimal(1)),
        lambda: manual.remove(line, person=make_user()),
        lambda: manual.set_opening(journal, day=DAY, balance=Decimal(5)),
    ):
        with pytest.raises(Refused, match="locked"):
            attempt()
    assert journal.lines.count() == 1


def test_the_opening_balance_can_be_said_and_everything_follows() -> None:
    journal = make_journal()
    manual.add(journal, booking_date=DAY, amount=Decimal(10))
    manual.set_opening(journal, day=dt.date(2026, 2, 1), balance=Decimal(110))
    statement = journal.statements.get()
    assert (statement.opening, statement.closing, statement.version) == (Decimal(100), Decimal(110), 2)


def test_the_pages_add_take_out_and_put_back() -> None:
    journal = make_journal(account=make_account())
    client = signed_in(journal.company)
    add = reverse("add_line", args=[journal.pk])
    assert client.get(add).status_code == 200
    assert client.post(add, {"booking_date": "2026-01-10", "amount": "-3.20"}).status_code == 302
    assert client.post(reverse("remove_line", args=[journal.lines.get().pk])).status_code == 302
    fetch(journal)
    line = journal.lines.get()
    assert reverse("remove_line", args=[line.pk]) in client.get(reverse("line", args=[line.pk])).content.decode()
    assert client.post(reverse("remove_line", args=[line.pk])).status_code == 302
    memory = RemovedLine.objects.get()
    removed = reverse("removed_list", args=[journal.pk])
    assert reverse("put_back", args=[memory.pk]) in client.get(removed).content.decode()
    assert client.post(reverse("put_back", args=[memory.pk])).status_code == 302
    assert journal.lines.count() == 1
    opening = reverse("opening", args=[journal.pk])
    assert client.post(opening, {"day": "2026-01-01", "balance": "50"}).status_code == 302
    journal.refresh_from_db()
    assert journal.opening_balance == Decimal(50)


@pytest.mark.parametrize(
    "bad",
    [
        {},
        {"booking_date": "soon", "amount": "1"},
        {"booking_date": "2026-01-10", "amount": "a lot"},
        {"booking_date": "2026-01-10", "amount": "0"},
        {"booking_date": "2026-01-10", "amount": "1.00001"},
        {"booking_date": "2026-01-10", "amount": "NaN"},
        {"booking_date": "2025-12-31", "amount": "1"},
    ],
)
def test_bad_input_is_a_sentence_and_books_nothing(bad: dict[str, str]) -> None:
    journal = make_journal(make_company(lock_date=dt.date(2025, 12, 31)))
    response = signed_in(journal.company).post(reverse("add_line", args=[journal.pk]), bad)
    assert response.status_code == 422
    assert response.context["form"].errors
    assert not StatementLine.objects.exists()


def test_a_line_in_the_future_is_refused() -> None:
    journal = make_journal()
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    fields = {"booking_date": tomorrow.isoformat(), "amount": "1"}
    assert signed_in(journal.company).post(reverse("add_line", args=[journal.pk]), fields).status_code == 422


def test_another_companys_journal_and_lines_do_not_exist() -> None:
    journal = make_journal(account=make_account())
    fetch(journal)
    line = journal.lines.get()
    manual.remove(line, person=make_user())
    memory = RemovedLine.objects.get()
    manual.put_back(RemovedLine.objects.get())
    stranger = signed_in(make_company())
    for name in ("add_line", "opening", "removed_list"):
        assert stranger.get(reverse(name, args=[journal.pk])).status_code == 404
    assert stranger.post(reverse("remove_line", args=[journal.lines.get().pk])).status_code == 404
    assert stranger.post(reverse("put_back", args=[memory.pk])).status_code == 404
