"""Find Missing Transactions through the real proxy: what the bank has and the books do not."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from connections.models import ChatterEntry, Connection
from providers.errors import FeedError
from statements.models import Journal, MissingSearch, RemovedLine, ReviewItem, StatementLine, SyncRun
from statements.refusal import Refused
from statements.services import lines, missing, searching
from statements.tasks import forget_searches
from tests.factories import make_company, make_line, make_user
from tests.feed.pretend import FarSide, connected
from tests.feed.test_fetching import assert_books_are_true, fetch, watched_wire  # noqa: F401
from tests.sessions import browser_of, signed_in

pytestmark = pytest.mark.django_db


def fetched(far: FarSide, bank: str = "Demo Business Bank") -> tuple[Connection, Journal]:
    """A connection that has been fetched, and its journal with the most lines."""
    connection = connected(far, bank)
    fetch(connection)
    journals = Journal.objects.filter(account__connection=connection)
    return connection, max(journals, key=lambda journal: journal.lines.count())


def find(journal: Journal, *, since: dt.date) -> missing.Missing:
    """What a search finds, without a worker."""
    return missing.look(journal, missing.ask(journal, since=since))


def searched(journal: Journal, client: Client) -> Any:
    """The page after a person asked for a month and a worker did it."""
    asked = client.post(reverse("missing", args=[journal.pk]), {"since": month_ago().isoformat()})
    assert asked.status_code == 302
    searching.run(MissingSearch.objects.get(journal=journal).pk)
    return client.get(asked["Location"])


def month_ago() -> dt.date:
    return timezone.localdate() - dt.timedelta(days=30)


def lose(journal: Journal, count: int) -> list[StatementLine]:
    """Lines of the last month that vanish from the books as if they had never been read."""
    lost = list(journal.lines.filter(booking_date__gte=month_ago()).select_related("statement")[:count])
    assert len(lost) == count
    StatementLine.objects.filter(pk__in=[line.pk for line in lost]).delete()
    lines.rebalance(journal, [line.statement for line in lost])
    return lost


def test_nothing_is_missing_after_a_fetch(far: FarSide) -> None:
    _connection, journal = fetched(far)
    found = find(journal, since=month_ago())
    assert found.candidates == []


def test_what_is_missing_is_found_and_the_chosen_ones_are_imported(far: FarSide) -> None:
    connection, journal = fetched(far)
    lost = {line.transaction_id for line in lose(journal, 3)}
    before = journal.lines.count()
    found = find(journal, since=month_ago())
    assert {one.line.transaction_id for one in found.candidates} == lost
    assert journal.lines.count() == before
    first, *others = found.candidates
    result = missing.take(journal, {first.key}, since=month_ago(), person=make_user())
    assert result.new == 1
    assert journal.lines.filter(transaction_id=first.line.transaction_id).exists()
    run = SyncRun.objects.order_by("-pk")[0]
    assert (run.reason, run.new, run.state) == ("new_lines", 1, "done")
    missing.take(journal, {one.key for one in others}, since=month_ago(), person=make_user())
    assert_books_are_true(far, connection)
    with pytest.raises(Refused):
        missing.take(journal, {first.key}, since=month_ago(), person=make_user())


def test_pending_ones_are_shown_and_cannot_be_chosen(far: FarSide) -> None:
    connection, _journal = fetched(far, "Pending Tips Bank")
    journals = Journal.objects.filter(account__connection=connection)
    pending = [one for journal in journals for one in find(journal, since=month_ago()).pending]
    assert pending
    before = StatementLine.objects.count()
    for journal in journals:
        with pytest.raises(Refused):
            missing.take(journal, {one.id for one in pending}, since=month_ago(), person=make_user())
    assert StatementLine.objects.count() == before


def test_a_line_entered_by_hand_with_the_same_amount_is_pointed_at(far: FarSide) -> None:
    _connection, journal = fetched(far)
    (lost,) = lose(journal, 1)
    day = lost.booking_date + dt.timedelta(days=2)
    by_hand = make_line(journal, str(lost.amount), day=day, origin="hand", transaction_id="")
    (candidate,) = find(journal, since=month_ago()).candidates
    assert (list(candidate.similar), candidate.waits) == ([by_hand], "")


def test_what_lies_in_the_locked_period_goes_to_review(far: FarSide) -> None:
    _connection, journal = fetched(far)
    lost = lose(journal, 2)
    journal.company.lock_date = timezone.localdate()
    journal.company.save()
    found = find(journal, since=month_ago())
    assert {one.waits for one in found.candidates} == {"locked"}
    result = missing.take(journal, {one.key for one in found.candidates}, since=month_ago(), person=make_user())
    assert (result.new, result.held) == (0, 2)
    assert set(ReviewItem.objects.values_list("transaction_id", flat=True)) == {one.transaction_id for one in lost}


def test_what_a_person_took_out_is_said_and_comes_back_only_by_choice(far: FarSide) -> None:
    connection, journal = fetched(far)
    line = journal.lines.filter(booking_date__gte=month_ago())[0]
    held = lines.hold(journal.pk)
    lines.take_out(held, journal.lines.filter(pk=line.pk), reason=RemovedLine.Reason.HAND, person=None)
    (candidate,) = find(journal, since=month_ago()).candidates
    assert candidate.was_removed
    assert missing.take(journal, {candidate.key}, since=month_ago(), person=make_user()).new == 1
    assert not RemovedLine.objects.exists()
    assert_books_are_true(far, connection)


def test_it_needs_a_live_connection_and_says_so(far: FarSide) -> None:
    connection, journal = fetched(far, "Quiet Bank")
    Connection.objects.filter(pk=connection.pk).update(status="disconnected")
    with pytest.raises(Refused, match="live connection"):
        find(Journal.objects.get(pk=journal.pk), since=month_ago())
    client = signed_in(journal.company)
    page = client.get(reverse("missing", args=[journal.pk]))
    assert "needs a live connection" in page.content.decode()
    assert client.post(reverse("missing", args=[journal.pk])).status_code == 422


def test_a_bank_that_does_not_answer_is_a_sentence_with_a_reference(far: FarSide, settings: Settings) -> None:
    _connection, journal = fetched(far, "Quiet Bank")
    far.arm("plaid_error", error_type="INSTITUTION_ERROR", error_code="INSTITUTION_DOWN", times=9)
    with pytest.raises(FeedError):
        find(journal, since=month_ago())
    client = signed_in(journal.company)
    page = searched(journal, client)
    search = MissingSearch.objects.get(journal=journal)
    assert (search.state, bool(search.error_reference)) == ("failed", True)
    assert search.error_reference in page.content.decode()
    told = ChatterEntry.objects.filter(connection=_connection, reference=search.error_reference)
    assert told.count() == 1


def test_the_page_asks_and_imports(far: FarSide) -> None:
    _connection, journal = fetched(far)
    lost = lose(journal, 2)
    client = browser_of(make_user(company=journal.company))
    page = searched(journal, client)
    keys = [one.key for one in page.context["found"].candidates]
    assert all(f'value="{key}"' in page.content.decode() for key in keys)
    assert len(keys) == 2
    take = reverse("take_missing", args=[journal.pk])
    answer = client.post(take, {"since": month_ago().isoformat(), "key": keys})
    assert answer.status_code == 302
    assert journal.lines.filter(transaction_id__in=[line.transaction_id for line in lost]).count() == 2
    # What was found is no news any more.
    assert client.get(reverse("missing", args=[journal.pk])).context["search"] is None
    assert client.post(take, {"since": month_ago().isoformat()}).status_code == 422
    assert client.post(take, {"since": "soon", "key": keys}).status_code == 422


def test_a_search_is_left_and_found_again_and_two_presses_are_one(far: FarSide) -> None:
    _connection, journal = fetched(far)
    lost = lose(journal, 2)
    client, colleague = signed_in(journal.company), signed_in(journal.company)
    address = reverse("missing", args=[journal.pk])
    for _press in range(2):
        assert client.post(address, {"since": month_ago().isoformat()}).status_code == 302
    search = MissingSearch.objects.get(journal=journal)
    assert "Asking the bank" in colleague.get(address).content.decode()
    searching.run(search.pk)
    found = colleague.get(address)
    assert "2 transactions since" in found.content.decode()
    assert len(found.context["found"].candidates) == len(lost)
    # It is held against the books as they are when somebody looks.
    missing.take(journal, {one.key for one in found.context["found"].candidates}, since=month_ago(), person=make_user())
    assert "Nothing is missing" in client.get(address, headers={"HX-Request": "true"}).content.decode()
    MissingSearch.objects.update(started_at=timezone.now() - searching.KEPT)
    assert client.get(address).context["search"] is None
    assert (forget_searches(), MissingSearch.objects.count()) == (1, 0)


def test_a_search_whose_worker_is_gone_says_so_and_is_asked_for_again(far: FarSide) -> None:
    _connection, journal = fetched(far, "Quiet Bank")
    client, address = signed_in(journal.company), reverse("missing", args=[journal.pk])
    client.post(address)
    gone = MissingSearch.objects.get(journal=journal)
    MissingSearch.objects.update(
        state="running", heard_at=timezone.now() - searching.PATIENCE - dt.timedelta(seconds=1)
    )
    assert "was interrupted" in client.get(address).content.decode()
    searching.run(gone.pk)
    assert MissingSearch.objects.get(journal=journal).state == "running"
    client.post(address)
    again = MissingSearch.objects.get(journal=journal)
    assert (again.pk != gone.pk, again.state) == (True, "queued")
    # What the lost one may still say is not taken for the new one's.
    searching.run(gone.pk)
    assert MissingSearch.objects.get(journal=journal).state == "queued"


def test_a_search_says_how_far_it_is(far: FarSide) -> None:
    _connection, journal = fetched(far)
    told: list[int] = []
    missing.ask(journal, since=dt.date(2000, 1, 1), told=told.append)
    assert told == sorted(told)
    assert told[-1] >= journal.lines.count()


def test_another_companys_journal_does_not_exist(far: FarSide) -> None:
    _connection, journal = fetched(far, "Quiet Bank")
    stranger = signed_in(make_company())
    for name in ("missing", "take_missing"):
        assert stranger.post(reverse(name, args=[journal.pk])).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_the_bank_is_asked(far: FarSide, watched_wire: list[str]) -> None:  # noqa: F811
    _connection, journal = fetched(far, "Quiet Bank")
    found = find(journal, since=dt.date(2020, 1, 1))
    with pytest.raises(Refused):
        missing.take(journal, {"none"}, since=dt.date(2020, 1, 1), person=make_user())
    assert (list(found.candidates), watched_wire) == ([], [])
