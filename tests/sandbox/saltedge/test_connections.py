"""Connections at the simulator: what it tells by itself, consents, refreshes that are refused, marks of duplicates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from providers.base import HostedPage
from providers.errors import WebhookRefused
from providers.saltedge.adapter import SaltEdgeAdapter
from sandbox.conditions import faults
from tests.sandbox.saltedge.conftest import Caller, Visitor, request

Told = list[tuple[str, bytes, dict[str, str]]]
Connect = Callable[..., str]
Later = Callable[..., None]


@pytest.fixture
def salt(salt: Caller, connect: Connect) -> Caller:
    """Over the running sandbox's database."""
    return salt


def heard(told: Told) -> list[tuple[str, dict[str, Any]]]:
    return [(url.rpartition("/")[2], msgspec.json.decode(body)["data"]) for url, body, _ in told]


def test_a_connection_made_tells_of_each_part_with_the_caller_s_words(told: Told, connect: Connect) -> None:
    number = connect("quiet_bank_nl")
    assert [(kind, data["stage"]) for kind, data in heard(told)] == [
        ("success", "fetch_accounts"),
        ("success", "fetch_recent"),
        ("success", "finish"),
    ]
    assert {data["connection_id"] for _, data in heard(told)} == {number}
    assert heard(told)[0][1]["custom_fields"] == {"link": "abc"}


def test_what_it_tells_is_proven_to_the_proxy(told: Told, adapter: SaltEdgeAdapter, connect: Connect) -> None:
    number = connect("quiet_bank_nl")
    found = [event for url, body, headers in told for event in adapter.webhook(headers, body, url=url)]
    assert [(event.provider_reference, event.kind) for event in found] == [(number, "transactions_available")]


def test_a_failed_sign_in_and_an_ended_connection_are_told(
    told: Told, adapter: SaltEdgeAdapter, connect: Connect, visit: Callable[[HostedPage], Visitor]
) -> None:
    visitor = visit(adapter.begin(request("quiet_bank_nl")))
    visitor.do("sign_in", user="ada", password="wrong")
    visitor.do("cancel")
    kind, data = heard(told)[-1]
    assert (kind, data["error_class"]) == ("failure", "InvalidCredentials")
    adapter.revoke(connect("quiet_bank_nl", state="other"))
    assert heard(told)[-1][0] == "destroy"


def test_a_bank_is_read_by_itself_once_a_day(told: Told, connect: Connect, later: Later) -> None:
    connect("quiet_bank_nl")
    told.clear()
    later(hours=23)
    assert told == []
    later(hours=2)
    assert [data["stage"] for _, data in heard(told)] == ["fetch_accounts", "fetch_recent", "finish"]


def test_a_consent_that_ended_fails_the_reading_by_itself(told: Told, connect: Connect, later: Later) -> None:
    connect("short_consent_bank_nl")
    told.clear()
    later(days=6)
    (kind, data), *_ = heard(told)
    assert (kind, data["error_class"]) == ("failure", "AispConsentExpired")


def test_a_refresh_too_early_says_when(salt: Caller, connect: Connect, later: Later) -> None:
    number = connect("too_early_bank_nl")
    answer = salt.ask("POST", f"/connections/{number}/refresh", data={})
    assert (answer.status, answer.body["error"]["class"]) == (406, "ConnectionCannotBeRefreshed")
    known = salt("GET", f"/connections/{number}")["data"]
    assert answer.body["next_refresh_possible_at"] == known["next_refresh_possible_at"] is not None
    later(minutes=61)
    told = salt("POST", f"/connections/{number}/background_refresh", attempt={})["data"]
    assert told["last_attempt"]["user_present"] is False


def test_while_a_bank_is_read_nobody_knows_when_it_may_be_read_next(
    salt: Caller, connect: Connect, later: Later
) -> None:
    number = connect("long_reading_bank_nl")
    known = salt("GET", f"/connections/{number}")["data"]
    assert known["next_refresh_possible_at"] is None
    assert known["last_attempt"]["success_at"] is None
    assert salt.error("POST", f"/connections/{number}/refresh", attempt={})[1] == "ConnectionAlreadyProcessing"
    later(seconds=9)
    assert salt("GET", f"/connections/{number}")["data"]["last_attempt"]["last_stage"]["name"] == "finish"


def test_a_bank_that_wants_its_holder_opens_the_widget(salt: Caller, connect: Connect) -> None:
    number = connect("code_each_time_bank_nl")
    told = salt("POST", f"/connections/{number}/refresh", attempt={"return_to": "https://app.example/b"})["data"]
    assert "connect?token=" in told["connect_url"]
    assert salt.error("POST", f"/connections/{number}/background_refresh", attempt={})[0] == 406


def test_a_consent_is_revoked_once(salt: Caller, connect: Connect) -> None:
    number = connect("quiet_bank_nl")
    (consent,) = salt("GET", f"/consents?connection_id={number}")["data"]
    assert (consent["status"], consent["period_days"]) == ("active", 180)
    revoked = salt("PUT", f"/consents/{consent['id']}/revoke")["data"]
    assert (revoked["status"], revoked["revoke_reason"]) == ("revoked", "client")
    assert salt.error("PUT", f"/consents/{consent['id']}/revoke")[1] == "AispConsentAlreadyRevoked"
    assert salt("GET", f"/connections/{number}")["data"]["status"] == "inactive"
    assert salt.error("POST", f"/connections/{number}/refresh", attempt={})[1] == "AispConsentRevoked"
    assert salt("GET", f"/consents/{consent['id']}")["data"]["revoked_at"]
    customer = salt("GET", f"/connections/{number}")["data"]["customer_id"]
    assert len(salt("GET", f"/consents?customer_id={customer}")["data"]) == 1


@pytest.mark.parametrize(("status", "name"), [("disabled", "ConnectionDisabled"), ("inactive", "InvalidCredentials")])
def test_a_connection_may_be_given_up(salt: Caller, connect: Connect, status: str, name: str) -> None:
    number = connect("quiet_bank_nl")
    assert salt("PUT", f"/connections/{number}", status=status)["data"]["status"] == status
    assert salt.error("POST", f"/connections/{number}/refresh", attempt={})[1] == name


def test_a_row_marked_as_a_duplicate_leaves_the_posted_ones(
    salt: Caller, adapter: SaltEdgeAdapter, connect: Connect
) -> None:
    number = connect("quiet_bank_nl")
    (account,) = adapter.accounts(number)
    first = adapter.transactions(number, account.id, position="", first_day=None, limit=500)
    chosen = first.transactions[0].id
    told = salt("PUT", "/transactions", connection_id=number, transaction_ids=[chosen], duplicate=True)
    assert told["data"] == {"duplicated": True, "transaction_ids": [chosen]}
    # Who had read it is told that it is flagged now.
    page = adapter.transactions(number, account.id, position=first.position, first_day=None, limit=500)
    assert (page.transactions, page.has_more) == ((), True)
    page = adapter.transactions(number, account.id, position=page.position, first_day=None, limit=500)
    assert [(row.id, row.is_flagged_duplicate) for row in page.transactions] == [(chosen, True)]
    salt("PUT", "/transactions", connection_id=number, transaction_ids=[chosen], duplicate=False)
    again = adapter.transactions(number, account.id, position="", first_day=None, limit=500)
    assert chosen in {row.id for row in again.transactions}
    body = {"connection_id": number, "duplicate": True}
    assert salt.error("PUT", "/transactions", **body, transaction_ids=["4"])[1] == "TransactionNotFound"
    assert salt.error("PUT", "/transactions", **body, transaction_ids=["4"] * 101)[1] == "BatchSizeLimitExceeded"


def test_a_credit_card_s_balance_may_be_what_was_spent(
    salt: Caller, adapter: SaltEdgeAdapter, connect: Connect
) -> None:
    number = connect("credit_card_bank_nl")
    assert all(each.balance.booked is not None for each in adapter.accounts(number))
    faults.arm(faults.Shape(route="/accounts", name="spent_only"))
    assert all(each.balance.booked is None for each in adapter.accounts(number))


def test_ids_are_texts_of_nineteen_digits_that_ascend(salt: Caller, connect: Connect) -> None:
    number = connect("busy_street_bank_nl", history_days=60)
    (account,) = salt("GET", f"/accounts?connection_id={number}")["data"]
    path = f"/transactions?connection_id={number}&account_id={account['id']}&per_page=1000"
    ids = [row["id"] for row in salt("GET", path)["data"]]
    assert ids == sorted(set(ids))
    assert {len(each) for each in (*ids, number, account["id"])} == {19}
    assert salt.error("GET", path.replace(account["id"], "5"))[1] == "AccountNotFound"
    assert salt.error("GET", path.replace(number, "5"))[1] == "ConnectionNotFound"


@pytest.mark.parametrize(("variant", "accepted"), [("", 1), ("twice", 2)])
def test_a_callback_may_be_sent_by_hand(
    told: Told, adapter: SaltEdgeAdapter, connect: Connect, control: Callable[..., Any], variant: str, accepted: int
) -> None:
    number = connect("quiet_bank_nl")
    told.clear()
    answer = control("POST", "saltedge/notice", kind="success", institution="quiet_bank", variant=variant)
    assert answer.body == {"sent": True}
    keys = [event.key for url, body, headers in told for event in adapter.webhook(headers, body, url=url)]
    assert (len(keys), len(set(keys))) == (accepted, 1)
    assert heard(told)[0][1]["connection_id"] == number
    assert control("POST", "saltedge/notice", kind="success", institution="no_bank").body == {"sent": False}
    assert control("POST", "saltedge/notice", kind="success").status == 400


@pytest.mark.parametrize("variant", ["unsigned", "wrong_key", "other_address", "changed"])
def test_a_spoiled_callback_is_refused(
    told: Told, adapter: SaltEdgeAdapter, connect: Connect, control: Callable[..., Any], variant: str
) -> None:
    connect("quiet_bank_nl")
    told.clear()
    control("POST", "saltedge/notice", kind="success", institution="quiet_bank", variant=variant)
    ((url, body, headers),) = told
    with pytest.raises(WebhookRefused):
        adapter.webhook(headers, body, url=url)


def test_a_nature_that_salt_edge_does_not_know_is_refused(salt: Caller, connect: Connect) -> None:
    number = connect("quiet_bank_nl")
    for natures in (["cards"], "card", [1]):
        error = salt.error("POST", f"/connections/{number}/refresh", attempt={"include_natures": natures})
        assert error == (400, "WrongRequestFormat")


def test_accounts_of_other_natures_come_once_a_reading_asks_for_all(
    salt: Caller, connect: Connect, later: Later
) -> None:
    number = connect("demo_business_bank_nl", account_kinds=("cards",))

    def natures() -> list[str]:
        return [account["nature"] for account in salt("GET", f"/accounts?connection_id={number}")["data"]]

    assert natures() == ["card"]
    assert salt("GET", f"/connections/{number}")["data"]["last_attempt"]["include_natures"][0] == "card"
    later(hours=2)
    salt("POST", f"/connections/{number}/refresh", attempt={"include_natures": ["savings"]})
    # What Salt Edge reads by itself is what was asked for last.
    later(days=2)
    assert sorted(natures()) == ["card", "savings"]
    later(hours=2)
    salt("POST", f"/connections/{number}/refresh", attempt={})
    assert sorted(natures()) == ["account", "account", "card", "savings"]
