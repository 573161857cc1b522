"""What organizations share: chosen at Ponto's page, renewed at the bank, given back."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from functools import cache

from django.db import transaction

from sandbox.ponto import errors
from sandbox.ponto.models import Authorization, Organization, SharedAccount
from sandbox.world import accounts, aging, directory
from sandbox.world.accounts import Account
from sandbox.world.directory import Institution

# Where Ponto's banks are.
COUNTRIES = frozenset({"AT", "BE", "DE", "ES", "FI", "FR", "IE", "IT", "LU", "NL", "PT"})
CONSENT_DAYS = 180
HISTORY_DAYS = 730
_SPACE = uuid.UUID("8a0f6ed2-5f0c-4be7-9d0c-3d5c2a6d1e57")
# The organization of an integration of one's own, and the banks that it has at Ponto.
OWN_NAME = "own integration"
OWN_BANKS = ("demo_business_bank", "quiet_bank")


def stable_id(*parts: str) -> str:
    """The id that Ponto gives to something of the world."""
    return str(uuid.uuid5(_SPACE, "/".join(parts)))


@cache
def banks() -> dict[str, Institution]:
    """Every bank that Ponto works with, by Ponto's id, in the directory's order."""
    return {stable_id("bank", bank.id): bank for bank in directory.in_countries(COUNTRIES)}


def bank(institution_id: str) -> Institution:
    """Raises ``resourceNotFound``."""
    found = banks().get(institution_id)
    if found is None:
        raise errors.not_found("financialInstitution")
    return found


def organization(name: str) -> Organization:
    """The organization of who signs in under this name."""
    found, _ = Organization.objects.get_or_create(
        name=name, defaults={"organization_id": stable_id("organization", name)}
    )
    return found


@transaction.atomic
def own_integration(*, now: dt.datetime) -> Authorization:
    """The permission of an integration of one's own, with all accounts of its banks."""
    owner = organization(OWN_NAME)
    for bank_id in OWN_BANKS:
        add(owner, [each.key for each in accounts.accounts_of(bank_id)], now=now)
    found = owner.authorizations.filter(revoked_at=None).first()
    return found or Authorization.objects.create(organization=owner, created_at=now)


@transaction.atomic
def share(owner: Organization, keys: Iterable[str], *, approved_at: str, now: dt.datetime) -> None:
    """Shares exactly these accounts; those of the bank where the holder signed in begin anew."""
    wanted = set(keys)
    owner.accounts.exclude(account_key__in=wanted).delete()
    for row in owner.accounts.filter(account_key__startswith=f"{approved_at}."):
        row.linked_at = now
        _approve(row, now=now)
    add(owner, wanted, now=now)


def add(owner: Organization, keys: Iterable[str], *, now: dt.datetime) -> None:
    """Shares these accounts too; one that is shared already stays as it is."""
    for key in sorted(set(keys).difference(owner.accounts.values_list("account_key", flat=True))):
        SharedAccount.objects.create(
            organization=owner,
            account_key=key,
            account_id=_account_id(owner, key, epoch=0),
            linked_at=now,
            authorized_at=now,
        )


def renew(owner: Organization, bank_id: str, *, now: dt.datetime) -> None:
    """The holder approved at a bank again: what is shared of it may be read on."""
    for row in owner.accounts.filter(account_key__startswith=f"{bank_id}."):
        _approve(row, now=now)


def find(owner: Organization, account_id: str) -> SharedAccount:
    """Raises ``resourceNotFound``."""
    found = owner.accounts.filter(account_id=account_id).first()
    if found is None:
        raise errors.not_found("account")
    return found


def of_world(row: SharedAccount, *, now: dt.datetime) -> Account:
    """The world's account behind a shared one, under the name it has now."""
    return aging.as_called(accounts.account(row.account_key), linked_at=row.linked_at, now=now)


def first_day(row: SharedAccount) -> dt.date:
    """The first booking date that can be read."""
    days = accounts.account(row.account_key).institution.scenario.history_days or HISTORY_DAYS
    return (row.linked_at - dt.timedelta(days=days)).date()


def ends_at(row: SharedAccount) -> dt.datetime:
    """When the permission given at the bank ends."""
    days = accounts.account(row.account_key).institution.scenario.consent_days or CONSENT_DAYS
    return row.authorized_at + dt.timedelta(days=days)


@transaction.atomic
def withdraw(owner: Organization, *, now: dt.datetime) -> None:
    """The organization shares nothing any more."""
    owner.accounts.all().delete()
    owner.authorizations.filter(revoked_at=None).update(revoked_at=now)


def _approve(row: SharedAccount, *, now: dt.datetime) -> None:
    row.authorized_at, row.is_reset = now, False
    if accounts.account(row.account_key).institution.scenario.renumbers:
        row.epoch += 1
        row.account_id = _account_id(row.organization, row.account_key, epoch=row.epoch)
    row.save()


def _account_id(owner: Organization, key: str, *, epoch: int) -> str:
    return stable_id("account", owner.organization_id, key, str(epoch))
