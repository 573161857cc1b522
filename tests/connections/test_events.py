"""What the proxy tells of: each thing once, in its order, for the company's own connections."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from connections import wording
from connections.models import ChatterEntry, Connection, EventCursor, ProxyRegistration
from connections.services import events, lifecycle, schedule
from providers import client as client_module
from providers.errors import ConsentExpired, ProxyUnreachable
from tests.factories import make_connection, make_registration
from tests.providers.wire import HANG_UP, WireServer, serving

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def proxy(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[WireServer]:
    """The proxy at the other end of a socket."""
    monkeypatch.setattr(client_module, "READ_PAUSES", (0.0, 0.0))
    with serving() as wire:
        settings.PROXY_URL = wire.url
        yield wire


@pytest.fixture
def registration() -> ProxyRegistration:
    return make_registration()


@pytest.fixture
def connection(registration: ProxyRegistration) -> Connection:
    later = NOW + dt.timedelta(hours=12)
    return make_connection(registration.company, reference="ref", next_fetch_at=later)


def event(number: int, kind: str, *, connection: str = "ref", at: dt.datetime = NOW, **detail: str) -> dict[str, Any]:
    return {"id": number, "kind": kind, "connection": connection, "at": at.isoformat(), "detail": detail}


def page(*found: dict[str, Any], has_more: bool = False) -> bytes:
    after = found[-1]["id"] if found else 0
    return msgspec.json.encode({"events": found, "next_after": after, "has_more": has_more})


def polled(proxy: WireServer, registration: ProxyRegistration, *found: dict[str, Any]) -> int:
    proxy.say(page(*found))
    return events.poll(registration)


def said(connection: Connection) -> list[str]:
    return [wording.sentence(entry) for entry in ChatterEntry.objects.filter(connection=connection).order_by("id")]


def test_something_new_makes_the_connection_due_at_once(
    proxy: WireServer, registration: ProxyRegistration, connection: Connection
) -> None:
    assert polled(proxy, registration, event(7, "transactions_available")) == 1
    now = timezone.now()
    assert schedule.claim_due(now) == [connection.pk]
    assert schedule.take_woken([connection.pk]) == {connection.pk}
    assert schedule.take_woken([connection.pk]) == set()
    assert EventCursor.objects.get().after == 7


def test_the_cursor_is_where_the_next_look_begins(
    proxy: WireServer, registration: ProxyRegistration, connection: Connection
) -> None:
    first, second = event(7, "accounts_changed"), event(9, "accounts_changed")
    proxy.say(page(first, has_more=True), page(second), page())
    assert events.poll(registration) == 2
    assert events.poll(registration) == 0
    assert [seen.target.partition("after=")[2].partition("&")[0] for seen in proxy.seen] == ["0", "7", "9"]


def test_an_event_told_twice_is_taken_in_once(
    proxy: WireServer, registration: ProxyRegistration, connection: Connection
) -> None:
    assert polled(proxy, registration, event(7, "accounts_changed")) == 1
    assert polled(proxy, registration, event(7, "accounts_changed")) == 0
    assert said(connection) == ["The accounts at the bank have changed: fetch the accounts to see them."]


def test_what_comes_while_a_connection_is_read_is_fetched_right_after(connection: Connection) -> None:
    schedule.wake(connection, NOW)
    assert schedule.after_success(connection, NOW) == NOW
    schedule.take_woken([connection.pk])
    assert schedule.after_success(connection, NOW) > NOW + dt.timedelta(hours=11)


def test_a_connection_without_a_journal_is_not_woken(
    proxy: WireServer, registration: ProxyRegistration, connection: Connection
) -> None:
    Connection.objects.update(next_fetch_at=None)
    polled(proxy, registration, event(7, "transactions_available"))
    assert Connection.objects.get().next_fetch_at is None


def test_a_sign_in_that_is_needed_waits_for_a_person_until_it_is_repaired(
    proxy: WireServer, registration: ProxyRegistration, connection: Connection
) -> None:
    polled(proxy, registration, event(7, "credentials_needed", message="Sign in again, please."))
    connection.refresh_from_db()
    assert (connection.status, connection.error_action) == ("action_required", "update_credentials")
    assert said(connection) == ["Sign in again, please.", "Action required: the bank asks for a new sign-in."]
    polled(proxy, registration, event(8, "connection_repaired"))
    connection.refresh_from_db()
    assert (connection.status, connection.error_code) == ("connected", "")
    assert schedule.claim_due(timezone.now()) == [connection.pk]


def test_a_sign_in_that_is_waited_for_already_is_not_asked_for_again(
    proxy: WireServer, registration: ProxyRegistration, connection: Connection
) -> None:
    """Whether a fetch found it out first, or the provider said so before."""
    lifecycle.note_failure(connection, ConsentExpired("Sign in again, please.", reference="AB12"))
    polled(proxy, registration, event(7, "credentials_needed"), event(8, "credentials_needed"))
    connection.refresh_from_db()
    assert (connection.error_message, connection.error_reference) == ("Sign in again, please.", "AB12")
    assert said(connection) == ["Sign in again, please.", "Action required: the bank asks for a new sign-in."]


@pytest.mark.parametrize(("kind", "status"), [("connection_revoked", "revoked"), ("connection_gone", "disconnected")])
def test_a_connection_that_is_ended_elsewhere(
    proxy: WireServer, registration: ProxyRegistration, connection: Connection, kind: str, status: str
) -> None:
    polled(proxy, registration, event(7, kind), event(8, kind))
    assert Connection.objects.get().status == status
    assert ChatterEntry.objects.filter(code="state").count() == 1


@pytest.mark.parametrize("kind", ["credentials_needed", "connection_revoked", "connection_gone"])
def test_what_is_over_already_changes_nothing(
    proxy: WireServer, registration: ProxyRegistration, connection: Connection, kind: str
) -> None:
    Connection.objects.update(last_success_at=NOW)
    polled(proxy, registration, event(7, kind, at=NOW - dt.timedelta(minutes=1)))
    assert Connection.objects.get().status == "connected"


@pytest.mark.parametrize(
    ("detail", "sentence"),
    [
        (
            {"expires_at": "2026-12-24T15:00:00+00:00"},
            "The bank's permission ends on 24\xa0Dec\xa02026: sign in at the bank again before.",
        ),
        ({}, "The bank's permission ends soon: sign in at the bank again."),
        ({"expires_at": "soon"}, "The bank's permission ends soon: sign in at the bank again."),
        ({"expires_at": "2026-99-99T15:00:00+00:00"}, "The bank's permission ends soon: sign in at the bank again."),
    ],
)
def test_a_permission_that_ends_soon_is_told(
    proxy: WireServer,
    registration: ProxyRegistration,
    connection: Connection,
    detail: dict[str, Any],
    sentence: str,
) -> None:
    polled(proxy, registration, event(7, "consent_expiring", **detail))
    assert said(connection) == [sentence]


def test_what_is_not_known_or_not_ours_is_passed_over(
    proxy: WireServer, registration: ProxyRegistration, connection: Connection
) -> None:
    stranger = make_connection(reference="theirs")
    found = [
        event(7, "something_of_a_newer_proxy"),
        event(8, "credentials_needed", connection="theirs"),
        event(9, "credentials_needed", connection=""),
    ]
    assert polled(proxy, registration, *found) == 3
    assert not ChatterEntry.objects.exists()
    stranger.refresh_from_db()
    assert stranger.status == "connected"


def test_a_proxy_that_does_not_answer_moves_no_cursor(
    proxy: WireServer, registration: ProxyRegistration, connection: Connection
) -> None:
    proxy.say(page(event(7, "accounts_changed"), has_more=True), HANG_UP)
    with pytest.raises(ProxyUnreachable):
        events.poll(registration)
    assert EventCursor.objects.get().after == 7


def test_only_companies_with_connections_are_asked_about(registration: ProxyRegistration) -> None:
    assert list(events.listening()) == []
    make_connection(registration.company)
    make_connection(registration.company)
    assert list(events.listening()) == [registration]


def test_a_connection_is_taken_off_the_clock_once_with_its_reason(connection: Connection) -> None:
    assert schedule.stop_automatic(connection, why="user_present")
    assert not schedule.stop_automatic(connection, why="user_present")
    assert said(connection) == ["Automatic synchronization is off: the bank can be read only while somebody is there."]
