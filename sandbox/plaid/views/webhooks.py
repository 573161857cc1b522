"""Routes about the messages Plaid sends: the key they are signed with, and one sent on demand."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sandbox.plaid import errors, items, notices, render
from sandbox.plaid.models import Item
from sandbox.plaid.requests import SandboxItemFireWebhook, WebhookVerificationKeyGet
from sandbox.plaid.wire import Call, answers

# What is of transactions; all else is of the Item, but for what its caller calls otherwise.
_OF_TRANSACTIONS = frozenset({"DEFAULT_UPDATE", "RECURRING_TRANSACTIONS_UPDATE", "SYNC_UPDATES_AVAILABLE"})


@answers("/webhook_verification_key/get", WebhookVerificationKeyGet)
def webhook_verification_key_get(call: Call, asked: WebhookVerificationKeyGet) -> dict[str, Any]:
    if asked.key_id != notices.key_id():
        raise errors.unknown_key()
    return {"key": notices.published_key()}


@answers("/sandbox/item/fire_webhook", SandboxItemFireWebhook)
def sandbox_item_fire_webhook(call: Call, asked: SandboxItemFireWebhook) -> dict[str, Any]:
    """The Item becomes what the message says of it."""
    item = call.item()
    if not item.webhook:
        raise errors.no_webhook()
    if asked.webhook_code == "LOGIN_REPAIRED":
        items.repair(item, now=call.now)
    elif asked.webhook_code in ("ERROR", "USER_PERMISSION_REVOKED"):
        items.reset_login(item)
    if asked.webhook_code == "ERROR":
        notices.trouble(item, now=call.now)
    else:
        kind = asked.webhook_type or ("TRANSACTIONS" if asked.webhook_code in _OF_TRANSACTIONS else "ITEM")
        notices.tell(
            item, kind, code=asked.webhook_code, now=call.now, **_fields(asked.webhook_code, item=item, now=call.now)
        )
    return {"webhook_fired": True}


def _fields(code: str, *, item: Item, now: dt.datetime) -> dict[str, Any]:
    match code:
        case "SYNC_UPDATES_AVAILABLE":
            return {"initial_update_complete": True, "historical_update_complete": True}
        case "DEFAULT_UPDATE":
            return {"new_transactions": 3, "error": None}
        case "PENDING_DISCONNECT":
            ends = render.moment(now + notices.WARNED_BEFORE)
            return {"reason": "INSTITUTION_TOKEN_EXPIRATION", "disconnect_time": ends}
        case "USER_ACCOUNT_REVOKED":
            return {"account_id": items.ticked(item, now=now)[0][0].account_id, "error": None}
        case _:
            return {"error": None}
