"""Plaid's own Python client walks the whole way against the simulator, unchanged, over real HTTP."""

from __future__ import annotations

import json
from typing import Any

import plaid
import pytest
import requests
from plaid.api.plaid_api import PlaidApi
from plaid.model.accounts_balance_get_request import AccountsBalanceGetRequest
from plaid.model.accounts_get_request import AccountsGetRequest
from plaid.model.country_code import CountryCode
from plaid.model.institutions_get_by_id_request import InstitutionsGetByIdRequest
from plaid.model.institutions_get_by_id_request_options import InstitutionsGetByIdRequestOptions
from plaid.model.institutions_get_request import InstitutionsGetRequest
from plaid.model.institutions_search_request import InstitutionsSearchRequest
from plaid.model.item_access_token_invalidate_request import ItemAccessTokenInvalidateRequest
from plaid.model.item_get_request import ItemGetRequest
from plaid.model.item_public_token_exchange_request import ItemPublicTokenExchangeRequest
from plaid.model.item_remove_request import ItemRemoveRequest
from plaid.model.item_webhook_update_request import ItemWebhookUpdateRequest
from plaid.model.link_token_create_hosted_link import LinkTokenCreateHostedLink
from plaid.model.link_token_create_request import LinkTokenCreateRequest
from plaid.model.link_token_create_request_user import LinkTokenCreateRequestUser
from plaid.model.link_token_get_request import LinkTokenGetRequest
from plaid.model.link_token_transactions import LinkTokenTransactions
from plaid.model.products import Products
from plaid.model.sandbox_item_fire_webhook_request import SandboxItemFireWebhookRequest
from plaid.model.sandbox_item_reset_login_request import SandboxItemResetLoginRequest
from plaid.model.sandbox_public_token_create_request import SandboxPublicTokenCreateRequest
from plaid.model.transactions_get_request import TransactionsGetRequest
from plaid.model.transactions_get_request_options import TransactionsGetRequestOptions
from plaid.model.transactions_refresh_request import TransactionsRefreshRequest
from plaid.model.transactions_sync_request import TransactionsSyncRequest
from plaid.model.transactions_sync_request_options import TransactionsSyncRequestOptions
from plaid.model.webhook_verification_key_get_request import WebhookVerificationKeyGetRequest
from pytest_django.live_server_helper import LiveServer

from sandbox.plaid import notices

MUTATION = "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION"
NETHERLANDS = [CountryCode("NL")]


def open_page(official: PlaidApi, **more: Any) -> Any:
    """A link token with a page, for the bank that ``institution_id`` names."""
    return official.link_token_create(
        LinkTokenCreateRequest(
            client_name="Books",
            language="en",
            country_codes=NETHERLANDS,
            user=LinkTokenCreateRequestUser(client_user_id="u-42"),
            hosted_link=LinkTokenCreateHostedLink(
                completion_redirect_uri="https://app.example/back", url_lifetime_seconds=900
            ),
            **more,
        )
    )


def click_through(url: str, *, keys: list[str]) -> str:
    """What a person does on the pages; gives the address the browser is sent back to."""
    with requests.Session() as browser:
        browser.get(url, timeout=10).raise_for_status()
        browser.post(url, {"action": "sign_in", "user": "ada", "password": "x"}, timeout=10).raise_for_status()
        done = browser.post(url, {"action": "approve", "account": keys}, allow_redirects=False, timeout=10)
    return done.headers["Location"]


def linked(official: PlaidApi, bank: str = "ins_quiet_bank") -> str:
    """The access token of a new Item at ``bank``, linked without its pages."""
    made = official.sandbox_public_token_create(
        SandboxPublicTokenCreateRequest(institution_id=bank, initial_products=[Products("transactions")])
    )
    kept = official.item_public_token_exchange(ItemPublicTokenExchangeRequest(public_token=made.public_token))
    return str(kept.access_token)


def code_of(error: plaid.ApiException) -> tuple[int, str, str]:
    body = json.loads(error.body)
    return error.status, body["error_type"], body["error_code"]


def read(official: PlaidApi, token: str, *, count: int) -> list[Any]:
    """Pages to the end as Plaid says to: any mutation starts over from the first cursor."""
    found: list[Any] = []
    cursor, has_more = "", True
    while has_more:
        try:
            page = official.transactions_sync(TransactionsSyncRequest(access_token=token, cursor=cursor, count=count))
        except plaid.ApiException as error:
            assert code_of(error) == (400, "TRANSACTIONS_ERROR", MUTATION)
            found, cursor = [], ""
            continue
        found += page.added
        cursor, has_more = page.next_cursor, page.has_more
    return found


def test_it_walks_the_whole_way(official: PlaidApi, live_server: LiveServer) -> None:
    opened = open_page(
        official,
        institution_id="ins_demo_business_bank",
        products=[Products("transactions")],
        transactions=LinkTokenTransactions(days_requested=30),
    )
    keys = ["demo_business_bank.1", "demo_business_bank.4"]
    assert click_through(opened.hosted_link_url, keys=keys) == "https://app.example/back"

    [session] = official.link_token_get(LinkTokenGetRequest(link_token=opened.link_token)).link_sessions
    [added] = session.results.item_add_results
    exchange = ItemPublicTokenExchangeRequest(public_token=added.public_token)
    token = official.item_public_token_exchange(exchange).access_token

    accounts = official.accounts_get(AccountsGetRequest(access_token=token))
    assert [str(account.type) for account in accounts.accounts] == ["depository", "credit"]
    assert accounts.item.institution_id == "ins_demo_business_bank"
    live = official.accounts_balance_get(AccountsBalanceGetRequest(access_token=token))
    assert [account.balances.current for account in live.accounts] == [
        account.balances.current for account in accounts.accounts
    ]

    fault = {"route": "/transactions/sync", "kind": "mutation", "after": 2}
    requests.post(f"{live_server.url}/control/faults", json=fault, timeout=10).raise_for_status()
    found = read(official, token, count=20)
    assert len({one.transaction_id for one in found}) == len(found) > 40
    [armed] = requests.get(f"{live_server.url}/control/faults", timeout=10).json()["faults"]
    assert (armed["passed"], armed["happened"]) == (2, 1)

    item = official.item_get(ItemGetRequest(access_token=token))
    assert item.item.error is None
    assert item.status.transactions.last_successful_update is not None
    assert official.transactions_refresh(TransactionsRefreshRequest(access_token=token)).request_id
    assert official.item_remove(ItemRemoveRequest(access_token=token)).request_id
    with pytest.raises(plaid.ApiException) as caught:
        official.item_get(ItemGetRequest(access_token=token))
    assert code_of(caught.value) == (400, "ITEM_ERROR", "ITEM_NOT_FOUND")


def test_it_reads_every_kind_of_account_and_transaction(official: PlaidApi) -> None:
    token = linked(official, "ins_many_currencies_bank")
    options = TransactionsSyncRequestOptions(include_original_description=True)
    page = official.transactions_sync(TransactionsSyncRequest(access_token=token, count=60, options=options))
    assert str(page.transactions_update_status) == "HISTORICAL_UPDATE_COMPLETE"
    assert {account.balances.iso_currency_code for account in page.accounts} == {"EUR", "USD", "JPY", "KWD"}
    assert all(one.original_description for one in page.added)
    last, first = max(one.date for one in page.added), min(one.date for one in page.added)
    body = TransactionsGetRequest(
        access_token=token, start_date=first, end_date=last, options=TransactionsGetRequestOptions(count=20, offset=5)
    )
    dated = official.transactions_get(body)
    assert len(dated.transactions) == 20
    assert dated.total_transactions >= 60


def test_it_repairs_an_item_in_update_mode(official: PlaidApi) -> None:
    token = linked(official)
    official.sandbox_item_reset_login(SandboxItemResetLoginRequest(access_token=token))
    broken = official.item_get(ItemGetRequest(access_token=token)).item.error
    assert (str(broken.error_type), broken.error_code) == ("ITEM_ERROR", "ITEM_LOGIN_REQUIRED")
    with pytest.raises(plaid.ApiException) as caught:
        official.accounts_get(AccountsGetRequest(access_token=token))
    assert code_of(caught.value) == (400, "ITEM_ERROR", "ITEM_LOGIN_REQUIRED")
    opened = open_page(official, access_token=token)
    click_through(opened.hosted_link_url, keys=[])
    [session] = official.link_token_get(LinkTokenGetRequest(link_token=opened.link_token)).link_sessions
    assert session.finished_at is not None
    assert len(official.accounts_get(AccountsGetRequest(access_token=token)).accounts) == 1


def test_it_sees_that_a_person_left(official: PlaidApi) -> None:
    opened = open_page(official, institution_id="ins_down_bank", products=[Products("transactions")])
    for fields in ({"action": "sign_in", "user": "ada", "password": "x"}, {"action": "cancel"}):
        requests.post(opened.hosted_link_url, fields, allow_redirects=False, timeout=10)
    [session] = official.link_token_get(LinkTokenGetRequest(link_token=opened.link_token)).link_sessions
    assert session.exit.error.error_code == "INSTITUTION_DOWN"
    opened = open_page(official, institution_id="ins_quiet_bank", products=[Products("transactions")])
    requests.post(opened.hosted_link_url, {"action": "cancel"}, allow_redirects=False, timeout=10)
    [session] = official.link_token_get(LinkTokenGetRequest(link_token=opened.link_token)).link_sessions
    assert session.exit.error is None
    assert session.exit.metadata.status == "requires_credentials"


def test_it_changes_the_webhook_and_the_token_of_an_item(official: PlaidApi) -> None:
    token = linked(official)
    body = ItemWebhookUpdateRequest(access_token=token, webhook="https://proxy.example/hooks/plaid")
    assert official.item_webhook_update(body).item.webhook == "https://proxy.example/hooks/plaid"
    new = official.item_access_token_invalidate(ItemAccessTokenInvalidateRequest(access_token=token))
    assert official.item_get(ItemGetRequest(access_token=new.new_access_token)).item.institution_id == "ins_quiet_bank"


def test_it_reads_the_directory(official: PlaidApi) -> None:
    page = official.institutions_get(InstitutionsGetRequest(count=50, offset=3, country_codes=NETHERLANDS))
    assert len(page.institutions) == 50
    assert page.total > 50
    found = official.institutions_search(InstitutionsSearchRequest(query="busy street", country_codes=NETHERLANDS))
    [bank] = found.institutions
    options = InstitutionsGetByIdRequestOptions(include_optional_metadata=True, include_status=True)
    body = InstitutionsGetByIdRequest(institution_id=bank.institution_id, country_codes=NETHERLANDS, options=options)
    told = official.institutions_get_by_id(body).institution
    assert told.url == "https://www.busy-street-bank.example"
    assert told.status.transactions_updates.status == "HEALTHY"


def test_wrong_keys_are_an_error_it_understands(official: PlaidApi) -> None:
    official.api_client.configuration.api_key["secret"] = "another"
    with pytest.raises(plaid.ApiException) as caught:
        linked(official)
    assert code_of(caught.value) == (400, "INVALID_INPUT", "INVALID_API_KEYS")


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ({"kind": "rate_limit"}, 429, "TRANSACTIONS_SYNC_LIMIT"),
        ({"kind": "status_500"}, 500, "INTERNAL_SERVER_ERROR"),
        ({"kind": "plaid_error", "error_type": "ITEM_ERROR", "error_code": "ITEM_LOCKED"}, 400, "ITEM_LOCKED"),
    ],
)
def test_armed_errors_are_errors_it_understands(
    official: PlaidApi, live_server: LiveServer, fault: dict[str, Any], status: int, code: str
) -> None:
    token = linked(official)
    armed = {"route": "/transactions/sync", **fault}
    requests.post(f"{live_server.url}/control/faults", json=armed, timeout=10).raise_for_status()
    with pytest.raises(plaid.ApiException) as caught:
        official.transactions_sync(TransactionsSyncRequest(access_token=token))
    assert caught.value.status == status
    assert json.loads(caught.value.body)["error_code"] == code
    official.transactions_sync(TransactionsSyncRequest(access_token=token, count=1))


def test_messages_and_the_key_they_are_signed_with(official: PlaidApi) -> None:
    token = linked(official)
    official.item_webhook_update(ItemWebhookUpdateRequest(access_token=token, webhook="http://127.0.0.1:9/webhooks"))
    fired = official.sandbox_item_fire_webhook(
        SandboxItemFireWebhookRequest(access_token=token, webhook_code="SYNC_UPDATES_AVAILABLE")
    )
    assert fired.webhook_fired
    status = official.item_get(ItemGetRequest(access_token=token)).status
    assert status.last_webhook.code_sent == "SYNC_UPDATES_AVAILABLE"
    key = official.webhook_verification_key_get(WebhookVerificationKeyGetRequest(key_id=notices.key_id())).key
    assert (key.alg, key.kid, key.expired_at) == ("ES256", notices.key_id(), None)
