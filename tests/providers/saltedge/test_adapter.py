"""Salt Edge's routes: what is asked, in which order, and what comes of each answer."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest
import time_machine
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from foundation import development_keys
from providers.errors import (
    BadRequest,
    ConnectionGone,
    ConsentExpired,
    CredentialsRejected,
    InstitutionDown,
    InvalidResponse,
    NotReady,
    ProviderDown,
)
from providers.saltedge.adapter import SaltEdgeAdapter
from providers.types import EndUser
from tests.providers.saltedge import payload
from tests.providers.saltedge.wire_saltedge import WireSaltEdge, connection, failure, listed, row
from tests.providers.wire import Said

SECRET = "111111111111111111"
ACCOUNT = "333"
SHOW = f"GET /connections/{SECRET}"
REFRESH = f"POST /connections/{SECRET}/refresh"
BACKGROUND = f"POST /connections/{SECRET}/background_refresh"
ROWS = "GET /transactions"
USER = EndUser(ip="192.0.2.7", agent="Firefox")
NOW = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)


@pytest.fixture
def frozen() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


# --- transport -------------------------------------------------------------------------------------------------------
def test_every_call_carries_keys_and_is_signed_as_it_is_sent(salt: WireSaltEdge, adapter: SaltEdgeAdapter) -> None:
    salt.on("GET /accounts", payload("accounts"))
    adapter.accounts(SECRET)
    (seen,) = salt.wire.seen
    headers = seen.headers
    assert (headers["App-id"], headers["Secret"], headers["User-Agent"]) == ("app-1", "secret-1", "banksync")
    signed = f"{headers['Expires-at']}|GET|{salt.wire.url}{seen.target}|".encode()
    key = load_pem_public_key(development_keys.SALTEDGE_CLIENT_PUBLIC.encode())
    assert isinstance(key, RSAPublicKey)
    key.verify(base64.b64decode(headers["Signature"]), signed, PKCS1v15(), hashes.SHA256())
    assert seen.target == f"/api/v6/accounts?connection_id={SECRET}&per_page=1000"


@pytest.mark.parametrize(("status", "error"), [(503, ProviderDown), (404, InvalidResponse), (403, InvalidResponse)])
def test_a_page_in_the_place_of_json_is_named(
    salt: WireSaltEdge, adapter: SaltEdgeAdapter, status: int, error: type[Exception]
) -> None:
    salt.on("GET /accounts", Said(status=status, body=b"<html>", headers={"Content-Type": "text/html"}))
    with pytest.raises(error):
        adapter.accounts(SECRET)


# --- institutions ----------------------------------------------------------------------------------------------------
def test_the_directory_is_read_to_its_end(salt: WireSaltEdge, adapter: SaltEdgeAdapter) -> None:
    first = {**msgspec.json.decode(payload("providers")), "meta": {"next_id": "1240"}}
    last = listed({"id": "1240", "code": "last_be", "name": "Last", "country_code": "BE", "status": "active"})
    salt.on("GET /providers", first, last)
    ids = [[each.id for each in page] for page in adapter.institutions()]
    assert ids == [["saltedge:first_bank_be", "saltedge:crédit_fr"], ["saltedge:last_be"]]
    asked = salt.queries("GET /providers")
    assert asked[0] == {"include_ais_fields": "true", "per_page": "1000"}
    assert asked[1]["from_id"] == "1240"


def test_pages_that_go_round_are_refused(salt: WireSaltEdge, adapter: SaltEdgeAdapter) -> None:
    salt.on("GET /providers", {**msgspec.json.decode(payload("providers")), "meta": {"next_id": "1234"}})
    with pytest.raises(InvalidResponse, match="do not go on"):
        list(adapter.institutions())


# --- refresh ---------------------------------------------------------------------------------------------------------
def test_nobody_s_refresh_reads_in_the_background(salt: WireSaltEdge, adapter: SaltEdgeAdapter) -> None:
    salt.on(SHOW, connection())
    salt.on(BACKGROUND, connection(attempt={"finished": False, "success_at": None}))
    told = adapter.refresh(SECRET, user=None)
    assert told.status == "working"
    assert told.retry_at is not None
    assert salt.calls(BACKGROUND) == [
        {
            "attempt": {
                "fetch_scopes": ["accounts", "balance", "transactions"],
                "user_present": False,
                "custom_fields": {"asked": True},
                "include_natures": None,
            }
        }
    ]


def test_a_reading_asks_for_what_the_holder_asked_for(salt: WireSaltEdge, adapter: SaltEdgeAdapter) -> None:
    salt.on(SHOW, connection(attempt={"include_natures": ["card", "credit_card"]}))
    salt.on(BACKGROUND, connection())
    adapter.refresh(SECRET, user=None)
    (call,) = salt.calls(BACKGROUND)
    assert call["attempt"]["include_natures"] == ["card", "credit_card"]


@pytest.mark.usefixtures("frozen")
def test_a_person_s_refresh_says_that_somebody_is_there(salt: WireSaltEdge, adapter: SaltEdgeAdapter) -> None:
    salt.on(SHOW, connection())
    salt.on(REFRESH, connection())
    assert adapter.refresh(SECRET, user=USER).status == "ready"
    (call,) = salt.calls(REFRESH)
    assert call["attempt"]["user_present"] is True
    assert call["attempt"]["customer_last_logged_at"] == "2026-03-01T12:00:00Z"


@pytest.mark.parametrize("name", ["ConnectionCannotBeRefreshed", "BackgroundFetchLimitExceeded", "TooManyRequests"])
def test_where_it_is_too_early_what_was_read_can_be_had(
    salt: WireSaltEdge, adapter: SaltEdgeAdapter, name: str
) -> None:
    salt.on(SHOW, connection())
    salt.on(BACKGROUND, failure(name, status=406))
    assert adapter.refresh(SECRET, user=None).status == "ready"


def test_a_reading_that_goes_on_is_waited_for_and_not_begun_again(salt: WireSaltEdge, adapter: SaltEdgeAdapter) -> None:
    soon = (dt.datetime.now(dt.UTC) - dt.timedelta(minutes=1)).isoformat()
    salt.on(SHOW, connection(attempt={"finished": False, "success_at": None, "created_at": soon}))
    assert adapter.refresh(SECRET, user=None).status == "working"
    assert salt.calls(BACKGROUND) == []
    salt.on(SHOW, connection())
    salt.on(BACKGROUND, failure("ConnectionAlreadyProcessing"))
    assert adapter.refresh(SECRET, user=None).status == "working"


@pytest.mark.usefixtures("frozen")
def test_a_reading_that_is_stuck_is_begun_again(salt: WireSaltEdge, adapter: SaltEdgeAdapter) -> None:
    stuck = {"finished": False, "success_at": None, "created_at": "2026-03-01T10:59:00Z"}
    salt.on(SHOW, connection(attempt=stuck))
    salt.on(BACKGROUND, connection())
    assert adapter.refresh(SECRET, user=None).status == "ready"


@pytest.mark.usefixtures("frozen")
def test_a_reading_that_failed_lately_says_why_and_is_tried_again_later(
    salt: WireSaltEdge, adapter: SaltEdgeAdapter
) -> None:
    failed = {"success_at": None, "fail_at": "2026-03-01T11:55:00Z", "fail_error_class": "ProviderUnavailable"}
    salt.on(SHOW, connection(attempt=failed))
    with pytest.raises(InstitutionDown):
        adapter.refresh(SECRET, user=None)
    salt.on(SHOW, connection(attempt={**failed, "fail_at": "2026-03-01T11:45:00Z"}))
    salt.on(BACKGROUND, connection(attempt={**failed, "fail_at": "2026-03-01T12:00:00Z"}))
    with pytest.raises(InstitutionDown):
        adapter.refresh(SECRET, user=None)
    assert len(salt.calls(BACKGROUND)) == 1


@pytest.mark.usefixtures("frozen")
def test_a_bank_that_confirms_each_reading_needs_its_holder(salt: WireSaltEdge, adapter: SaltEdgeAdapter) -> None:
    asks = {"interactive": True, "automatic_fetch": False}
    salt.on(SHOW, connection(attempt=asks, next_refresh_possible_at=None))
    assert adapter.refresh(SECRET, user=None).status == "user_present"
    salt.on(
        REFRESH, {"data": {"connect_url": "https://x.example/connect?token=1", "expires_at": "2026-03-01T13:00:00Z"}}
    )
    assert adapter.refresh(SECRET, user=USER).status == "user_present"
    # After the holder was there, what was read is not asked for once more.
    salt.on(SHOW, connection(attempt={**asks, "success_at": "2026-03-01T11:58:00Z"}, next_refresh_possible_at=None))
    assert adapter.refresh(SECRET, user=USER).status == "ready"
    assert len(salt.calls(REFRESH)) == 1


@pytest.mark.parametrize(
    ("changes", "attempt", "error"),
    [
        ({"status": "inactive"}, {}, ConsentExpired),
        (
            {"status": "inactive"},
            {"success_at": None, "fail_at": "2026-03-01T11:00:00Z", "fail_error_class": "InvalidCredentials"},
            CredentialsRejected,
        ),
        (
            {"status": "inactive"},
            {"success_at": None, "fail_at": "2026-03-01T11:00:00Z", "fail_error_class": "ProviderUnavailable"},
            ConsentExpired,
        ),
        ({"status": "disabled"}, {}, ConnectionGone),
    ],
)
def test_a_connection_that_cannot_be_read_says_why(
    salt: WireSaltEdge, adapter: SaltEdgeAdapter, changes: dict[str, Any], attempt: dict[str, Any], error: Any
) -> None:
    salt.on(SHOW, connection(attempt=attempt, **changes))
    with pytest.raises(error):
        adapter.refresh(SECRET, user=None)


# --- transactions ----------------------------------------------------------------------------------------------------
def read(adapter: SaltEdgeAdapter, position: str = "", limit: int = 500) -> Any:
    return adapter.transactions(SECRET, ACCOUNT, position=position, first_day=None, limit=limit)


def shown(salt: WireSaltEdge, *pages: dict[str, Any], flagged: tuple[dict[str, Any], ...] = ()) -> None:
    """Pages of posted rows, then one list of flagged ones (empty if not given); accounts and a good connection."""
    salt.on(SHOW, connection())
    salt.on("GET /accounts", listed({"id": ACCOUNT, "name": "A", "balance": 5.5, "currency_code": "EUR"}))
    salt.on(ROWS, *pages, *(flagged or (listed(),)))


@pytest.mark.usefixtures("frozen")
def test_pages_are_asked_from_the_id_the_last_one_named(salt: WireSaltEdge, adapter: SaltEdgeAdapter) -> None:
    shown(salt, listed(row("9"), row("11"), next_id="12"), listed(row("12")))
    first = read(adapter, limit=2)
    assert ([each.id for each in first.transactions], first.has_more, first.balance) == (["9", "11"], True, None)
    second = read(adapter, first.position, limit=2)
    assert ([each.id for each in second.transactions], second.has_more) == (["12"], False)
    assert second.balance.booked == Decimal("5.50")
    asked = salt.queries(ROWS)
    assert asked[0] == {"connection_id": SECRET, "account_id": ACCOUNT, "per_page": "2"}
    assert asked[1]["from_id"] == "12"
    assert asked[2]["duplicated"] == "true"


@pytest.mark.usefixtures("frozen")
def test_the_next_fetch_begins_some_days_back_and_tells_what_is_new_or_changed(
    salt: WireSaltEdge, adapter: SaltEdgeAdapter
) -> None:
    old = row("8", made_on="2026-02-01")
    shown(salt, listed(old, row("9"), row("11")))
    last = read(adapter)
    later = "2026-03-01T00:00:00Z"
    shown(salt, listed(row("9", amount=-2, updated_at=later), row("11"), row("100", updated_at=later)))
    told = read(adapter, last.position)
    assert [(each.id, each.amount) for each in told.transactions] == [
        ("9", Decimal("-2.00")),
        ("100", Decimal("-1.00")),
    ]
    assert salt.queries(ROWS)[-2]["from_id"] == "9"
    shown(salt, listed(row("9", updated_at=later), row("11"), row("100", updated_at=later)))
    assert read(adapter, told.position).transactions == ()


@pytest.mark.usefixtures("frozen")
def test_a_quiet_account_goes_on_from_its_last_row(salt: WireSaltEdge, adapter: SaltEdgeAdapter) -> None:
    shown(salt, listed(row("8", made_on="2026-01-01"), row("9", made_on="2026-01-02")))
    last = read(adapter)
    shown(salt, listed(row("9", made_on="2026-01-02")))
    assert read(adapter, last.position).transactions == ()
    assert salt.queries(ROWS)[-2]["from_id"] == "9"


def test_flagged_rows_are_told_once_and_again_when_there_are_others(
    salt: WireSaltEdge, adapter: SaltEdgeAdapter
) -> None:
    flagged = listed(row("10", duplicated=True))
    shown(salt, listed(row("9")), flagged=(flagged, flagged))
    first = read(adapter)
    assert ([each.id for each in first.transactions], first.has_more) == (["9"], True)
    second = read(adapter, first.position)
    assert [(each.id, each.is_flagged_duplicate) for each in second.transactions] == [("10", True)]
    assert not second.has_more
    shown(salt, listed(row("9")), flagged=(flagged,))
    again = read(adapter, second.position)
    assert (again.transactions, again.has_more) == ((), False)
    more = listed(row("9", duplicated=True), row("10", duplicated=True))
    shown(salt, listed(), flagged=(more, more))
    third = read(adapter, again.position)
    assert (third.transactions, third.has_more) == ((), True)
    assert [each.id for each in read(adapter, third.position).transactions] == ["9", "10"]


def test_pending_rows_never_come_among_the_posted_ones(salt: WireSaltEdge, adapter: SaltEdgeAdapter) -> None:
    shown(salt, listed(row("9", status="pending"), row("10")))
    assert [each.id for each in read(adapter).transactions] == ["10"]
    salt.on(ROWS, listed(row("9", status="pending"), next_id="12"), listed(row("12", status="pending")))
    assert [each.id for each in adapter.pending(SECRET, ACCOUNT)] == ["9", "12"]
    assert salt.queries(ROWS)[-2]["pending"] == "true"


def test_a_bank_that_is_read_for_the_first_time_is_not_an_empty_one(
    salt: WireSaltEdge, adapter: SaltEdgeAdapter
) -> None:
    salt.on(SHOW, connection(attempt={"finished": False, "success_at": None}))
    salt.on("GET /accounts", listed())
    with pytest.raises(NotReady) as caught:
        read(adapter)
    assert caught.value.retry_at is not None
    with pytest.raises(NotReady):
        adapter.accounts(SECRET)


@pytest.mark.parametrize("text", ["x", "[]", '{"stage":"other"}', '{"start":5}'])
def test_a_position_that_is_none_is_refused(adapter: SaltEdgeAdapter, text: str) -> None:
    with pytest.raises(BadRequest):
        read(adapter, text)


def test_pages_of_rows_that_go_round_are_refused(salt: WireSaltEdge, adapter: SaltEdgeAdapter) -> None:
    shown(salt, listed(row("9"), next_id="9"))
    first = read(adapter)
    salt.on(ROWS, listed(row("9"), next_id="9"))
    with pytest.raises(InvalidResponse, match="do not go on"):
        read(adapter, first.position)


# --- health and end --------------------------------------------------------------------------------------------------
def test_the_state_of_a_connection(salt: WireSaltEdge, adapter: SaltEdgeAdapter) -> None:
    salt.on(SHOW, connection())
    salt.on("GET /consents", payload("consents"))
    health = adapter.health(SECRET)
    assert health.unattended
    assert health.error is None
    assert health.consent_expires_at == dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
    assert health.last_success_at == dt.datetime(2026, 3, 1, 11, 30, tzinfo=dt.UTC)


def test_the_state_of_one_that_does_not_work_is_told_without_failing(
    salt: WireSaltEdge, adapter: SaltEdgeAdapter
) -> None:
    salt.on(SHOW, connection(attempt={"success_at": None}, status="inactive", last_success_at="2026-02-01T00:00:00Z"))
    salt.on("GET /consents", listed())
    health = adapter.health(SECRET)
    assert health.error is not None
    assert health.error.action == "update_credentials"
    assert health.consent_expires_at is None
    assert health.last_success_at == dt.datetime(2026, 2, 1, tzinfo=dt.UTC)


def test_ending_a_connection_twice_is_no_error(salt: WireSaltEdge, adapter: SaltEdgeAdapter) -> None:
    route = f"DELETE /connections/{SECRET}"
    salt.on(route, {"data": {"id": SECRET, "removed": True}}, failure("ConnectionNotFound", status=404))
    adapter.revoke(SECRET)
    adapter.revoke(SECRET)
    assert [seen.method for seen in salt.wire.seen] == ["DELETE", "DELETE"]
