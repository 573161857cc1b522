"""What a fetch would bring is said before it is done, by the very code that does it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from connections.models import Account, LinkAttempt
from connections.services import attempts
from statements.models import Journal, ReviewItem, Statement, StatementLine, SyncRun
from statements.refusal import Refused
from statements.services import history, linking, preview
from statements.services.linking import Choice
from tests.factories import make_company, make_journal, make_user
from tests.feed.pretend import FarSide, connected, visited
from tests.feed.test_fetching import assert_books_are_true, fetch, watched_wire  # noqa: F401
from tests.sessions import browser_of, signed_in

pytestmark = pytest.mark.django_db


def approved(far: FarSide, bank: str = "Demo Business Bank", **company: object) -> tuple[LinkAttempt, Account]:
    """An approved visit whose accounts are not linked yet, and its busiest account."""
    made = make_company(**company)
    attempt = visited(made, make_user(company=made), far.bank(bank))
    assert attempt.connection is not None
    attempts.fetch_accounts(attempt.connection)
    return attempt, attempt.connection.accounts.select_related("connection__company").order_by("pk")[0]


def stored() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Journal, StatementLine, Statement, ReviewItem, SyncRun))


def test_c13_the_first_fetch_is_seen_before_it_is_made_and_does_what_was_said(far: FarSide) -> None:
    attempt, account = approved(far)
    before = stored()
    choice = Choice(account=account, is_new=True, first_day=timezone.localdate() - dt.timedelta(days=200))
    said = preview.link(account, choice)
    assert stored() == before
    assert said.new > 0
    (journal,) = linking.link(attempt, [choice])
    fetch(account.connection)
    assert journal.lines.count() == said.new
    assert journal.statements.count() == said.statements
    earliest, latest = journal.lines.earliest("booking_date"), journal.lines.latest("booking_date")
    assert (earliest.booking_date, latest.booking_date) == (said.first_day, said.last_day)
    first = journal.statements.earliest("first_day")
    assert (first.opening, journal.currency) == (said.opening, said.currency)


def test_relinking_an_old_journal_says_what_is_known_and_goes_on_where_the_books_end(far: FarSide) -> None:
    attempt, account = approved(far)
    (journal,) = linking.link(attempt, [Choice(account=account, is_new=True)])
    fetch(account.connection)
    lines = journal.lines.count()
    Journal.objects.update(account=None, first_day=None)
    account.position = ""
    account.save()
    said = preview.link(account, Choice(account=account, journal=journal))
    assert (said.new, said.locked, said.suspected) == (0, 0, 0)
    assert said.known + said.skipped <= lines
    assert Journal.objects.get().account is None


def test_c14_what_falls_into_a_closed_period_is_counted_and_waits(far: FarSide) -> None:
    connection = connected(far, "Demo Business Bank")
    fetch(connection)
    journal = max(Journal.objects.filter(account__connection=connection), key=lambda one: one.lines.count())
    company = journal.company
    company.lock_date = timezone.localdate() - dt.timedelta(days=60)
    company.save()
    locked = journal.lines.filter(booking_date__lte=company.lock_date)
    last = list(locked.order_by("-booking_date").values_list("pk", flat=True)[:4])
    days = StatementLine.objects.filter(pk__in=last).values_list("booking_date", flat=True)
    first_day = min(days)
    StatementLine.objects.filter(pk__in=last).delete()
    before = journal.lines.count()
    said = preview.fetch_from(Journal.objects.get(pk=journal.pk), first_day)
    assert (said.new, said.locked) == (0, 4)
    history.read_from(journal, first_day)
    run = fetch(connection)
    assert run.held == 4
    assert journal.lines.count() == before
    assert set(ReviewItem.objects.open().values_list("kind", flat=True)) == {"locked"}


def test_an_earlier_day_brings_what_was_left_out_and_nothing_twice(far: FarSide) -> None:
    first_day = timezone.localdate() - dt.timedelta(days=40)
    connection = connected(far, "Demo Business Bank", first_day=first_day)
    fetch(connection)
    journal = max(Journal.objects.filter(account__connection=connection), key=lambda one: one.lines.count())
    before = journal.lines.count()
    earlier = first_day - dt.timedelta(days=60)
    said = preview.fetch_from(journal, earlier)
    assert (said.known, journal.lines.count()) == (before, before)
    assert said.new > 0
    history.read_from(journal, earlier)
    fetch(connection)
    assert journal.lines.count() == before + said.new
    assert journal.statements.earliest("first_day").opening == said.opening
    assert_books_are_true(far, connection)


def test_the_link_page_shows_the_advice_and_the_preview_and_links_nothing_yet(far: FarSide) -> None:
    attempt, account = approved(far)
    client = browser_of(attempt.person)
    page = reverse("link_accounts", args=[attempt.pk])
    assert "The opening balance follows from the bank" in client.get(page).content.decode()
    sent = {"preview": str(account.pk)}
    for one in account.connection.accounts.all():
        sent[f"account-{one.pk}-journal"] = "new"
        sent[f"account-{one.pk}-first_day"] = (timezone.localdate() - dt.timedelta(days=30)).isoformat()
    response = client.post(page, sent)
    assert response.status_code == 200
    said = next(form.preview for form in response.context["forms"] if form.account == account)
    assert f"{said.new} new transactions" in response.content.decode()
    assert not Journal.objects.exists()
    assert client.post(page, {**sent, "preview": "0"}).status_code == 404
    assert client.post(page, {**sent, f"account-{account.pk}-first_day": "soon"}).status_code == 422
    assert client.post(page, {**sent, f"account-{account.pk}-journal": "none"}).status_code == 422


def test_a_bank_that_does_not_answer_is_a_sentence_with_a_reference(far: FarSide) -> None:
    attempt, account = approved(far)
    far.arm("plaid_error", error_type="INSTITUTION_ERROR", error_code="INSTITUTION_DOWN", times=9)
    sent = {"preview": str(account.pk)}
    for one in account.connection.accounts.all():
        sent[f"account-{one.pk}-journal"] = "new"
    response = browser_of(attempt.person).post(reverse("link_accounts", args=[attempt.pk]), sent)
    failure = next(form.failure for form in response.context["forms"] if form.account == account)
    assert failure.reference in response.content.decode()


def test_the_page_of_an_earlier_day_previews_and_fetches(far: FarSide) -> None:
    connection = connected(far, "Quiet Bank", first_day=timezone.localdate() - dt.timedelta(days=20))
    fetch(connection)
    journal = Journal.objects.filter(account__connection=connection)[0]
    client = signed_in(journal.company)
    page = reverse("read_from", args=[journal.pk])
    day = (timezone.localdate() - dt.timedelta(days=100)).isoformat()
    assert client.get(page).status_code == 200
    assert client.post(page, {"first_day": day, "preview": "yes"}).context["preview"] is not None
    assert client.post(page, {"first_day": "soon"}).status_code == 422
    answer = client.post(page, {"first_day": day, "fetch": "yes"})
    assert answer.status_code == 302
    journal.refresh_from_db()
    assert journal.first_day == dt.date.fromisoformat(day)
    assert Account.objects.get(journal=journal).position == ""
    assert signed_in(make_company()).get(page).status_code == 404


def test_without_a_connection_it_says_so() -> None:
    journal = make_journal()
    with pytest.raises(Refused):
        preview.fetch_from(journal, dt.date(2026, 1, 1))
    with pytest.raises(Refused):
        history.read_from(journal, dt.date(2026, 1, 1))
    answer = signed_in(journal.company).post(reverse("read_from", args=[journal.pk]), {"first_day": "2026-01-01"})
    assert (answer.status_code, answer.context["problem"][-1]) == (422, ".")


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_the_bank_is_asked(far: FarSide, watched_wire: list[str]) -> None:  # noqa: F811
    _attempt, account = approved(far, "Quiet Bank")
    preview.link(account, Choice(account=account, is_new=True))
    assert (watched_wire, Journal.objects.count()) == ([], 0)
