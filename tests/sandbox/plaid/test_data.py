"""An Item's accounts, state and end; the directory of institutions."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.conftest import Answer, Caller

Link = Callable[..., dict[str, Any]]
Control = Callable[..., Answer]
EUROPE = ["NL", "BE"]


def test_accounts_have_balances_types_and_masks(api: Caller, link: Link) -> None:
    told = api("/accounts/get", access_token=link("demo_business_bank")["access_token"])
    kinds = [(account["type"], account["subtype"]) for account in told["accounts"]]
    assert kinds == [
        ("depository", "checking"),
        ("depository", "savings"),
        ("depository", "checking"),
        ("credit", "credit card"),
    ]
    for account in told["accounts"]:
        balances = account["balances"]
        assert isinstance(balances["current"], Decimal)
        assert (balances["iso_currency_code"] is None) != (balances["unofficial_currency_code"] is None)
        assert 2 <= len(account["mask"]) <= 4
    assert told["item"]["institution_name"] == "Demo Business Bank"


def test_what_is_owed_on_a_card_is_positive(api: Caller, link: Link, control: Control) -> None:
    item = link("credit_card_bank")
    truth = control("GET", "truth", item_id=item["item_id"]).body["accounts"]
    told = api("/accounts/get", access_token=item["access_token"])["accounts"]
    for account, true in zip(told, truth, strict=True):
        assert account["balances"]["current"] == -Decimal(true["balance"]) > 0
        assert account["balances"]["available"] < account["balances"]["limit"]


def test_yen_have_no_decimals_and_dinars_three(api: Caller, link: Link) -> None:
    told = api("/accounts/balance/get", access_token=link("many_currencies_bank")["access_token"])["accounts"]
    places = {one["balances"]["iso_currency_code"]: _places(one["balances"]["current"]) for one in told}
    assert places == {"EUR": 2, "USD": 2, "JPY": 0, "KWD": 3}


def _places(amount: Decimal | int) -> int:
    exponent = Decimal(amount).as_tuple().exponent
    assert isinstance(exponent, int)
    return -exponent


def test_accounts_can_be_picked(api: Caller, link: Link) -> None:
    token = link("demo_business_bank")["access_token"]
    wanted = api("/accounts/get", access_token=token)["accounts"][1]["account_id"]
    [told] = api("/accounts/get", access_token=token, options={"account_ids": [wanted]})["accounts"]
    assert told["account_id"] == wanted
    body = {"access_token": token, "options": {"account_ids": [wanted.swapcase()]}}
    assert api.error("/accounts/get", **body)[2] == "INVALID_ACCOUNT_ID"


def test_linking_twice_gives_other_ids_for_everything(api: Caller, link: Link) -> None:
    first, second = link("quiet_bank"), link("quiet_bank")
    assert first["item_id"] != second["item_id"]
    readings = [api.read_all(item["access_token"]) for item in (first, second)]
    assert set(readings[0].ids("added")).isdisjoint(readings[1].ids("added"))
    amounts = [[row["amount"] for row in reading.rows("added")] for reading in readings]
    assert amounts[0] == amounts[1]


def test_an_items_error_shows_without_failing(api: Caller, link: Link) -> None:
    token = link("quiet_bank")["access_token"]
    assert api("/item/get", access_token=token)["item"]["error"] is None
    assert api("/sandbox/item/reset_login", access_token=token)["reset_login"] is True
    told = api("/item/get", access_token=token)
    assert told["item"]["error"]["error_code"] == "ITEM_LOGIN_REQUIRED"
    assert told["status"]["transactions"]["last_failed_update"]
    assert api.error("/accounts/get", access_token=token) == (400, "ITEM_ERROR", "ITEM_LOGIN_REQUIRED")


def test_the_changed_password_is_noticed_after_a_minute(api: Caller, link: Link, control: Control) -> None:
    token = link("password_changed_bank")["access_token"]
    api("/transactions/sync", access_token=token)
    control("POST", "clock", seconds=60)
    assert api.error("/transactions/sync", access_token=token)[2] == "ITEM_LOGIN_REQUIRED"


@pytest.mark.parametrize(
    "route", ["/accounts/get", "/accounts/balance/get", "/transactions/sync", "/transactions/refresh"]
)
def test_a_bank_that_is_down_tells_nothing(api: Caller, link: Link, route: str) -> None:
    token = link("down_bank")["access_token"]
    assert api.error(route, access_token=token) == (400, "INSTITUTION_ERROR", "INSTITUTION_DOWN")


def test_a_removed_item_is_gone(api: Caller, link: Link) -> None:
    token = link("quiet_bank")["access_token"]
    api("/item/remove", access_token=token, reason_code="OTHER")
    for route in ("/item/remove", "/item/get", "/accounts/get", "/transactions/sync"):
        assert api.error(route, access_token=token) == (400, "ITEM_ERROR", "ITEM_NOT_FOUND")


def test_an_invalidated_token_is_dead_and_the_new_one_lives(api: Caller, link: Link) -> None:
    item = link("quiet_bank")
    new = api("/item/access_token/invalidate", access_token=item["access_token"])["new_access_token"]
    assert api.error("/item/get", access_token=item["access_token"])[2] == "INVALID_ACCESS_TOKEN"
    assert api("/item/get", access_token=new)["item"]["item_id"] == item["item_id"]


def test_the_webhook_of_an_item_can_be_changed(api: Caller, link: Link) -> None:
    token = link("quiet_bank")["access_token"]
    told = api("/item/webhook/update", access_token=token, webhook="https://proxy.example/hooks/plaid")
    assert told["item"]["webhook"] == "https://proxy.example/hooks/plaid"
    assert api("/item/webhook/update", access_token=token, webhook=None)["item"]["webhook"] is None


def test_refreshing_answers_at_once(api: Caller, link: Link) -> None:
    assert list(api("/transactions/refresh", access_token=link("quiet_bank")["access_token"])) == ["request_id"]


def test_institutions_are_paged_without_gap_or_overlap(api: Caller, db: None) -> None:
    first = api("/institutions/get", count=100, offset=0, country_codes=EUROPE)
    total = first["total"]
    seen = [
        bank["institution_id"]
        for offset in range(0, total, 100)
        for bank in api("/institutions/get", count=100, offset=offset, country_codes=EUROPE)["institutions"]
    ]
    assert len(seen) == len(set(seen)) == total > 100
    assert api("/institutions/get", count=100, offset=total, country_codes=EUROPE)["institutions"] == []


def test_institutions_can_be_asked_for_by_product(api: Caller, db: None) -> None:
    def total(product: str) -> int:
        options = {"products": [product]}
        return int(api("/institutions/get", count=1, offset=0, country_codes=EUROPE, options=options)["total"])

    assert total("transactions") > 100
    assert total("payment_initiation") == 0


def test_search_finds_ten_at_most_and_an_id_finds_one(api: Caller, db: None) -> None:
    found = api("/institutions/search", query="bank", country_codes=["US"])["institutions"]
    assert len(found) == 10
    [demo] = api("/institutions/search", query="demo business", country_codes=["NL"])["institutions"]
    options = {"include_optional_metadata": True, "include_status": True}
    body = {"institution_id": demo["institution_id"], "country_codes": ["NL"], "options": options}
    told = api("/institutions/get_by_id", **body)["institution"]
    assert told["url"] == "https://www.demo-business-bank.example"
    assert told["status"]["transactions_updates"]["status"] == "HEALTHY"
    down = api("/institutions/get_by_id", **(body | {"institution_id": "ins_down_bank"}))["institution"]
    assert down["status"]["transactions_updates"]["status"] == "DOWN"


@pytest.mark.parametrize("wrong", ["ins_none", "demo_business_bank", "INS_demo_business_bank"])
def test_an_unknown_institution_is_invalid(api: Caller, db: None, wrong: str) -> None:
    body = {"institution_id": wrong, "country_codes": ["NL"]}
    assert api.error("/institutions/get_by_id", **body) == (400, "INVALID_INPUT", "INVALID_INSTITUTION")
