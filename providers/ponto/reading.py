"""Reading an account: when Ponto may be asked to read the bank, and where a list of transactions is left.

Ponto keeps no cursor. Transactions come newest first and are read again over some days at each fetch, since late ones
appear with earlier dates and what was blank may be filled in.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import logging
import time
from collections.abc import Iterable, Iterator
from typing import Any, Self

import msgspec
from msgspec import Struct

from providers.decoding import decode
from providers.errors import ConsentExpired, FeedError
from providers.ponto import errors, link, parse
from providers.ponto.api import PontoApi
from providers.types import EndUser, RefreshData, TransactionData

log = logging.getLogger(__name__)

# One synchronization is about one thing: what stands on the account, or what moved, posted and not.
SUBTYPES = ("accountDetails", "accountTransactionsWithUnsettled")
# What was read from the bank so lately is not asked of it again.
FRESH = dt.timedelta(minutes=2)
# Seconds between two looks at synchronizations. Ponto tells nobody but its webhooks that one has ended.
PAUSES = (0.0, 0.5, 1.0, 1.5, 2.0)
# How far behind the newest day of the fetch before it is read again.
OVERLAP = dt.timedelta(days=14)
# An account's id and one of its synchronizations.
Of = tuple[str, parse.Synchronization]


class Position(Struct, frozen=True, omit_defaults=True):
    """Where the reading of a list is: at the page ``next``, or done (``""``) as far back as ``first``.

    ``newest`` is the newest day of all that was read, ``floor`` the day behind which this reading need not go.
    ``synced`` names the synchronization whose changes were told last.
    """

    next: str = ""
    newest: dt.date | None = None
    first: dt.date | None = None
    is_complete: bool = False
    floor: dt.date | None = None
    synced: str = ""

    def dump(self) -> str:
        return msgspec.json.encode(self).decode()

    @classmethod
    def load(cls, text: str) -> Self:
        return msgspec.json.decode(text, type=cls) if text else cls()

    def starting(self, first_day: dt.date | None) -> Self:
        """In the middle of a list as it is; at its beginning with the day that it must be read back to."""
        if self.next:
            return self
        # Without a bound the reading goes to the end; a bound that moved back needs what lies before it too.
        reaches = self.first is None or (first_day is not None and first_day >= self.first)
        since = self.newest if self.is_complete and reaches else first_day
        return msgspec.structs.replace(
            self,
            is_complete=False,
            first=self.first if self.is_complete and reaches else first_day,
            floor=since - OVERLAP if since else None,
        )

    def after(self, rows: Iterable[TransactionData], *, next_path: str, today: dt.date) -> Self:
        """Behind a page. Rows come newest first, though nobody promises it: it takes a whole page before the floor."""
        days = [row.booking_date for row in rows]
        newest = max([day for day in (self.newest, *days) if day is not None and day <= today], default=None)
        is_behind = self.floor is not None and bool(days) and max(days) < self.floor
        if next_path and not is_behind:
            return msgspec.structs.replace(self, next=next_path, newest=newest)
        return msgspec.structs.replace(self, next="", newest=newest, floor=None, is_complete=newest is not None)


def refresh(api: PontoApi, own: list[parse.Account], *, token: str, user: EndUser | None) -> RefreshData:
    """Has Ponto read the bank if somebody is there, and tells how the reading of these accounts stands.

    Raises what stands against reading any of them; one that can be read is enough.
    """
    now = dt.datetime.now(dt.UTC)
    if any(each.latest.is_unfinished for each in own):
        return RefreshData(status="working", retry_at=now + errors.READY_PAUSE)
    failures = {each.id: failure(each) for each in own}
    if user is not None:
        asked = [each for each in own if not _is_fresh(each, now)]
        ended = _follow(api, list(_begun(api, asked, token=token, ip=_address(user))), token=token)
        if any(each.is_unfinished for _, each in ended):
            return RefreshData(status="working", retry_at=now + errors.READY_PAUSE)
        failures |= {each.id: None for each in asked}
        failures |= {account: errors.from_synchronization(each.errors) for account, each in ended if each.has_failed}
    problems = [error for error in failures.values() if error is not None]
    if problems and len(problems) == len(own):
        raise problems[0]
    if problems:
        log.warning("%s of %s accounts could not be read: %s", len(problems), len(own), problems[0])
    return RefreshData(status="ready")


def failure(account: parse.Account) -> FeedError | None:
    """What stands against reading an account: its permission is over, or the latest reading has failed."""
    ends = account.attributes.authorization_expiration_expected_at
    if account.latest.has_failed:
        return errors.from_synchronization(account.latest.errors)
    if ends is not None and ends <= dt.datetime.now(dt.UTC):
        return ConsentExpired("The permission given at the bank has ended: update the credentials.")
    return None


def _is_fresh(account: parse.Account, now: dt.datetime) -> bool:
    """Whether the latest reading has just ended, well or badly."""
    moments = (account.synchronized_at, account.latest.attributes.updatedAt)
    return any(moment is not None and moment > now - FRESH for moment in moments)


def _begun(api: PontoApi, own: list[parse.Account], *, token: str, ip: str) -> Iterator[Of]:
    """Synchronizations begun for these accounts, but for what was synchronized a moment ago."""
    for account in own:
        for subtype in SUBTYPES:
            attributes = {
                "resourceType": "account",
                "resourceId": account.id,
                "subtype": subtype,
                "customerIpAddress": ip,
            }
            body: dict[str, Any] = {"data": {"type": "synchronization", "attributes": attributes}}
            try:
                made = api.create("/synchronizations", body, kind=link.Created, token=token)
            except FeedError as error:
                if not errors.is_recently_synchronized(error):
                    raise
                log.info("not synchronized: %s", error)
                continue
            begun = parse.Synchronization(made.data.id, parse.SynchronizationAttributes(status="pending"))
            yield account.id, begun


def _follow(api: PontoApi, begun: list[Of], *, token: str) -> list[Of]:
    """Looks at synchronizations until all have ended, or for as long as an answer may take."""
    for pause in PAUSES:
        if not any(each.is_unfinished for _, each in begun):
            break
        time.sleep(pause)
        begun = [
            (account, _looked_at(api, each, token=token) if each.is_unfinished else each) for account, each in begun
        ]
    return begun


def _looked_at(api: PontoApi, synchronization: parse.Synchronization, *, token: str) -> parse.Synchronization:
    one = api.get(f"/synchronizations/{synchronization.id}", parse.One, token=token)
    return decode(one.data, parse.Synchronization, sender=parse.TITLE, within="$.data")


def _address(user: EndUser) -> str:
    """The person's address as Ponto takes it: an IPv4 address that came in the clothes of IPv6 is one."""
    address = ipaddress.ip_address(user.ip)
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)
