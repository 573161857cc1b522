"""Link: tokens, the pages a person clicks through, and what came of them."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client

from tests.sandbox.conftest import Answer, Caller

BACK = "https://app.example/bank/return?flow=7"
Make = Callable[..., dict[str, Any]]


class Page(HTMLParser):
    """The fields and marks of a page."""

    def __init__(self, response: Any) -> None:
        super().__init__()
        self.fields: list[dict[str, str | None]] = []
        self.roles: set[str] = set()
        self.labels: set[str | None] = set()
        self.feed(response.content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag in ("input", "button"):
            self.fields.append({"tag": tag, **found})
        if tag == "label":
            self.labels.add(found.get("for"))
        self.roles.add(found.get("role") or "")

    @property
    def accounts(self) -> list[str]:
        return [str(field["value"]) for field in self.fields if field.get("name") == "account"]

    @property
    def actions(self) -> set[str | None]:
        return {field.get("value") for field in self.fields if field.get("name") == "action"}


class Visitor:
    """A person at the pages of one link token."""

    def __init__(self, client: Client, token: dict[str, Any]) -> None:
        self._client = client
        self.url = token["hosted_link_url"]

    def see(self) -> Page:
        return Page(self._client.get(self.url))

    def do(self, action: str, **fields: Any) -> Any:
        return self._client.post(self.url, {"action": action, **fields})

    def sign_in(self) -> Page:
        self.do("sign_in", user="ada", password="lovelace")
        return self.see()


@pytest.fixture
def make(api: Caller, db: None) -> Make:
    """A hosted link token: ``make(institution_id="ins_quiet_bank")``."""

    def call(**more: Any) -> dict[str, Any]:
        body = {
            "client_name": "Books",
            "language": "en",
            "country_codes": ["NL"],
            "user": {"client_user_id": "u-42"},
            "products": ["transactions"],
            "hosted_link": {"completion_redirect_uri": BACK},
            **more,
        }
        return api("/link/token/create", **{name: value for name, value in body.items() if value is not None})

    return call


def sessions(api: Caller, token: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api("/link/token/get", link_token=token["link_token"])["link_sessions"]
    return found


def test_a_person_links_a_bank(client: Client, api: Caller, make: Make) -> None:
    token = make(transactions={"days_requested": 60})
    visitor = Visitor(client, token)
    assert "choose" in visitor.see().actions | {field.get("value") for field in visitor.see().fields}
    visitor.do("choose", institution="demo_business_bank")
    page = visitor.sign_in()
    assert len(page.accounts) == 4
    answer = visitor.do("approve", account=page.accounts[:2])
    assert (answer.status_code, answer["Location"]) == (302, BACK)
    [session] = sessions(api, token)
    [added] = session["results"]["item_add_results"]
    assert added["institution"] == {"institution_id": "ins_demo_business_bank", "name": "Demo Business Bank"}
    assert [account["name"] for account in added["accounts"]] == ["Operating account", "Savings account"]
    assert session["finished_at"]
    item = api("/item/public_token/exchange", public_token=added["public_token"])
    seen = api("/accounts/get", access_token=item["access_token"])["accounts"]
    assert [account["account_id"] for account in seen] == [account["id"] for account in added["accounts"]]


def test_the_address_to_go_back_to_carries_no_token(client: Client, make: Make) -> None:
    visitor = Visitor(client, make(institution_id="ins_quiet_bank"))
    answer = visitor.do("approve", account=visitor.sign_in().accounts)
    assert answer["Location"] == BACK


@pytest.mark.parametrize(("user", "password"), [("ada", "wrong"), ("ada", " WRONG "), ("", "x"), ("ada", "")])
def test_a_wrong_sign_in_is_refused(client: Client, make: Make, user: str, password: str) -> None:
    visitor = Visitor(client, make(institution_id="ins_quiet_bank"))
    page = Page(visitor.do("sign_in", user=user, password=password))
    assert "alert" in page.roles
    assert visitor.see().accounts == []


def test_nothing_can_be_approved_without_signing_in(client: Client, api: Caller, make: Make) -> None:
    token = make(institution_id="ins_quiet_bank")
    visitor = Visitor(client, token)
    visitor.see()
    visitor.do("approve", account="quiet_bank.1")
    [session] = sessions(api, token)
    assert session["finished_at"] is None
    assert "results" not in session


@pytest.mark.parametrize("ticked", [[], ["demo_business_bank.1"]])
def test_no_account_or_anothers_is_no_approval(client: Client, api: Caller, make: Make, ticked: list[str]) -> None:
    token = make(institution_id="ins_quiet_bank")
    visitor = Visitor(client, token)
    visitor.sign_in()
    assert "alert" in Page(visitor.do("approve", account=ticked)).roles
    assert sessions(api, token)[0]["finished_at"] is None


def test_leaving_is_an_exit_without_error(client: Client, api: Caller, make: Make) -> None:
    token = make(institution_id="ins_quiet_bank")
    answer = Visitor(client, token).do("cancel")
    assert answer["Location"] == BACK
    [session] = sessions(api, token)
    assert session["exit"]["error"] is None
    assert session["exit"]["metadata"]["status"] == "requires_credentials"
    assert "results" not in session


def test_leaving_after_a_refusal_tells_it(client: Client, api: Caller, make: Make) -> None:
    token = make(institution_id="ins_quiet_bank")
    visitor = Visitor(client, token)
    visitor.do("sign_in", user="ada", password="wrong")
    visitor.do("cancel")
    assert sessions(api, token)[0]["exit"]["error"]["error_code"] == "INVALID_CREDENTIALS"


def test_a_bank_that_is_down_can_only_be_left(client: Client, api: Caller, make: Make) -> None:
    token = make(institution_id="ins_down_bank")
    visitor = Visitor(client, token)
    assert "alert" in Page(visitor.do("sign_in", user="ada", password="x")).roles
    visitor.do("cancel")
    error = sessions(api, token)[0]["exit"]["error"]
    assert (error["error_type"], error["error_code"]) == ("INSTITUTION_ERROR", "INSTITUTION_DOWN")


def test_who_left_can_come_back_in_a_second_session(client: Client, api: Caller, make: Make) -> None:
    token = make(institution_id="ins_quiet_bank")
    visitor = Visitor(client, token)
    visitor.do("cancel")
    visitor.do("approve", account=visitor.sign_in().accounts)
    first, second = sessions(api, token)
    assert "exit" in first
    assert second["results"]["item_add_results"]
    assert [event["event_name"] for event in second["events"]] == ["OPEN", "HANDOFF"]


def test_without_an_address_to_go_back_to_the_visit_ends_on_a_page(client: Client, make: Make) -> None:
    visitor = Visitor(client, make(institution_id="ins_quiet_bank", hosted_link={}))
    answer = visitor.do("approve", account=visitor.sign_in().accounts)
    assert answer["Location"].endswith("/finished")
    assert client.get(answer["Location"]).status_code == 200


def test_an_expired_page_says_so(client: Client, make: Make, control: Callable[..., Answer]) -> None:
    visitor = Visitor(client, make(hosted_link={"url_lifetime_seconds": 60}))
    control("POST", "clock", seconds=59)
    assert client.get(visitor.url).status_code == 200
    control("POST", "clock", seconds=1)
    assert client.get(visitor.url).status_code == 410
    assert visitor.do("choose", institution="quiet_bank").status_code == 410


def test_an_unknown_page_or_bank_is_not_there(client: Client, make: Make) -> None:
    visitor = Visitor(client, make())
    assert client.get(visitor.url[:-1] + "_").status_code == 404
    assert visitor.do("choose", institution="no_such_bank").status_code == 404


def test_pages_have_labels_and_allow_no_script(client: Client, make: Make) -> None:
    url = make(institution_id="ins_quiet_bank")["hosted_link_url"]
    response = client.get(url)
    page = Page(response)
    assert {"user", "password"} <= page.labels
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert b"<script" not in response.content
    assert b"Pretend bank" in response.content


def test_a_public_token_is_good_once_and_half_an_hour(
    client: Client, api: Caller, link: Callable[..., dict[str, Any]], control: Callable[..., Answer]
) -> None:
    def public_token() -> str:
        options = {"institution_id": "ins_quiet_bank", "initial_products": ["transactions"]}
        return str(api("/sandbox/public_token/create", **options)["public_token"])

    used, old = public_token(), public_token()
    api("/item/public_token/exchange", public_token=used)
    refused = (400, "INVALID_INPUT", "INVALID_PUBLIC_TOKEN")
    assert api.error("/item/public_token/exchange", public_token=used) == refused
    assert api.error("/item/public_token/exchange", public_token="public-sandbox-none") == refused
    control("POST", "clock", seconds=1800)
    assert api.error("/item/public_token/exchange", public_token=old) == refused


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"products": None}, "INVALID_FIELD"),
        ({"user": None}, "MISSING_FIELDS"),
        ({"redirect_uri": "https://app.example/back?x=1"}, "INVALID_FIELD"),
        ({"transactions": {"days_requested": 731}}, "INVALID_FIELD"),
        ({"hosted_link": {"url_lifetime_seconds": 1_814_401}}, "INVALID_FIELD"),
        ({"institution_id": "ins_none"}, "INVALID_INSTITUTION"),
        ({"access_token": "access-sandbox-none", "products": None}, "INVALID_ACCESS_TOKEN"),
        ({"nonsense": 1}, "UNKNOWN_FIELDS"),
    ],
)
def test_a_link_token_that_asks_for_nonsense_is_refused(api: Caller, db: None, more: dict[str, Any], code: str) -> None:
    body = {
        "client_name": "Books",
        "language": "en",
        "country_codes": ["NL"],
        "user": {"client_user_id": "u"},
        "products": ["transactions"],
        **more,
    }
    body = {name: value for name, value in body.items() if value is not None}
    assert api.error("/link/token/create", **body)[2] == code


def test_an_unknown_link_token_is_invalid(api: Caller, db: None) -> None:
    assert api.error("/link/token/get", link_token="link-sandbox-none")[2] == "INVALID_LINK_TOKEN"


def test_a_long_client_name_is_not_shown(api: Caller, make: Make) -> None:
    token = make(client_name="A name of more than thirty letters")
    assert api("/link/token/get", link_token=token["link_token"])["metadata"]["client_name"] == "This Application"


def test_without_hosted_link_there_is_no_page(make: Make) -> None:
    assert "hosted_link_url" not in make(hosted_link=None)


class TestUpdateMode:
    """The holder signs in again for an Item there is already."""

    def test_it_repairs_the_sign_in_and_keeps_every_id(
        self, client: Client, api: Caller, link: Callable[..., dict[str, Any]], make: Make
    ) -> None:
        item = link("demo_business_bank")
        token = item["access_token"]
        before = api("/accounts/get", access_token=token)["accounts"]
        api("/sandbox/item/reset_login", access_token=token)
        assert api.error("/transactions/sync", access_token=token) == (400, "ITEM_ERROR", "ITEM_LOGIN_REQUIRED")
        opened = make(access_token=token, products=None)
        visitor = Visitor(client, opened)
        visitor.do("approve", account=visitor.sign_in().accounts)
        assert api("/accounts/get", access_token=token)["accounts"] == before
        [session] = sessions(api, opened)
        assert session["finished_at"]
        assert "exit" not in session

    def test_leaving_it_repairs_nothing(
        self, client: Client, api: Caller, link: Callable[..., dict[str, Any]], make: Make
    ) -> None:
        token = link("quiet_bank")["access_token"]
        api("/sandbox/item/reset_login", access_token=token)
        Visitor(client, make(access_token=token, products=None)).do("cancel")
        assert api.error("/accounts/get", access_token=token)[2] == "ITEM_LOGIN_REQUIRED"

    def test_accounts_can_be_ticked_anew_and_a_new_one_is_read_from_its_beginning(
        self, client: Client, api: Caller, link: Callable[..., dict[str, Any]], make: Make
    ) -> None:
        item = link("demo_business_bank", days=365)
        token = item["access_token"]
        options = {"access_token": token, "products": None, "update": {"account_selection_enabled": True}}
        visitor = Visitor(client, make(**options))
        operating, savings = visitor.sign_in().accounts[:2]
        visitor.do("approve", account=[operating])
        [only] = api("/accounts/get", access_token=token)["accounts"]
        known = api.read_all(token)
        assert {row["account_id"] for row in known.rows("added")} == {only["account_id"]}
        visitor = Visitor(client, make(**options))
        visitor.sign_in()
        visitor.do("approve", account=[operating, savings])
        more = api.read_all(token, cursor=known.cursor)
        new_ids = {row["account_id"] for row in more.rows("added")}
        assert len(new_ids) == 1
        assert only["account_id"] not in new_ids
        assert len(more.rows("added")) > 20
        assert more.rows("removed") == []

    def test_products_are_not_asked_for_again(
        self, api: Caller, link: Callable[..., dict[str, Any]], make: Make
    ) -> None:
        body = {
            "client_name": "Books",
            "language": "en",
            "country_codes": ["NL"],
            "user": {"client_user_id": "u"},
            "products": ["transactions"],
            "access_token": link("quiet_bank")["access_token"],
        }
        assert api.error("/link/token/create", **body)[2] == "INVALID_FIELD"


CARDS = {"credit": {"account_subtypes": ["all"]}}


@pytest.mark.parametrize(
    ("filters", "shown"),
    [
        (CARDS, ["Business credit card"]),
        ({"credit": {"account_subtypes": ["credit card"]}}, ["Business credit card"]),
        ({"depository": {"account_subtypes": ["savings"]}}, ["Savings account"]),
        ({**CARDS, "depository": {"account_subtypes": ["savings"]}}, ["Savings account", "Business credit card"]),
    ],
)
def test_only_accounts_that_are_asked_for_are_shown(
    client: Client, api: Caller, make: Make, filters: dict[str, Any], shown: list[str]
) -> None:
    token = make(institution_id="ins_demo_business_bank", account_filters=filters)
    visitor = Visitor(client, token)
    # What is not shown cannot be ticked either.
    visitor.do("approve", account=[*visitor.sign_in().accounts, "demo_business_bank.1"])
    told = api("/link/token/get", link_token=token["link_token"])
    [added] = told["link_sessions"][0]["results"]["item_add_results"]
    assert [account["name"] for account in added["accounts"]] == shown
    assert told["metadata"]["account_filters"] == filters


def test_who_has_none_of_the_accounts_asked_for_cannot_go_on(client: Client, api: Caller, make: Make) -> None:
    token = make(institution_id="ins_quiet_bank", account_filters=CARDS)
    visitor = Visitor(client, token)
    page = Page(visitor.do("sign_in", user="ada", password="lovelace"))
    assert ("alert" in page.roles, page.accounts) == (True, [])
    visitor.do("cancel")
    [session] = sessions(api, token)
    assert session["exit"]["error"]["error_code"] == "NO_ACCOUNTS"


@pytest.mark.parametrize(
    "filters",
    [
        {"depository": {"account_subtypes": ["chequeing"]}},
        {"credit": {}},
        {"depository": ["checking"]},
        {"loan": {"account_subtypes": "all"}},
        "cards",
    ],
)
def test_a_filter_of_another_shape_is_refused(api: Caller, db: None, filters: Any) -> None:
    status, _, code = api.error(
        "/link/token/create",
        client_name="Books",
        language="en",
        country_codes=["NL"],
        user={"client_user_id": "u-42"},
        products=["transactions"],
        account_filters=filters,
    )
    assert (status, code) == (400, "INVALID_FIELD")
