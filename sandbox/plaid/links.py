"""Link tokens, and the visits to their pages: opened, signed in, ended with an Item or without one."""

from __future__ import annotations

import datetime as dt

import msgspec
from django.db import transaction

from sandbox.plaid import errors, items, render, tokens
from sandbox.plaid.errors import PlaidError
from sandbox.plaid.models import Item, LinkSession, LinkToken
from sandbox.plaid.requests import LinkTokenCreate
from sandbox.world import accounts
from sandbox.world.accounts import Account
from sandbox.world.directory import Institution

TOKEN_LIFE = dt.timedelta(hours=4)
UPDATE_TOKEN_LIFE = dt.timedelta(minutes=30)
# What is told to who visits with a longer name: https://plaid.com/docs/api/link/#link-token-create-request-client-name
LONGEST_NAME = 30
NO_NAME = "This Application"
REFUSED = "wrong"


def create(asked: LinkTokenCreate, *, item: Item | None, now: dt.datetime) -> LinkToken:
    """A link token as asked for; ``item`` is the Item to renew in update mode. Raises ``INVALID_FIELD``."""
    if asked.user is None and not asked.user_id:
        raise errors.missing_fields(["user.client_user_id"])
    if asked.redirect_uri and "?" in asked.redirect_uri:
        raise errors.invalid_field("redirect_uri must not contain a query string")
    if item is None and not asked.products:
        raise errors.invalid_field("products must not be empty unless an access_token is given")
    if item is not None and asked.products:
        raise errors.invalid_field("products must be empty in update mode")
    if asked.institution_id:
        items.institution(asked.institution_id)
    life = UPDATE_TOKEN_LIFE if item else TOKEN_LIFE
    if asked.hosted_link:
        # The token expires with the page's address.
        life = dt.timedelta(seconds=asked.hosted_link.url_lifetime_seconds)
    return LinkToken.objects.create(
        token=tokens.new("link"),
        hosted_id=tokens.new_id(),
        created_at=now,
        expires_at=now + life,
        client_name=asked.client_name if len(asked.client_name) <= LONGEST_NAME else NO_NAME,
        language=asked.language,
        country_codes=asked.country_codes,
        products=asked.products or [],
        webhook=asked.webhook or "",
        redirect_uri=asked.redirect_uri or "",
        completion_redirect_uri=asked.hosted_link.completion_redirect_uri if asked.hosted_link else "",
        institution_id=(asked.institution_id or "").removeprefix(items.PREFIX),
        days_requested=asked.transactions.days_requested if asked.transactions else None,
        item=item,
        account_filters=msgspec.to_builtins(asked.account_filters) if asked.account_filters else {},
        is_account_selection=item is None or bool(asked.update and asked.update.account_selection_enabled),
    )


def find(token: str) -> LinkToken:
    """The link token with this text. Raises ``INVALID_LINK_TOKEN``."""
    found = LinkToken.objects.filter(token=token).first()
    if found is None:
        raise errors.invalid_link_token()
    return found


def visit(link: LinkToken, *, now: dt.datetime) -> LinkSession:
    """The visit that is going on, or a new one: who comes back after leaving begins another."""
    session = link.sessions.filter(finished_at=None).last()
    if session is None:
        bank = link.item.institution_id if link.item else link.institution_id
        session = LinkSession.objects.create(
            link_token=link, session_id=tokens.new_id(), started_at=now, institution_id=bank
        )
    return session


def choose(session: LinkSession, bank: Institution) -> None:
    """The visitor chooses a bank."""
    session.institution_id = bank.id
    session.save(update_fields=["institution_id"])


def sign_in(session: LinkSession, *, password: str, now: dt.datetime) -> PlaidError | None:
    """The visitor signs in: anybody with any password but “wrong”. Nothing of what was typed is kept.

    What the bank has against it is given back, and told should the visitor leave.
    """
    refusal = _refusal(bank_of(session), password)
    if refusal is None and not accounts_of(session):
        refusal = errors.no_accounts()
    session.exit_error = refusal.body(tokens.request_id()) if refusal else None
    session.signed_in_at = None if refusal else now
    session.save(update_fields=["exit_error", "signed_in_at"])
    return refusal


@transaction.atomic
def approve(session: LinkSession, keys: list[str], *, now: dt.datetime) -> None:
    """The visitor lets the accounts of these keys be read: a new Item, or in update mode the old one, repaired."""
    link = session.link_token
    item = link.item
    if item is None:
        item = items.create(
            bank_of(session),
            keys,
            now=now,
            days=link.days_requested,
            products=link.products,
            webhook=link.webhook,
        )
    else:
        items.repair(item, now=now)
        if link.is_account_selection:
            items.tick(item, keys, now=now)
    session.public_token = items.public_token(item, now=now)
    session.finished_at = now
    session.save(update_fields=["public_token", "finished_at"])


def leave(session: LinkSession, *, now: dt.datetime) -> None:
    """The visitor leaves without an Item."""
    session.finished_at = now
    session.save(update_fields=["finished_at"])


def bank_of(session: LinkSession) -> Institution:
    """The bank chosen in a visit. Raises ``INVALID_INSTITUTION`` before one is."""
    return items.institution(items.PREFIX + session.institution_id)


def accounts_of(session: LinkSession) -> tuple[Account, ...]:
    """The accounts that can be ticked in a visit: those that were asked for."""
    found = accounts.accounts_of(session.institution_id)
    wanted = session.link_token.account_filters
    return tuple(account for account in found if _is_wanted(account, wanted)) if wanted else found


def _refusal(bank: Institution, password: str) -> PlaidError | None:
    if bank.scenario.is_down:
        return errors.institution_down()
    return errors.invalid_credentials() if password.strip().lower() == REFUSED else None


def _is_wanted(account: Account, filters: dict[str, dict[str, list[str]]]) -> bool:
    kind, subtype = render.TYPES[account.kind]
    return not {"all", subtype}.isdisjoint(filters.get(kind, {}).get("account_subtypes", []))
