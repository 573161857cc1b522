"""Reads the pages of one account: for a fetch, and without storing anything to look before something is done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeVar

from django.utils.translation import gettext as _

from connections.models import Account
from connections.services import registrations
from providers.client import ProxyClient
from providers.errors import PagesChanged
from providers.types import BalanceData, TransactionData, TransactionPage
from statements.refusal import Refused

# How often all pages are read again because they changed meanwhile.
RESTARTS = 5
T = TypeVar("T")


def client_of(account: Account | None) -> ProxyClient:
    """The door to the proxy for this account's connection.

    Raises ``Refused`` when there is no live connection, ``FeedError`` when the company cannot talk to the proxy.
    """
    if account is None:
        raise Refused(_("No bank feeds this journal: connect the bank first."))
    if not account.connection.is_live:
        raise Refused(_("This needs a live connection, and the one of this journal does not work. Reconnect it first."))
    return registrations.client_for(account.connection.company)


def pages(
    client: ProxyClient, account: Account, *, position: str = "", first_day: dt.date | None
) -> Iterator[TransactionPage]:
    """Every page of posted transactions from a position on (``""``: from the beginning), asked for as it is needed.

    No transaction of the database may be open. Raises ``FeedError``; ``PagesChanged`` when all must be read again.
    """
    has_more = True
    while has_more:
        page = client.transactions(
            account.connection.reference or "", account.identifier, position=position, first_day=first_day
        )
        yield page
        position, has_more = page.position, page.has_more


def kept_changing() -> PagesChanged:
    """The failure after the last try to read pages that changed meanwhile each time."""
    return PagesChanged(_("The bank's transactions kept changing while they were read."))


def posted(
    client: ProxyClient,
    account: Account,
    *,
    first_day: dt.date | None,
    into: Callable[[], T],
    add: Callable[[T, TransactionPage], None],
) -> tuple[T, BalanceData | None]:
    """All posted transactions of an account, page by page, and the balance that came with them.

    ``into`` makes what the pages are gathered in, anew each time the pages changed while they were read; ``add`` puts
    one page into it. No transaction of the database may be open. Raises ``FeedError``.
    """
    for _attempt in range(RESTARTS):
        gathered = into()
        try:
            return gathered, _read(client, account, first_day=first_day, add=partial(add, gathered))
        except PagesChanged:
            continue
    raise kept_changing()


def posted_since(
    client: ProxyClient, account: Account, *, since: dt.date, told: Callable[[int], None] | None = None
) -> tuple[list[TransactionData], BalanceData | None]:
    """Posted transactions booked on a day or after it, and the balance that came with them. Raises ``FeedError``.

    ``told`` hears after each page how many there are so far.
    """

    def add(found: list[TransactionData], page: TransactionPage) -> None:
        found.extend(one for one in page.transactions if one.booking_date >= since)
        if told is not None:
            told(len(found))

    return posted(client, account, first_day=since, into=list, add=add)


def _read(
    client: ProxyClient, account: Account, *, first_day: dt.date | None, add: Callable[[TransactionPage], None]
) -> BalanceData | None:
    balance = None
    for page in pages(client, account, first_day=first_day):
        add(page)
        balance = page.balance or balance
    return balance
