"""What becomes of a bank's accounts while somebody is connected to them: one is closed, one gets another name."""

from __future__ import annotations

import datetime as dt

import msgspec

from sandbox.world.accounts import Account, accounts_of
from sandbox.world.scenarios import NEW_NAME


def is_closed(owner: Account, *, linked_at: dt.datetime, now: dt.datetime) -> bool:
    """Whether the account was closed since it was linked: the last one of a bank that closes one."""
    after = owner.institution.scenario.closes_after
    is_last = owner.key == accounts_of(owner.institution.id)[-1].key
    return is_last and _has_passed(after, linked_at=linked_at, now=now)


def as_called(owner: Account, *, linked_at: dt.datetime, now: dt.datetime) -> Account:
    """The account under the name it has now: the first one of a bank that renames one gets another."""
    after = owner.institution.scenario.renames_after
    is_first = owner.key == accounts_of(owner.institution.id)[0].key
    if is_first and _has_passed(after, linked_at=linked_at, now=now):
        return msgspec.structs.replace(owner, name=NEW_NAME)
    return owner


def _has_passed(seconds: int | None, *, linked_at: dt.datetime, now: dt.datetime) -> bool:
    return seconds is not None and now >= linked_at + dt.timedelta(seconds=seconds)
