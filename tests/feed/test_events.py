"""From the bank to the books without a person and without waiting: told by the provider, proven, polled, fetched."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import requests
from django.utils import timezone

from banksync.celery import app
from connections import wording
from connections.models import ChatterEntry, Connection
from connections.services import events, schedule
from scripts import waiting
from statements.models import StatementLine, SyncRun
from statements.services.sync import sync_connection
from statements.tasks import fetch_due
from tests.feed.pretend import FarSide, connected

pytestmark = pytest.mark.django_db


@pytest.fixture
def worker() -> Iterator[None]:
    """Tasks are done at once, in this process."""
    app.conf.update(task_always_eager=True, task_eager_propagates=True)
    yield
    app.conf.update(task_always_eager=False, task_eager_propagates=False)


def fetched(far: FarSide, bank: str) -> Connection:
    """A connection that is up to date and not due for half a day."""
    connection = connected(far, bank)
    sync_connection(connection.pk, SyncRun.Trigger.LINK)
    connection.refresh_from_db()
    assert connection.next_fetch_at is not None
    assert connection.next_fetch_at > timezone.now()
    return connection


def heard(connection: Connection, code: str) -> None:
    """Polls until the connection's chatter has an entry with this code."""

    def has_entry() -> bool:
        events.poll(connection.company.registration)
        return ChatterEntry.objects.filter(connection=connection, code=code).exists()

    waiting.until(has_entry, 20, what=f"the event behind {code}")
    connection.refresh_from_db()


def said(connection: Connection) -> list[str]:
    return [wording.sentence(entry) for entry in ChatterEntry.objects.filter(connection=connection).order_by("id")]


def is_woken(connection: Connection) -> bool:
    events.poll(connection.company.registration)
    return Connection.objects.filter(pk=connection.pk, woken_at__isnull=False).exists()


def test_news_at_the_bank_is_booked_without_waiting_for_the_interval(far: FarSide, worker: None) -> None:
    connection = fetched(far, "Busy Street Bank")
    before = StatementLine.objects.count()
    assert fetch_due() == 0
    far.move_clock(days=3)
    waiting.until(lambda: is_woken(connection), 20, what="the news of three days")
    assert fetch_due() == 1
    run = SyncRun.objects.latest("id")
    assert (run.trigger, run.reason) == ("event", "new_lines")
    assert StatementLine.objects.count() == before + run.new > before
    assert fetch_due() == 0


def test_one_message_sent_twice_is_told_once(far: FarSide) -> None:
    connection = fetched(far, "Quiet Bank")
    far.tell("quiet_bank", "NEW_ACCOUNTS_AVAILABLE", variant="twice")
    far.tell("quiet_bank", "PENDING_EXPIRATION")
    heard(connection, "consent_expiring")
    heard(connection, "accounts_changed")
    assert ChatterEntry.objects.filter(connection=connection, code="accounts_changed").count() == 1


@pytest.mark.parametrize("variant", ["unsigned", "wrong_alg", "wrong_key", "stale", "reformatted"])
def test_a_message_that_proves_nothing_changes_nothing(far: FarSide, variant: str) -> None:
    connection = fetched(far, "Quiet Bank")
    far.tell("quiet_bank", "USER_PERMISSION_REVOKED", variant=variant)
    far.tell("quiet_bank", "NEW_ACCOUNTS_AVAILABLE")
    heard(connection, "accounts_changed")
    assert connection.status == "connected"


def test_a_message_from_anyone_is_refused(far: FarSide) -> None:
    answer = requests.post(f"{far.proxy_url}/webhooks/plaid", json={"webhook_type": "ITEM"}, timeout=10)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "webhook_refused")


def test_a_permission_is_told_to_end_and_then_ends(far: FarSide) -> None:
    connection = fetched(far, "Short Consent Bank")
    heard(connection, "consent_expiring")
    assert connection.consent_expires_at is not None
    far.move_clock(days=6)
    heard(connection, "error")
    assert (connection.status, connection.error_action) == ("action_required", "update_credentials")
    assert said(connection)[-1] == "Action required: the bank asks for a new sign-in."


def test_a_permission_that_was_withdrawn_at_the_bank_ends_the_connection(far: FarSide) -> None:
    connection = fetched(far, "Quiet Bank")
    far.tell("quiet_bank", "USER_PERMISSION_REVOKED")

    def is_revoked() -> bool:
        events.poll(connection.company.registration)
        return Connection.objects.get(pk=connection.pk).status == "revoked"

    waiting.until(is_revoked, 20, what="the withdrawal")
    assert said(connection)[-1] == "Revoked: the permission was withdrawn."
    assert schedule.claim_due(timezone.now() + dt.timedelta(days=2)) == []


def test_a_bank_that_wants_its_customer_there_is_never_fetched_by_the_clock(far: FarSide) -> None:
    connection = connected(far, "By Hand Only Bank")
    assert not connection.is_automatic
    assert "Automatic synchronization is off: the bank can be read only while somebody is there." in said(connection)
    assert schedule.claim_due(timezone.now() + dt.timedelta(days=2)) == []
