"""Routes of an Item's data: its accounts, transactions and state."""

from __future__ import annotations

from typing import Any

from sandbox.plaid import items, notices, render, sync
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
    told = sync.changed(item, asked, now=call.now)
    notices.synced(item, now=call.now)
    return told


@answers("/transactions/get", TransactionsGet)
def transactions_get(call: Call, asked: TransactionsGet) -> dict[str, Any]:
    item = call.item()
    items.check(item, now=call.now)
    return {**sync.dated(item, asked, now=call.now), "item": _item(call)}


@answers("/transactions/refresh", ItemRequest)
def transactions_refresh(call: Call, asked: ItemRequest) -> dict[str, Any]:
    """What is new can be read at once, and is told of."""
    item = call.item()
    items.check(item, now=call.now)
    items.refresh(item, now=call.now)
    notices.news(item, now=call.now)
    return {}


@answers("/item/get", ItemRequest)
def item_get(call: Call, asked: ItemRequest) -> dict[str, Any]:
    item = call.item()
    is_working = items.error(item, now=call.now) is None
    is_read = is_working and items.readiness(item, now=call.now).status != "NOT_READY"
    updates = {
        "last_failed_update": None if is_working else render.moment(call.now),
        "last_successful_update": render.moment(items.last_read_at(item, now=call.now)) if is_read else None,
    }
    told = {"sent_at": render.moment(item.told_at), "code_sent": item.told_code} if item.told_at else None
    return {"item": _item(call), "status": {"last_webhook": told, "transactions": updates}}


@answers("/item/remove", ItemRemove)
def item_remove(call: Call, asked: ItemRemove) -> dict[str, Any]:
    items.remove(call.item(), now=call.now)
    return {}


@answers("/item/webhook/update", ItemWebhookUpdate)
def item_webhook_update(call: Call, asked: ItemWebhookUpdate) -> dict[str, Any]:
    item = call.item()
    item.webhook = asked.webhook or ""
    item.save(update_fields=["webhook"])
    notices.tell(item, "ITEM", code="WEBHOOK_UPDATE_ACKNOWLEDGED", now=call.now, new_webhook_url=item.webhook)
    return {"item": _item(call)}


@answers("/item/access_token/invalidate", ItemRequest)
def item_access_token_invalidate(call: Call, asked: ItemRequest) -> dict[str, Any]:
    return {"new_access_token": items.new_access_token(call.item())}


def _accounts(call: Call, asked: AccountsGet) -> dict[str, Any]:
    item = call.item()
    items.check(item, now=call.now)
    ticked = items.ticked(item, (asked.options or AccountsOptions()).account_ids, now=call.now)
    return {"accounts": [render.account(row, owner, at=call.now) for row, owner in ticked], "item": _item(call)}


def _item(call: Call) -> dict[str, Any]:
    return render.item(call.item(), now=call.now, request_id=call.request_id)
