"""Armed faults: each kind, when it happens, and to whom."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.sandbox.conftest import KEYS, Answer, Caller

SYNC = "/transactions/sync"
Link = Callable[..., dict[str, Any]]
Control = Callable[..., Answer]


@pytest.fixture
def token(link: Link) -> str:
    return str(link("busy_street_bank")["access_token"])


@pytest.fixture
def arm(control: Control) -> Callable[..., None]:
    """Arms a fault for ``/transactions/sync`` if no other route is named."""

    def call(kind: str, **more: Any) -> None:
        answer = control("POST", "faults", **{"route": SYNC, "kind": kind, **more})
        assert answer.status == 200, answer.body

    return call


@pytest.fixture
def sync(client: Client, token: str) -> Callable[[], Any]:
    """One page of the busy street, as it comes."""
    body = {"access_token": token}
    return lambda: client.post(f"/plaid{SYNC}", body, content_type="application/json", headers=KEYS)


Sync = Callable[[], Any]
Arm = Callable[..., None]


def test_status_500_is_plaids_own_error(sync: Sync, arm: Arm) -> None:
    arm("status_500")
    answer = sync()
    assert answer.status_code == 500
    assert json.loads(answer.content)["error_type"] == "API_ERROR"


def test_html_is_a_gateways_page(sync: Sync, arm: Arm) -> None:
    arm("html")
    answer = sync()
    assert (answer.status_code, answer["Content-Type"]) == (502, "text/html")
    assert answer.content.startswith(b"<html>")


def test_broken_json_is_a_success_that_breaks_off(sync: Sync, arm: Arm) -> None:
    arm("broken_json")
    answer = sync()
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.content)


def test_a_late_answer_is_the_right_one(sync: Sync, arm: Arm) -> None:
    arm("slow", seconds=0.05)
    assert json.loads(sync().content)["added"]


def test_rate_limits_and_mutations_have_their_own_errors(api: Caller, token: str, arm: Arm) -> None:
    arm("rate_limit")
    arm("mutation")
    assert api.error(SYNC, access_token=token) == (429, "RATE_LIMIT_EXCEEDED", "TRANSACTIONS_SYNC_LIMIT")
    assert api.error(SYNC, access_token=token)[1:] == (
        "TRANSACTIONS_ERROR",
        "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION",
    )


def test_any_error_can_be_named(api: Caller, token: str, arm: Arm) -> None:
    arm("plaid_error", error_type="ITEM_ERROR", error_code="ITEM_LOCKED", status=409)
    assert api.error(SYNC, access_token=token) == (409, "ITEM_ERROR", "ITEM_LOCKED")


def test_an_amount_that_is_a_word(api: Caller, token: str, arm: Arm) -> None:
    arm("unreadable_amount", word="twelve")
    first, second, *_ = api(SYNC, access_token=token)["added"]
    assert first["amount"] == "twelve"
    assert second["amount"] != "twelve"


@pytest.mark.parametrize(
    ("variant", "codes"),
    [("unknown", ("XQQ", None)), ("unofficial", (None, "XQQ")), ("none", (None, None))],
)
def test_a_currency_there_is_not(
    api: Caller, token: str, arm: Arm, variant: str, codes: tuple[str | None, str | None]
) -> None:
    arm("unknown_currency", variant=variant)
    first = api(SYNC, access_token=token)["added"][0]
    assert (first["iso_currency_code"], first["unofficial_currency_code"]) == codes


def test_an_id_is_removed_that_nobody_knows(api: Caller, token: str, arm: Arm) -> None:
    arm("unknown_removed")
    page = api(SYNC, access_token=token)
    [removed] = page["removed"]
    assert removed["transaction_id"] not in {row["transaction_id"] for row in page["added"]}


def test_a_fault_in_content_waits_for_content(api: Caller, link: Link, arm: Arm, control: Control) -> None:
    arm("unreadable_amount")
    api(SYNC, access_token=link("dormant_bank")["access_token"])
    assert control("GET", "faults").body["faults"][0]["happened"] == 0


def test_after_lets_calls_pass_and_times_counts(sync: Sync, arm: Arm) -> None:
    arm("status_500", after=2, times=2)
    assert [sync().status_code for _ in range(6)] == [200, 200, 500, 500, 200, 200]


def test_no_number_of_times_is_for_ever(sync: Sync, arm: Arm, control: Control) -> None:
    arm("html", times=None)
    assert {sync().status_code for _ in range(5)} == {502}
    control("DELETE", "faults")
    assert sync().status_code == 200


def test_only_the_calls_that_are_meant_are_met(api: Caller, link: Link, arm: Arm) -> None:
    first, second = link("quiet_bank"), link("demo_business_bank")
    account_id = api("/accounts/get", access_token=second["access_token"])["accounts"][0]["account_id"]
    arm("status_500", item_id=first["item_id"])
    arm("status_500", institution_id="ins_late_payments_bank")
    arm("rate_limit", account_id=account_id)
    api(SYNC, access_token=second["access_token"])
    api("/accounts/get", access_token=first["access_token"])
    assert api.error(SYNC, access_token=first["access_token"])[0] == 500
    body = {"access_token": second["access_token"], "options": {"account_id": account_id}}
    assert api.error(SYNC, **body)[0] == 429


def test_ids_and_routes_are_compared_letter_by_letter(api: Caller, link: Link, arm: Arm) -> None:
    item = link("quiet_bank")
    arm("status_500", item_id=item["item_id"].swapcase())
    arm("status_500", route="/Transactions/Sync")
    api(SYNC, access_token=item["access_token"])


def test_a_star_meets_every_route(api: Caller, link: Link, arm: Arm) -> None:
    token = link("quiet_bank")["access_token"]
    arm("status_500", route="*", times=2)
    assert api.error("/item/get", access_token=token)[0] == 500
    assert api.error("/accounts/get", access_token=token)[0] == 500


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body",
    [
        {"route": SYNC, "kind": "nonsense"},
        {"route": SYNC},
        {"kind": "html"},
        {"route": "transactions/sync", "kind": "html"},
        {"route": SYNC, "kind": "html", "times": 0},
        {"route": SYNC, "kind": "html", "after": -1},
        {"route": SYNC, "kind": "html", "seconds": 3},
        {"route": SYNC, "kind": "plaid_error"},
        {"route": SYNC, "kind": "unknown_currency", "variant": "strange"},
    ],
)
def test_a_fault_that_is_none_is_refused_with_its_place(control: Control, body: dict[str, Any]) -> None:
    answer = control("POST", "faults", **body)
    assert answer.status == 400
    assert answer.body["error"]
    assert control("GET", "faults").body["faults"] == []
