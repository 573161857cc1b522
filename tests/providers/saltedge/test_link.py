"""Salt Edge's widget: how it is opened, and what is made of the connection a visit left."""

from __future__ import annotations

import datetime as dt
from typing import Any, get_args

import pytest
import time_machine

from providers.base import HostedRequest
from providers.errors import ConnectionGone, CredentialsRejected, InvalidResponse, LinkExpired, ProviderMisconfigured
from providers.saltedge import link, parse
from providers.saltedge.adapter import SaltEdgeAdapter
from providers.types import AccountKind, EndUser
from tests.providers.saltedge.wire_saltedge import WireSaltEdge, connection, failure, listed

NUMBER = "111111111111111111"
SHOW = f"GET /connections/{NUMBER}"
CUSTOMER = "222222222222222222"
OPENED = {"data": {"expires_at": "2026-03-01T12:30:00Z", "connect_url": "https://x.example/connect?token=t"}}
MADE = {"data": {"customer_id": CUSTOMER, "identifier": "holder-1"}}
NOW = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _frozen() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def request(**changes: Any) -> HostedRequest:
    good: dict[str, Any] = {
        "institution": "first_bank_be",
        "countries": ("BE",),
        "holder": "holder-1",
        "return_url": "https://proxy.example/return/abc",
        "callback_url": "https://proxy.example/return/saltedge",
        "state": "abc",
        "language": "nl",
        "history_days": None,
        "user": EndUser(ip="192.0.2.7", agent="Firefox"),
        "webhook_url": "https://proxy.example/webhooks/saltedge",
    }
    return HostedRequest(**{**good, **changes})


@pytest.fixture
def state(salt: WireSaltEdge, adapter: SaltEdgeAdapter) -> str:
    """That of a widget opened for a new connection."""
    salt.on("POST /customers", MADE)
    salt.on("POST /connections/connect", OPENED)
    salt.on("GET /connections", listed())
    return adapter.begin(request()).state


def test_the_widget_is_opened_for_a_year_of_transactions(salt: WireSaltEdge, adapter: SaltEdgeAdapter) -> None:
    salt.on("POST /customers", MADE)
    salt.on("POST /connections/connect", OPENED)
    opened = adapter.begin(request())
    assert opened.url == "https://x.example/connect?token=t"
    assert opened.expires_at == dt.datetime(2026, 3, 1, 12, 30, tzinfo=dt.UTC)
    assert salt.calls("POST /customers") == [{"identifier": "holder-1"}]
    assert salt.calls("POST /connections/connect") == [
        {
            "customer_id": CUSTOMER,
            "consent": {"scopes": ["accounts", "transactions"], "from_date": "2025-03-01"},
            "attempt": {
                "fetch_scopes": ["accounts", "balance", "transactions"],
                "fetch_from_date": "2025-03-01",
                "return_to": "https://proxy.example/return/abc?back=1",
                "locale": "nl",
                "custom_fields": {"link": "abc"},
                "unduplication_strategy": "mark_as_duplicate",
                "user_present": True,
                "include_natures": None,
            },
            "widget": {"show_consent_confirmation": True, "skip_provider_selection": True},
            "provider": {"code": "first_bank_be", "include_sandboxes": False},
            "automatic_refresh": True,
            "return_connection_id": True,
            "return_error_class": True,
        }
    ]


@pytest.mark.parametrize(
    ("days", "first_day"), [(90, "2025-12-01"), (2000, "2025-03-01"), (0, "2025-03-01"), (1, "2026-02-28")]
)
def test_history_is_asked_within_what_a_consent_covers(
    salt: WireSaltEdge, adapter: SaltEdgeAdapter, days: int, first_day: str
) -> None:
    salt.on("POST /customers", MADE)
    salt.on("POST /connections/connect", OPENED)
    adapter.begin(request(history_days=days, language="xx"))
    (call,) = salt.calls("POST /connections/connect")
    assert (call["consent"]["from_date"], call["attempt"]["fetch_from_date"]) == (first_day, first_day)
    assert call["attempt"]["locale"] == "en"


@pytest.mark.parametrize("told", [{"customer_id": CUSTOMER}, {"id": CUSTOMER, "secret": "s"}, {"id": int(CUSTOMER)}])
def test_a_customer_is_known_by_either_field(
    salt: WireSaltEdge, adapter: SaltEdgeAdapter, told: dict[str, Any]
) -> None:
    salt.on("POST /customers", {"data": {"identifier": "holder-1", **told}})
    salt.on("POST /connections/connect", OPENED)
    adapter.begin(request())
    assert salt.calls("POST /connections/connect")[0]["customer_id"] == CUSTOMER


@pytest.mark.parametrize("status", [400, 409])
def test_a_customer_that_is_there_is_found_on_whichever_page(
    salt: WireSaltEdge, adapter: SaltEdgeAdapter, status: int
) -> None:
    salt.on("POST /customers", failure("DuplicatedCustomer", status=status))
    first = listed({"customer_id": "5", "identifier": "holder-10"}, next_id="7")
    salt.on("GET /customers", first, listed({"id": CUSTOMER, "identifier": "holder-1"}))
    salt.on("POST /connections/connect", OPENED)
    adapter.begin(request())
    assert salt.calls("POST /connections/connect")[0]["customer_id"] == CUSTOMER
    assert salt.queries("GET /customers") == [{"per_page": "1000"}, {"per_page": "1000", "from_id": "7"}]


def test_a_customer_that_is_nowhere_is_an_invalid_answer(salt: WireSaltEdge, adapter: SaltEdgeAdapter) -> None:
    salt.on("POST /customers", failure("DuplicatedCustomer"))
    salt.on("GET /customers", listed())
    with pytest.raises(InvalidResponse):
        adapter.begin(request())
    salt.on("POST /customers", {"data": {"identifier": "holder-1"}})
    with pytest.raises(InvalidResponse):
        adapter.begin(request())
    salt.on("POST /customers", failure("ClientDisabled"))
    with pytest.raises(ProviderMisconfigured):
        adapter.begin(request())


# --- how a visit ended -----------------------------------------------------------------------------------------------
def test_a_connection_with_this_visit_s_mark_is_the_result(
    salt: WireSaltEdge, adapter: SaltEdgeAdapter, state: str
) -> None:
    other = connection(attempt={"custom_fields": {"link": "other"}}, id="110")["data"]
    salt.on("GET /connections", listed(other, next_id="111"), listed(connection()["data"]))
    outcome = adapter.finish(state, answer={})
    assert (outcome.status, outcome.secret, outcome.provider_reference) == ("connected", NUMBER, NUMBER)
    assert outcome.institution == "first_bank_be"
    assert salt.queries("GET /connections")[0] == {"customer_id": CUSTOMER, "per_page": "1000"}


@pytest.mark.parametrize(
    ("changes", "attempt", "status"),
    [
        ({}, {}, "connected"),
        ({"customer_id": "999"}, {}, "cancelled"),
        ({"customer_id": None}, {}, "cancelled"),
        ({}, {"custom_fields": {"link": "other"}}, "cancelled"),
        ({"created_at": "2026-03-01T12:00:30Z"}, {"custom_fields": {}}, "connected"),
        ({"created_at": "2026-03-01T11:00:00Z"}, {"custom_fields": {}}, "cancelled"),
        ({}, {"success_at": None, "finished": False, "last_stage": {"name": "fetch_recent"}}, "connected"),
        ({}, {"success_at": None, "finished": False, "last_stage": {"name": "interactive"}}, "waiting"),
        ({}, {"success_at": None, "finished": None, "last_stage": None}, "waiting"),
    ],
)
def test_what_the_browser_names_counts_only_if_it_is_this_visit_s(
    salt: WireSaltEdge,
    adapter: SaltEdgeAdapter,
    state: str,
    changes: dict[str, Any],
    attempt: dict[str, Any],
    status: str,
) -> None:
    salt.on(SHOW, connection(attempt=attempt, **changes))
    assert adapter.finish(state, answer={"back": "1", "connection_id": NUMBER}).status == status


def test_a_failed_sign_in_is_told_and_its_connection_taken_away(
    salt: WireSaltEdge, adapter: SaltEdgeAdapter, state: str
) -> None:
    failed = {"success_at": None, "fail_at": "2026-03-01T12:00:00Z", "fail_error_class": "InvalidCredentials"}
    salt.on(SHOW, connection(attempt=failed, status="inactive"))
    salt.on(f"DELETE /connections/{NUMBER}", failure("InternalServerError", status=500))
    outcome = adapter.finish(state, answer={"back": "1", "connection_id": NUMBER})
    assert outcome.status == "failed"
    assert isinstance(outcome.error, CredentialsRejected)
    assert salt.wire.seen[-1].method == "DELETE"


def test_an_error_the_browser_brings_is_the_reason_where_there_is_no_connection(
    adapter: SaltEdgeAdapter, state: str
) -> None:
    outcome = adapter.finish(state, answer={"back": "1", "error_class": "InvalidCredentials"})
    assert isinstance(outcome.error, CredentialsRejected)
    assert adapter.finish(state, answer={"back": "1"}).status == "cancelled"
    assert adapter.finish(state, answer={}).status == "waiting"


def test_a_connection_that_is_not_there_is_no_result(salt: WireSaltEdge, adapter: SaltEdgeAdapter, state: str) -> None:
    salt.on("GET /connections/5", failure("ConnectionNotFound", status=404))
    assert adapter.finish(state, answer={"connection_id": "5"}).status == "cancelled"


def test_a_widget_left_open_expires(adapter: SaltEdgeAdapter, state: str) -> None:
    with time_machine.travel(NOW + dt.timedelta(minutes=31), tick=False):
        assert isinstance(adapter.finish(state, answer={}).error, LinkExpired)


# --- signed in again -------------------------------------------------------------------------------------------------
def test_an_update_opens_the_connection_s_own_widget(salt: WireSaltEdge, adapter: SaltEdgeAdapter) -> None:
    salt.on(SHOW, connection(attempt={"custom_fields": {"link": "before"}}))
    salt.on(f"POST /connections/{NUMBER}/reconnect", OPENED)
    page = adapter.update(NUMBER, request())
    (call,) = salt.calls(f"POST /connections/{NUMBER}/reconnect")
    assert "customer_id" not in call
    assert "provider" not in call
    assert adapter.finish(page.state, answer={}).status == "waiting"
    # Salt Edge read the bank by itself meanwhile, which is not what is waited for.
    salt.on(SHOW, connection(attempt={"custom_fields": {}}))
    assert adapter.finish(page.state, answer={}).status == "waiting"
    salt.on(SHOW, connection())
    outcome = adapter.finish(page.state, answer={"back": "1"})
    assert (outcome.status, outcome.secret) == ("connected", "")
    # And so it may be after the visit, by itself or for a fetch: then the new consent is what it left.
    for marks in ({}, {"asked": True}):
        salt.on(SHOW, connection(attempt={"custom_fields": marks}, last_consent_id="667"))
        assert adapter.finish(page.state, answer={}).status == "connected"


def test_an_update_that_failed_keeps_the_connection(salt: WireSaltEdge, adapter: SaltEdgeAdapter) -> None:
    salt.on(SHOW, connection())
    salt.on(f"POST /connections/{NUMBER}/reconnect", OPENED)
    page = adapter.update(NUMBER, request())
    failed = {"success_at": None, "fail_at": "2026-03-01T12:00:00Z", "fail_error_class": "InvalidCredentials"}
    salt.on(SHOW, connection(attempt=failed, status="inactive"))
    assert isinstance(adapter.finish(page.state, answer={"back": "1"}).error, CredentialsRejected)
    assert "DELETE" not in [seen.method for seen in salt.wire.seen]
    salt.on(SHOW, failure("ConnectionNotFound", status=404))
    with pytest.raises(ConnectionGone):
        adapter.finish(page.state, answer={})


def test_nothing_of_the_state_is_shown(adapter: SaltEdgeAdapter, salt: WireSaltEdge) -> None:
    salt.on("POST /customers", MADE)
    salt.on("POST /connections/connect", OPENED)
    assert CUSTOMER not in repr(adapter.begin(request()))


@pytest.mark.parametrize(
    ("kinds", "natures"),
    [
        (("cards",), ["card", "credit_card", "debit_card"]),
        (("savings", "current"), ["account", "checking", "savings"]),
        (("loans",), ["credit", "loan", "mortgage"]),
        ((), None),
    ],
)
def test_kinds_of_account_are_asked_for_by_their_natures(
    salt: WireSaltEdge, adapter: SaltEdgeAdapter, kinds: tuple[AccountKind, ...], natures: list[str] | None
) -> None:
    salt.on("POST /customers", MADE)
    salt.on("POST /connections/connect", OPENED)
    salt.on(SHOW, connection())
    salt.on(f"POST /connections/{NUMBER}/reconnect", OPENED)
    adapter.begin(request(account_kinds=kinds))
    adapter.update(NUMBER, request(account_kinds=kinds))
    for route in ("POST /connections/connect", f"POST /connections/{NUMBER}/reconnect"):
        assert salt.calls(route)[0]["attempt"]["include_natures"] == natures


def test_every_kind_has_a_nature_and_every_nature_a_kind() -> None:
    assert set(parse.NATURES.values()) == set(get_args(AccountKind))
    assert all(link.natures((kind,)) for kind in get_args(AccountKind))
