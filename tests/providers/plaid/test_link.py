"""Plaid's hosted page: how it is opened, and what is made of the visits to it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from providers.base import HostedRequest
from providers.errors import LinkExpired, NotSupported
from providers.plaid import parse
from providers.plaid.adapter import PlaidAdapter
from providers.types import AccountKind, EndUser
from tests.providers.plaid.wire_plaid import WirePlaid, approved, failure, left, link_token, session, sessions

TOKEN = "access-sandbox-1"


def request(**changes: Any) -> HostedRequest:
    good: dict[str, Any] = {
        "institution": "ins_1",
        "countries": ("US", "JP"),
        "holder": "holder-1",
        "return_url": "https://proxy.example/return/abc",
        "callback_url": "https://proxy.example/return/plaid",
        "state": "abc",
        "language": "fr",
        "history_days": None,
        "user": EndUser(ip="192.0.2.7", agent="Firefox"),
        "webhook_url": "https://proxy.example/webhooks/plaid",
    }
    return HostedRequest(**{**good, **changes})


def test_a_page_is_opened_for_two_years_of_transactions(plaid: WirePlaid, adapter: PlaidAdapter) -> None:
    plaid.on("/link/token/create", link_token())
    opened = adapter.begin(request())
    assert opened.url == "https://secure.plaid.example/hl/1"
    assert opened.expires_at == dt.datetime(2099, 1, 1, tzinfo=dt.UTC)
    assert "link-sandbox-1" not in repr(opened)
    assert plaid.calls("/link/token/create") == [
        {
            "client_name": "A name longer than thirty lett",
            "language": "fr",
            "country_codes": ["US"],
            "user": {"client_user_id": "holder-1"},
            "webhook": "https://proxy.example/webhooks/plaid",
            "hosted_link": {
                "completion_redirect_uri": "https://proxy.example/return/abc",
                "url_lifetime_seconds": 1800,
            },
            "products": ["transactions"],
            "transactions": {"days_requested": 730},
            "institution_id": "ins_1",
        }
    ]


@pytest.mark.parametrize(("asked", "sent"), [(90, 90), (2000, 730), (None, 730)])
def test_history_is_asked_within_what_plaid_gives(
    plaid: WirePlaid, adapter: PlaidAdapter, asked: int | None, sent: int
) -> None:
    plaid.on("/link/token/create", link_token())
    adapter.begin(request(history_days=asked, language="xx"))
    (call,) = plaid.calls("/link/token/create")
    assert (call["transactions"]["days_requested"], call["language"]) == (sent, "en")


def test_a_bank_outside_of_plaid_s_countries_is_refused(plaid: WirePlaid, adapter: PlaidAdapter) -> None:
    with pytest.raises(NotSupported):
        adapter.begin(request(countries=("JP",)))
    assert plaid.wire.seen == []


def test_an_update_opens_the_item_s_own_page(plaid: WirePlaid, adapter: PlaidAdapter) -> None:
    plaid.on("/link/token/create", link_token())
    adapter.update(TOKEN, request())
    (call,) = plaid.calls("/link/token/create")
    assert call["access_token"] == TOKEN
    assert call["update"] == {"account_selection_enabled": True}
    assert "products" not in call
    assert "institution_id" not in call


def test_an_approval_is_exchanged_for_the_item_s_token(plaid: WirePlaid, adapter: PlaidAdapter) -> None:
    plaid.on("/link/token/create", link_token())
    plaid.on("/link/token/get", sessions(approved("public-sandbox-7", "ins_9")))
    plaid.on("/item/public_token/exchange", {"access_token": "access-sandbox-7", "item_id": "item-7"})
    outcome = adapter.finish(adapter.begin(request()).state, answer={})
    assert (outcome.status, outcome.secret, outcome.provider_reference) == ("connected", "access-sandbox-7", "item-7")
    assert outcome.institution == "ins_9"
    assert plaid.calls("/link/token/get") == [{"link_token": "link-sandbox-1"}]
    assert plaid.calls("/item/public_token/exchange") == [{"public_token": "public-sandbox-7"}]
    assert "access-sandbox-7" not in repr(outcome)


@pytest.mark.parametrize(
    ("visits", "status"),
    [
        ([], "waiting"),
        ([session()], "waiting"),
        ([left(), session()], "waiting"),
        ([left()], "cancelled"),
        ([left({"error_type": "ITEM_ERROR", "error_code": "NO_ACCOUNTS"})], "failed"),
        ([left(), left({"error_type": "ITEM_ERROR", "error_code": "NO_ACCOUNTS"})], "failed"),
    ],
)
def test_a_visit_without_approval(
    plaid: WirePlaid, adapter: PlaidAdapter, visits: list[dict[str, Any]], status: str
) -> None:
    plaid.on("/link/token/create", link_token())
    plaid.on("/link/token/get", sessions(*visits))
    outcome = adapter.finish(adapter.begin(request()).state, answer={})
    assert outcome.status == status
    assert (type(outcome.error) is NotSupported) == (status == "failed")
    assert plaid.calls("/item/public_token/exchange") == []


@pytest.mark.parametrize(
    "visits",
    [
        [left(), approved("public-sandbox-2")],
        [approved("public-sandbox-2"), left()],
        [approved("public-sandbox-1"), approved("public-sandbox-2")],
        [approved("public-sandbox-2"), session()],
        [session(on_success={"public_token": "public-sandbox-2", "metadata": {"institution": None}})],
    ],
)
def test_an_approval_counts_whichever_visit_it_was(
    plaid: WirePlaid, adapter: PlaidAdapter, visits: list[dict[str, Any]]
) -> None:
    plaid.on("/link/token/create", link_token())
    plaid.on("/link/token/get", sessions(*visits))
    plaid.on("/item/public_token/exchange", {"access_token": "a", "item_id": "i"})
    assert adapter.finish(adapter.begin(request()).state, answer={}).status == "connected"
    assert plaid.calls("/item/public_token/exchange") == [{"public_token": "public-sandbox-2"}]


def test_a_page_left_open_too_long_has_failed(plaid: WirePlaid, adapter: PlaidAdapter) -> None:
    plaid.on("/link/token/create", link_token(expiration="2020-01-01T00:00:00Z"))
    plaid.on("/link/token/get", sessions())
    outcome = adapter.finish(adapter.begin(request()).state, answer={})
    assert (outcome.status, type(outcome.error)) == ("failed", LinkExpired)


def test_an_approval_that_was_used_up_has_failed(plaid: WirePlaid, adapter: PlaidAdapter) -> None:
    plaid.on("/link/token/create", link_token())
    plaid.on("/link/token/get", sessions(approved()))
    plaid.on("/item/public_token/exchange", failure("INVALID_PUBLIC_TOKEN", error_type="INVALID_INPUT"))
    outcome = adapter.finish(adapter.begin(request()).state, answer={})
    assert (outcome.status, type(outcome.error)) == ("failed", LinkExpired)


@pytest.mark.parametrize(
    ("visit", "status"),
    [
        (session(finished_at="2026-01-01T00:01:00Z"), "connected"),
        (approved(), "connected"),
        (session(), "waiting"),
        (left(), "cancelled"),
    ],
)
def test_an_update_keeps_the_token_and_exchanges_nothing(
    plaid: WirePlaid, adapter: PlaidAdapter, visit: dict[str, Any], status: str
) -> None:
    plaid.on("/link/token/create", link_token())
    plaid.on("/link/token/get", sessions(visit))
    outcome = adapter.finish(adapter.update(TOKEN, request()).state, answer={})
    assert (outcome.status, outcome.secret) == (status, "")
    assert plaid.calls("/item/public_token/exchange") == []


@pytest.mark.parametrize(
    ("kinds", "filters"),
    [
        (("cards",), {"credit": {"account_subtypes": ["all"]}}),
        (
            ("savings", "loans"),
            {
                "depository": {"account_subtypes": ["savings", "money market", "cd", "hsa"]},
                "loan": {"account_subtypes": ["student"]},
            },
        ),
        ((), None),
    ],
)
def test_kinds_of_account_are_asked_for_by_their_subtypes(
    plaid: WirePlaid, adapter: PlaidAdapter, kinds: tuple[AccountKind, ...], filters: dict[str, Any] | None
) -> None:
    plaid.on("/link/token/create", link_token())
    adapter.begin(request(account_kinds=kinds))
    adapter.update(TOKEN, request(account_kinds=kinds))
    assert [call.get("account_filters") for call in plaid.calls("/link/token/create")] == [filters, filters]


def test_current_and_savings_accounts_are_of_one_type(plaid: WirePlaid, adapter: PlaidAdapter) -> None:
    plaid.on("/link/token/create", link_token())
    adapter.begin(request(account_kinds=("current", "savings")))
    (call,) = plaid.calls("/link/token/create")
    assert list(call["account_filters"]) == ["depository"]
    assert {"checking", "savings"} < set(call["account_filters"]["depository"]["account_subtypes"])


def test_a_kind_that_plaid_has_no_filter_for_is_refused(plaid: WirePlaid, adapter: PlaidAdapter) -> None:
    for kind in parse.CAPABILITIES.account_kinds:
        plaid.on("/link/token/create", link_token())
        adapter.begin(request(account_kinds=(kind,)))
    with pytest.raises(NotSupported, match="kinds of account"):
        adapter.update(TOKEN, request(account_kinds=("securities",)))
