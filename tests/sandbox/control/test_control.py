"""The control routes: the clock, the truth, and what is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from sandbox.world.accounts import accounts_of
from tests.sandbox.conftest import Answer, Caller

Link = Callable[..., dict[str, Any]]
Control = Callable[..., Answer]


def moment(answer: Answer) -> dt.datetime:
    return dt.datetime.fromisoformat(answer.body["now"])


def test_the_clock_moves_and_goes_back(control: Control) -> None:
    before = moment(control("GET", "clock"))
    assert control("POST", "clock", days=2, seconds=5).body["seconds_ahead"] == 172_805
    control("POST", "clock", seconds=-5)
    ahead = moment(control("GET", "clock")) - before
    assert dt.timedelta(days=2) <= ahead < dt.timedelta(days=2, minutes=1)
    assert control("DELETE", "clock").body["seconds_ahead"] == 0


@pytest.mark.parametrize("body", [{"days": "two"}, {"days": 1.5}, {"hours": 1}])
def test_a_move_that_is_none_is_refused_and_moves_nothing(control: Control, body: dict[str, Any]) -> None:
    answer = control("POST", "clock", **body)
    assert answer.status == 400
    assert answer.body["error"]
    assert control("GET", "clock").body["seconds_ahead"] == 0


def test_tomorrow_brings_new_transactions(api: Caller, link: Link, control: Control) -> None:
    item = link("busy_street_bank")
    known = api.read_all(item["access_token"])
    control("POST", "clock", days=3)
    assert api.read_all(item["access_token"], cursor=known.cursor).ids("added")


def test_the_truth_of_an_item_adds_up(link: Link, control: Control) -> None:
    item = link("demo_business_bank", days=200)
    by_id = control("GET", "truth", item_id=item["item_id"]).body
    by_token = control("GET", "truth", access_token=item["access_token"]).body
    assert by_id["accounts"] == by_token["accounts"]
    assert len(by_id["accounts"]) == 4
    for account in by_id["accounts"]:
        total = sum((Decimal(row["amount"]) for row in account["transactions"]), Decimal(account["opening_balance"]))
        assert total == Decimal(account["balance"])
        assert all(row["booking_date"] >= by_id["first_day"] for row in account["transactions"])


@pytest.mark.django_db
def test_the_truth_of_an_institution_is_everything_from_the_first_day(control: Control) -> None:
    whole = control("GET", "truth", institution="ins_demo_business_bank").body["accounts"]
    assert len(whole) == 4
    [one] = control("GET", "truth", institution="demo_business_bank", account="1").body["accounts"]
    assert one == whole[0]
    owner = accounts_of("demo_business_bank")[0]
    assert Decimal(one["opening_balance"]) == Decimal(owner.opening).scaleb(-owner.exponent)


@pytest.mark.parametrize(
    "query",
    [{}, {"institution": "none"}, {"institution": "Demo_Business_Bank"}, {"institution": "quiet_bank", "account": "7"},
     {"item_id": "none"}],
)  # fmt: skip
def test_the_truth_of_nothing_is_not_found(control: Control, query: dict[str, str]) -> None:
    assert control("GET", "truth", **query).status == 404


def test_ids_are_compared_letter_by_letter(link: Link, control: Control) -> None:
    item_id = link("quiet_bank")["item_id"]
    assert control("GET", "truth", item_id=item_id).status == 200
    assert control("GET", "truth", item_id=item_id.swapcase()).status == 404


@pytest.mark.django_db
def test_the_front_page_and_the_health_answer(client: Client) -> None:
    assert b"Late Payments Bank" in client.get("/").content
    assert client.get("/health/live").json()["status"] == "ok"
