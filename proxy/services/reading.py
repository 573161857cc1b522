"""Reading a connection: its secret out of the vault, one call to its provider, the answer in neutral words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TypeVar

import msgspec

from foundation.sealing import SealBroken, seal, unseal
from providers.base import Adapter
from providers.errors import ConnectionGone, PositionLost
from providers.types import (
    AccountData,
    ConnectionData,
    EndUser,
    RefreshData,
    TransactionData,
    TransactionPage,
)
from proxy.models import Client, Grant
from proxy.services import events, vault

T = TypeVar("T")


def connection(client: Client, grant: Grant) -> ConnectionData:
    """The connection as its provider sees it now; a revoked one is told without asking."""
    if grant.status == Grant.Status.REVOKED:
        return ConnectionData(
            reference=grant.reference, provider=grant.provider, institution=grant.institution, status="revoked"
        )
    health = _ask(client, grant, question=lambda provider, secret: provider.health(secret))
    return ConnectionData(
        reference=grant.reference,
        provider=grant.provider,
        institution=grant.institution,
        status="active",
        consent_expires_at=health.consent_expires_at,
        last_success_at=health.last_success_at,
        unattended=health.unattended,
        error=health.error.data() if health.error else None,
        shared_with=health.shared_with,
    )


def accounts(client: Client, grant: Grant) -> tuple[AccountData, ...]:
    """Every account of the connection."""
    return _ask(client, grant, question=lambda provider, secret: provider.accounts(secret))


def refresh(client: Client, grant: Grant, *, user: EndUser | None) -> RefreshData:
    """Has the provider read the bank; ``user`` is who sits there."""
    return _ask(client, grant, question=lambda provider, secret: provider.refresh(secret, user=user))


def transactions(
    client: Client, grant: Grant, *, account: str, position: str, first_day: dt.date | None, limit: int
) -> TransactionPage:
    """One page of posted transactions. The position is the provider's, sealed for this connection and account.

    Raises ``PositionLost`` for a position of another one, or of a key that is gone.
    """
    row = f"position:{grant.reference}:{account}"
    inner = _open_position(position, row=row)
    page = _ask(
        client,
        grant,
        question=lambda provider, secret: provider.transactions(
            secret, account, position=inner, first_day=first_day, limit=limit
        ),
    )
    return msgspec.structs.replace(page, position=seal(page.position, row=row))


def pending(client: Client, grant: Grant, *, account: str) -> tuple[TransactionData, ...]:
    """The account's pending transactions as they stand now."""
    return _ask(client, grant, question=lambda provider, secret: provider.pending(secret, account))


def revoke(client: Client, grant: Grant) -> None:
    """Ends the connection at its provider, then destroys the secret. One that was ended before stays as it is."""
    if grant.status == Grant.Status.REVOKED:
        return
    vault.use(client, grant, question=lambda provider, secret: provider.revoke(secret), even_refused=True)
    vault.forget(grant)
    events.record(client, events.REVOKED, grant=grant)


def _ask(client: Client, grant: Grant, *, question: Callable[[Adapter, str], T]) -> T:
    """One question to the provider. A connection it no longer knows becomes an event, once."""
    try:
        return vault.use(client, grant, question=question)
    except ConnectionGone:
        events.record_once(client, events.GONE, grant=grant)
        raise


def _open_position(position: str, *, row: str) -> str:
    if not position:
        return ""
    try:
        return unseal(position, row=row)
    except SealBroken:
        raise PositionLost() from None
