"""The accounts of a connection, as the bank shows them."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from connections.models import Account, Connection
from providers.types import AccountData, BalanceData

_WRITTEN = ("name", "official_name", "number", "mask", "currency", "type", "is_closed")


@transaction.atomic
def store(connection: Connection, found: Iterable[AccountData]) -> list[Account]:
    """Keeps what the provider says of each account.

    One that it no longer names, while it names others, is closed at the bank or no longer shared: it stays, marked so,
    until it is named again.
    """
    found = list(found)
    rows = [_row(connection, data) for data in found]
    Account.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["connection", "identifier"], update_fields=list(_WRITTEN)
    )
    if found:
        gone = Account.objects.filter(connection=connection, is_closed=False)
        gone.exclude(identifier__in=[data.id for data in found]).update(is_closed=True)
    stored = {account.identifier: account for account in Account.objects.filter(connection=connection)}
    for data in found:
        note_balance(stored[data.id], data.balance)
    return list(stored.values())


def note_balance(account: Account, balance: BalanceData) -> None:
    """Keeps the balance the bank gave; one that it did not give leaves the last one standing."""
    fresh = {
        name: amount
        for name, amount in (("booked_balance", balance.booked), ("available_balance", balance.available))
        if amount is not None
    }
    if fresh:
        Account.objects.filter(pk=account.pk).update(**fresh, balance_at=balance.at or timezone.now())
        for name, amount in fresh.items():
            setattr(account, name, amount)


def _row(connection: Connection, data: AccountData) -> Account:
    return Account(
        connection=connection,
        identifier=data.id,
        name=data.name or data.official_name or data.mask or data.id,
        official_name=data.official_name,
        number=data.number,
        mask=data.mask,
        currency=data.currency,
        type=data.type,
        is_closed=data.is_closed,
    )
