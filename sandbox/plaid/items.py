"""Items: made at a bank's page, read by their access token, broken and repaired."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from django.db import transaction

from sandbox.plaid import errors, tokens
from sandbox.plaid.models import Item, ItemAccount, PublicToken
from sandbox.world import accounts, aging, readings
from sandbox.world.accounts import Account
from sandbox.world.directory import Institution, find
from sandbox.world.ledger import last_publishing

PUBLIC_TOKEN_LIFE = dt.timedelta(minutes=30)
DEFAULT_DAYS = 90
# Plaid gives the last month first: https://plaid.com/docs/transactions/#initializing-transactions
INITIAL_DAYS = 30
PREFIX = "ins_"
REFRESHES_KEPT = 50


class Readiness(NamedTuple):
    """How far Plaid has read an Item: its status word, and the first booking date that can be read."""

    status: str
    first: dt.date


def institution(institution_id: str) -> Institution:
    """The bank with this Plaid id. Raises ``INVALID_INSTITUTION``."""
    found = find(institution_id.removeprefix(PREFIX)) if institution_id.startswith(PREFIX) else None
    if found is None:
        raise errors.invalid_institution()
    return found


@transaction.atomic
def create(
    bank: Institution, keys: Iterable[str], *, now: dt.datetime, days: int | None, products: list[str], webhook: str
) -> Item:
    """A new Item with the accounts of these keys."""
    item = Item.objects.create(
        item_id=tokens.new_id(),
        access_token=tokens.new("access"),
        institution_id=bank.id,
        days_requested=days or (DEFAULT_DAYS if "transactions" in products else None),
        products=products,
        webhook=webhook,
        linked_at=now,
    )
    tick(item, keys, now=now)
    return item


@transaction.atomic
def tick(item: Item, keys: Iterable[str], *, now: dt.datetime) -> None:
    """Gives an Item exactly the accounts of these keys. One that it has already keeps its id and its history."""
    wanted = set(keys)
    item.accounts.exclude(account_key__in=wanted).delete()
    for key in wanted.difference(item.accounts.values_list("account_key", flat=True)):
        ItemAccount.objects.create(
            item=item, account_key=key, account_id=tokens.seen_by(item.item_id, key), ticked_at=now
        )


def repair(item: Item, *, now: dt.datetime) -> None:
    """The holder signed in again."""
    item.is_login_reset = False
    item.repaired_at = now
    item.save(update_fields=["is_login_reset", "repaired_at"])


def reset_login(item: Item) -> None:
    """The bank asks for a new sign-in from now on."""
    item.is_login_reset = True
    item.save(update_fields=["is_login_reset"])


def remove(item: Item, *, now: dt.datetime) -> None:
    """The Item ends; its access token is dead."""
    item.removed_at = now
    item.save(update_fields=["removed_at"])


def new_access_token(item: Item) -> str:
    """Another access token in the place of the old one, which is dead."""
    item.access_token = tokens.new("access")
    item.save(update_fields=["access_token"])
    return item.access_token


def public_token(item: Item, *, now: dt.datetime) -> PublicToken:
    """A token to be exchanged within half an hour."""
    return PublicToken.objects.create(item=item, token=tokens.new("public"), expires_at=now + PUBLIC_TOKEN_LIFE)


def exchange(token: str, *, now: dt.datetime) -> Item:
    """The Item of a public token, once. Raises ``INVALID_PUBLIC_TOKEN``."""
    found = PublicToken.objects.select_related("item").filter(token=token).first()
    # SQLite compares text letter by letter, as PostgreSQL does; the claim below is what makes it single use.
    if found is None:
        raise errors.invalid_public_token("could not find matching public token")
    if now >= found.expires_at:
        raise errors.invalid_public_token("provided public token is expired")
    if not PublicToken.objects.filter(pk=found.pk, used_at=None).update(used_at=now):
        raise errors.invalid_public_token("provided public token has already been exchanged")
    return found.item


def consent_ends_at(item: Item) -> dt.datetime | None:
    """When the permission ends; ``None`` for one that does not."""
    days = bank_of(item).scenario.consent_days
    return None if days is None else (item.repaired_at or item.linked_at) + dt.timedelta(days=days)


def refresh(item: Item, *, now: dt.datetime) -> None:
    """The bank is read anew. Raises ``TRANSACTIONS_REFRESH_LIMIT`` when it does not let itself be read so soon."""
    earlier = [dt.datetime.fromtimestamp(seconds, tz=dt.UTC) for seconds in item.refreshes]
    following = readings.next_at(bank_of(item).scenario, [item.linked_at, *earlier])
    if following is not None and now < following:
        raise errors.rate_limit("/transactions/refresh")
    item.refreshes = [*item.refreshes[-REFRESHES_KEPT:], int(now.timestamp())]
    item.save(update_fields=["refreshes"])


def last_read_at(item: Item, *, now: dt.datetime) -> dt.datetime:
    """When Plaid last read the bank: by itself at each publishing, or asked to."""
    reading = dt.timedelta(seconds=bank_of(item).scenario.reading_takes)
    asked = (dt.datetime.fromtimestamp(seconds, tz=dt.UTC) + reading for seconds in item.refreshes)
    return max(moment for moment in (item.linked_at, last_publishing(now), *asked) if moment <= now)


def error(item: Item, *, now: dt.datetime) -> errors.PlaidError | None:
    """What is wrong with an Item now, or ``None``."""
    scenario = bank_of(item).scenario
    if scenario.is_down:
        return errors.institution_down()
    ends = consent_ends_at(item)
    if ends is not None and now >= ends:
        return errors.login_required(reason="OAUTH_CONSENT_EXPIRED")
    lasts = scenario.sign_in_lasts
    has_lapsed = lasts is not None and not item.repaired_at and now >= item.linked_at + dt.timedelta(seconds=lasts)
    return errors.login_required() if item.is_login_reset or has_lapsed else None


def check(item: Item, *, now: dt.datetime) -> None:
    """Raises what is wrong with an Item now, if anything is."""
    wrong = error(item, now=now)
    if wrong is not None:
        raise wrong


def readiness(item: Item, *, now: dt.datetime) -> Readiness:
    """How far an Item can be read; its transactions must have been asked for."""
    scenario = bank_of(item).scenario
    first = first_day(item)
    age = (now - item.linked_at).total_seconds()
    if age < scenario.recent_after:
        return Readiness("NOT_READY", first)
    if age < scenario.complete_after:
        initial = (item.linked_at - dt.timedelta(days=INITIAL_DAYS)).date()
        return Readiness("INITIAL_UPDATE_COMPLETE", max(first, initial))
    return Readiness("HISTORICAL_UPDATE_COMPLETE", first)


def first_day(item: Item) -> dt.date:
    """The first booking date that can ever be read: as far back as was asked for, and as the bank shows."""
    days = item.days_requested or DEFAULT_DAYS
    return (item.linked_at - dt.timedelta(days=min(days, bank_of(item).scenario.history_days or days))).date()


def initialise(item: Item, days: int | None) -> None:
    """Asks for transactions, if nobody has yet: how many days back is decided once and for all."""
    if item.days_requested is None:
        item.days_requested = days or DEFAULT_DAYS
        item.products = [*item.products, "transactions"]
        item.save(update_fields=["days_requested", "products"])


def bank_of(item: Item) -> Institution:
    """The bank an Item is at."""
    return institution(PREFIX + item.institution_id)


def ticked(item: Item, ids: list[str] | None = None, *, now: dt.datetime) -> list[tuple[ItemAccount, Account]]:
    """The accounts of an Item with the world's; those with ``ids`` only. A closed one is no longer among them.

    Raises ``INVALID_ACCOUNT_ID``.
    """
    rows = [(row, accounts.account(row.account_key)) for row in item.accounts.all()]
    found = [
        (row, aging.as_called(owner, linked_at=item.linked_at, now=now))
        for row, owner in rows
        if not aging.is_closed(owner, linked_at=item.linked_at, now=now)
    ]
    if ids is None:
        return found
    if set(ids).difference(row.account_id for row, _ in found):
        raise errors.invalid_account_id()
    return [pair for pair in found if pair[0].account_id in ids]
