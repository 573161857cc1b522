"""Routes of an Item's data: its accounts, transactions and state."""

from __future__ import annotations

from typing import Any

from sandbox.plaid import items, render, sync
from sandbox.plaid.requests import (
    AccountsGet,
    AccountsOptions,
    ItemRemove,
    ItemRequest,
    ItemWebhookUpdate,
    TransactionsGet,
    TransactionsSync,
)
from sandbox.plaid.wire import Call, answers


@answers("/accounts/get", AccountsGet)
def accounts_get(call: Call, asked: AccountsGet) -> dict[str, Any]:
    return _accounts(call, asked)


@answers("/accounts/balance/get", AccountsGet)
def accounts_balance_get(call: Call, asked: AccountsGet) -> dict[str, Any]:
    return _accounts(call, asked)


@answers("/transactions/sync", TransactionsSync)
def transactions_sync(call: Call, asked: TransactionsSync) -> dict[str, Any]:
    item = call.item()
    items.check(item, now=call.now)
    return sync.changed(item, asked, now=call.now)


@answers("/transactions/get", TransactionsGet)
def transactions_get(call: Call, asked: TransactionsGet) -> dict[str, Any]:
    item = call.item()
    items.check(item, now=call.now)
    return {**sync.dated(item, asked, now=call.now), "item": _item(call)}


@answers("/transactions/refresh", ItemRequest)
def transactions_refresh(call: Call, asked: ItemRequest) -> dict[str, Any]:
    """Nothing is left to do: the world's news can be read at once."""
    items.check(call.item(), now=call.now)
    return {}


@answers("/item/get", ItemRequest)
def item_get(call: Call, asked: ItemRequest) -> dict[str, Any]:
    item = call.item()
    is_working = items.error(item, now=call.now) is None
    is_read = is_working and items.readiness(item, now=call.now).status != "NOT_READY"
    updates = {
        "last_failed_update": None if is_working else render.moment(call.now),
        "last_successful_update": render.moment(call.now) if is_read else None,
    }
    return {"item": _item(call), "status": {"last_webhook": None, "transactions": updates}}


@answers("/item/remove", ItemRemove)
def item_remove(call: Call, asked: ItemRemove) -> dict[str, Any]:
    items.remove(call.item(), now=call.now)
    return {}


@answers("/item/webhook/update", ItemWebhookUpdate)
def item_webhook_update(call: Call, asked: ItemWebhookUpdate) -> dict[str, Any]:
    item = call.item()
    item.webhook = asked.webhook or ""
    item.save(update_fields=["webhook"])
    return {"item": _item(call)}


@answers("/item/access_token/invalidate", ItemRequest)
def item_access_token_invalidate(call: Call, asked: ItemRequest) -> dict[str, Any]:
    return {"new_access_token": items.new_access_token(call.item())}


def _accounts(call: Call, asked: AccountsGet) -> dict[str, Any]:
    item = call.item()
    items.check(item, now=call.now)
    ticked = items.ticked(item, (asked.options or AccountsOptions()).account_ids)
    return {"accounts": [render.account(row, owner, at=call.now) for row, owner in ticked], "item": _item(call)}


def _item(call: Call) -> dict[str, Any]:
    return render.item(call.item(), now=call.now, request_id=call.request_id)
