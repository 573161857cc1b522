"""Fetching through the real proxy from the real pretend banks: the books hold exactly what the bank has booked."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
import requests
from django.db import connection as database
from django.utils import timezone
from pytest_django.fixtures import Settings

from connections.models import ChatterEntry, Connection
from statements import queries
from statements.models import AccountRun, Journal, ReviewItem, StatementLine, SyncRun
from statements.services import runs
from statements.services.sync import Outcome, sync_connection
from tests.factories import make_user
from tests.feed.pretend import PERSON, FarSide, amounts, connected, truth

pytestmark = pytest.mark.django_db


def fetch(connection: Connection) -> SyncRun:
    """One whole fetch: comes back for as long as the provider is still reading, without waiting for the time."""
    outcome: Outcome = sync_connection(connection.pk, SyncRun.Trigger.CLOCK)
    assert outcome.run is not None
    return SyncRun.objects.get(pk=outcome.run.pk)


def assert_books_are_true(far: FarSide, connection: Connection) -> None:
    """Every journal holds what the bank has booked, each once, and its balance is the bank's."""
    for journal in queries.with_balance(Journal.objects.filter(account__connection=connection)):
        assert journal.account is not None
        told = truth(far, journal.account, institution=connection.institution.identifier.removeprefix("plaid:"))
        lines = sorted((line.booking_date.isoformat(), line.amount) for line in journal.lines.all())
        first_day = dt.date.fromisoformat(lines[0][0]) if lines else dt.date.max
        assert lines == amounts(told, first_day=first_day)
        assert queries.proof_of(journal).verdict == "agrees"
        previous = None
        for statement in journal.statements.order_by("first_day"):
            assert previous in (None, statement.opening)
            previous = statement.closing


def test_c36_c38_two_years_arrive_once_each_in_monthly_statements_that_agree_with_the_bank(far: FarSide) -> None:
    connection = connected(far, "Demo Business Bank")
    run = fetch(connection)
    assert (run.state, run.reason) == ("done", "new_lines")
    assert run.new == run.seen == StatementLine.objects.count() > 500
    assert_books_are_true(far, connection)
    months = Journal.objects.get(account__name="Operating account").statements.count()
    assert months in (24, 25)
    entry = ChatterEntry.objects.filter(connection=connection, code="run").get()
    assert entry.facts["new"] == run.new


def test_c19_a_second_fetch_stores_nothing_twice_and_says_that_there_is_nothing_new(far: FarSide) -> None:
    connection = connected(far, "Demo Business Bank")
    first = fetch(connection)
    again = fetch(connection)
    assert (again.state, again.reason, again.new) == ("done", "nothing_new", 0)
    assert StatementLine.objects.count() == first.new


def test_reading_everything_again_from_the_start_stores_nothing_twice(far: FarSide) -> None:
    connection = connected(far, "Equal Payments Bank")
    first = fetch(connection)
    connection.accounts.update(position="")
    again = fetch(connection)
    assert (again.new, again.known, again.changed) == (0, first.new, 0)
    assert_books_are_true(far, connection)


def test_tomorrow_brings_only_what_is_new(far: FarSide) -> None:
    connection = connected(far, "Busy Street Bank")
    first = fetch(connection)
    far.move_clock(days=3)
    later = fetch(connection)
    assert 0 < later.new < 200
    assert later.known <= 50
    assert StatementLine.objects.count() == first.new + later.new
    assert_books_are_true(far, connection)


@pytest.mark.parametrize(
    "name", ["Late Payments Bank", "Pending Tips Bank", "Many Currencies Bank", "Credit Card Bank"]
)
def test_the_books_stay_true_day_after_day(far: FarSide, name: str) -> None:
    connection = connected(far, name)
    fetch(connection)
    for _ in range(4):
        far.move_clock(days=4)
        assert fetch(connection).state == "done"
    assert_books_are_true(far, connection)
    assert not ReviewItem.objects.exists()


def test_c10_what_the_bank_corrects_or_takes_back_goes_to_review_and_changes_no_line(far: FarSide) -> None:
    connection = connected(far, "Corrections Bank")
    fetch(connection)
    before = dict(StatementLine.objects.values_list("transaction_id", "amount"))
    far.move_clock(days=12)
    run = fetch(connection)
    after = dict(StatementLine.objects.values_list("transaction_id", "amount"))
    assert {key: after[key] for key in before} == before
    assert run.changed == ReviewItem.objects.count() > 0


def test_c33_a_bank_that_is_slow_to_start_is_waited_for_in_the_same_run(far: FarSide) -> None:
    connection = connected(far, "Slow Start Bank")
    outcome = sync_connection(connection.pk, SyncRun.Trigger.LINK)
    assert outcome.run is not None
    assert outcome.retry_at is not None
    waiting = SyncRun.objects.get(pk=outcome.run.pk)
    assert (waiting.state, waiting.retry_at) == ("waiting", outcome.retry_at)
    assert not StatementLine.objects.exists()
    far.move_clock(days=1)
    run = fetch(connection)
    assert (run.pk, run.state) == (waiting.pk, "done")
    assert_books_are_true(far, connection)


def test_pages_that_change_while_they_are_read_are_read_again_from_the_start(far: FarSide) -> None:
    connection = connected(far, "Busy Street Bank")
    far.arm("mutation", after=3)
    run = fetch(connection)
    assert run.state == "done"
    assert_books_are_true(far, connection)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        pytest.param({"kind": "html", "times": 9}, "provider_down", id="an HTML page"),
        pytest.param({"kind": "broken_json", "times": 9}, "invalid_response", id="broken JSON"),
        pytest.param({"kind": "unreadable_amount", "times": 9}, "invalid_response", id="an unreadable amount"),
        pytest.param({"kind": "unknown_currency", "times": 9}, "invalid_response", id="an unknown currency"),
        pytest.param({"kind": "rate_limit", "times": 9}, "rate_limited", id="too many calls"),
        pytest.param(
            {
                "kind": "plaid_error",
                "error_type": "NEW_ERROR",
                "error_code": "NEVER_SEEN",
                "error_message": "Something new.",
                "times": 9,
            },
            "unknown_provider_error",
            id="an error nobody knows",
        ),
    ],
)
def test_c12_c22_a_failed_fetch_says_why_with_a_reference_loses_nothing_and_heals(
    far: FarSide, fault: dict[str, Any], code: str
) -> None:
    connection = connected(far, "Equal Payments Bank")
    fetch(connection)
    far.move_clock(days=5)
    positions = set(connection.accounts.values_list("position", flat=True))
    stored = StatementLine.objects.count()
    far.arm(**fault, after=1)
    run = fetch(connection)
    assert (run.state, run.reason, run.error_code) == ("failed", code, code)
    assert run.error_message.endswith((".", "”"))
    assert run.error_reference
    assert set(connection.accounts.values_list("position", flat=True)) <= positions | set(
        AccountRun.objects.filter(run=run, error_code="").values_list("account__position", flat=True)
    )
    assert StatementLine.objects.count() >= stored
    connection.refresh_from_db()
    assert (connection.status, connection.error_code, connection.failures) == ("connected", code, 1)
    entry = ChatterEntry.objects.filter(connection=connection, code="error").get()
    assert entry.reference == run.error_reference
    far.disarm()
    assert fetch(connection).state == "done"
    connection.refresh_from_db()
    assert (connection.error_code, connection.failures) == ("", 0)
    assert_books_are_true(far, connection)


def test_c24_one_account_that_fails_does_not_stop_the_others(far: FarSide) -> None:
    connection = connected(far, "Demo Business Bank")
    broken = connection.accounts.get(name="Operating account")
    far.arm("broken_json", account_id=broken.identifier, times=20)
    run = fetch(connection)
    assert (run.state, run.reason) == ("failed", "invalid_response")
    results = dict(AccountRun.objects.filter(run=run).values_list("account__name", "reason"))
    assert results.pop("Operating account") == "invalid_response"
    assert set(results.values()) == {"new_lines"}
    assert run.new == StatementLine.objects.count() > 0
    far.disarm()
    fetch(connection)
    assert_books_are_true(far, connection)


def test_a_bank_that_wants_a_new_sign_in_waits_for_a_person(far: FarSide) -> None:
    connection = connected(far, "Password Changed Bank")
    fetch(connection)
    far.move_clock(days=1)
    run = fetch(connection)
    connection.refresh_from_db()
    assert (run.error_code, run.error_action) == ("consent_expired", "update_credentials")
    assert connection.status == Connection.Status.ACTION_REQUIRED
    state = ChatterEntry.objects.filter(connection=connection, code="state").first()
    assert state is not None
    assert (state.facts["state"], state.reference) == ("action_required", run.error_reference)


def test_c21_a_provider_that_is_down_is_a_sentence_and_heals(far: FarSide) -> None:
    connection = connected(far, "Quiet Bank")
    far.stack.kill("sandbox")
    try:
        run = fetch(connection)
    finally:
        far.stack.restart("sandbox")
    assert (run.error_code, run.error_action) == ("unreachable", "retry")
    assert run.error_reference
    assert fetch(connection).state == "done"
    assert_books_are_true(far, connection)


def test_a_proxy_that_is_down_is_a_sentence_with_the_address_to_allow(far: FarSide, settings: Settings) -> None:
    connection = connected(far, "Quiet Bank")
    settings.PROXY_URL = "http://127.0.0.1:9"
    run = fetch(connection)
    assert run.error_code == "proxy_unreachable"
    assert "127.0.0.1:9" in run.error_message
    settings.PROXY_URL = far.proxy_url
    assert fetch(connection).state == "done"


def test_an_account_without_a_journal_is_not_read(far: FarSide) -> None:
    connection = connected(far, "Demo Business Bank")
    Journal.objects.exclude(account__name="Savings account").update(account=None)
    run = fetch(connection)
    assert list(AccountRun.objects.filter(run=run).values_list("account__name", flat=True)) == ["Savings account"]


def test_c19_a_connection_without_any_journal_says_so(far: FarSide) -> None:
    connection = connected(far, "Quiet Bank")
    Journal.objects.update(account=None)
    assert fetch(connection).reason == "no_account_linked"


def test_nothing_before_the_chosen_first_day_is_booked(far: FarSide) -> None:
    first_day = timezone.localdate() - dt.timedelta(days=45)
    connection = connected(far, "Demo Business Bank", first_day=first_day)
    fetch(connection)
    earliest = StatementLine.objects.earliest("booking_date").booking_date
    assert earliest >= first_day
    assert_books_are_true(far, connection)


def test_c28_a_persons_click_carries_who_sits_there_and_is_forgotten_after(
    far: FarSide, sent_refreshes: list[dict[str, Any]]
) -> None:
    connection = connected(far, "Quiet Bank")
    sent_refreshes.clear()
    runs.request(connection, SyncRun.Trigger.PERSON, person=make_user(), end_user=PERSON)
    run = fetch(connection)
    assert (run.trigger, run.state, run.user_ip, run.user_agent) == ("person", "done", None, "")
    assert sent_refreshes == [{"user": {"ip": PERSON.ip, "agent": PERSON.agent}}]
    fetch(connection)  # by the clock: nobody sits there
    assert sent_refreshes[1:] == [{"user": None}]


@pytest.fixture
def sent_refreshes(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the app asked the proxy to tell the provider at each refresh, as it left."""
    bodies: list[dict[str, Any]] = []
    send = requests.Session.send

    def watch(self: requests.Session, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        if request.path_url.endswith("/refresh"):
            bodies.append(json.loads(request.body or b"{}"))
        return send(self, request, **options)

    monkeypatch.setattr(requests.Session, "send", watch)
    return bodies


@pytest.fixture
def watched_wire(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every request that leaves, noted, and whether a database transaction was open then."""
    offences: list[str] = []
    send = requests.Session.send

    def watch(self: requests.Session, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        if database.in_atomic_block:
            offences.append(f"{request.method} {request.path_url}")
        return send(self, request, **options)

    monkeypatch.setattr(requests.Session, "send", watch)
    return offences


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_the_network_is_waited_for(far: FarSide, watched_wire: list[str]) -> None:
    connection = connected(far, "Quiet Bank")
    assert fetch(connection).state == "done"
    assert watched_wire == []
