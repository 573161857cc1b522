"""Routes of Link: tokens for its pages, and what came of them."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from sandbox.plaid import items, links, notices, render, visits
from sandbox.plaid.models import Item
from sandbox.plaid.requests import (
    ItemRequest,
    LinkTokenCreate,
    LinkTokenGet,
    PublicTokenExchange,
    SandboxPublicTokenCreate,
)
from sandbox.plaid.wire import Call, answers
from sandbox.world import accounts


@answers("/link/token/create", LinkTokenCreate)
def token_create(call: Call, asked: LinkTokenCreate) -> dict[str, Any]:
    item: Item | None = call.item() if asked.access_token else None
    link = links.create(asked, item=item, now=call.now)
    told: dict[str, Any] = {"link_token": link.token, "expiration": render.moment(link.expires_at)}
    if asked.hosted_link:
        told["hosted_link_url"] = call.base_url + reverse("plaid:hosted", args=[link.hosted_id])
    return told


@answers("/link/token/get", LinkTokenGet)
def token_get(call: Call, asked: LinkTokenGet) -> dict[str, Any]:
    return visits.told(links.find(asked.link_token), request_id=call.request_id)


@answers("/item/public_token/exchange", PublicTokenExchange)
def public_token_exchange(call: Call, asked: PublicTokenExchange) -> dict[str, Any]:
    item = items.exchange(asked.public_token, now=call.now)
    return {"access_token": item.access_token, "item_id": item.item_id}


@answers("/sandbox/public_token/create", SandboxPublicTokenCreate)
def sandbox_public_token_create(call: Call, asked: SandboxPublicTokenCreate) -> dict[str, Any]:
    """An Item without a visit, with all accounts of the bank."""
    bank = items.institution(asked.institution_id)
    options = asked.options
    days = options.transactions.days_requested if options and options.transactions else None
    item = items.create(
        bank,
        [account.key for account in accounts.accounts_of(bank.id)],
        now=call.now,
        days=days,
        products=asked.initial_products,
        webhook=options.webhook if options else "",
    )
    return {"public_token": items.public_token(item, now=call.now).token}


@answers("/sandbox/item/reset_login", ItemRequest)
def sandbox_item_reset_login(call: Call, asked: ItemRequest) -> dict[str, Any]:
    item = call.item()
    items.reset_login(item)
    notices.trouble(item, now=call.now)
    return {"reset_login": True}
