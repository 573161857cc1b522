"""Which days have been read without a hole, and from which day the next fetch reads.

A day is proven when a fetch that asked for it was stored whole; the range moves in the very commit that stores the
lines. What lies between two proven ranges is a gap (an outage longer than the bank keeps its history); the next fetch
asks from before it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from django.db.models import BigAutoField, QuerySet

from connections.models import Account
from foundation.prepared import Given, Prepared
from statements.models import Journal, ProvenDays
from statements.periods import DAY, Period

# Banks tell of some transactions days late, with an earlier booking date.
OVERLAP = dt.timedelta(days=10)


def first_day_to_read(account: Account, *, today: dt.date) -> dt.date | None:
    """The day from which the next fetch must ask; None asks for all the provider has.

    A first fetch begins at the journal's first day. Later ones look back over the overlap, or to before a gap.
    """
    journal = Journal.objects.get(account=account)
    ranges = ranges_of(account)
    if not ranges:
        return journal.first_day
    proven_to = gaps_of(account)[0].first_day - DAY if len(ranges) > 1 else ranges[-1].last_day
    back = min(proven_to, today) - OVERLAP
    return max(back, journal.first_day) if journal.first_day else back


def note(account: Account, *, first_day: dt.date | None, last_day: dt.date) -> None:
    """Joins a range of days that was read whole to those proven before. ``first_day`` None: since the beginning.

    Must be called in the transaction that stores the lines. A bank that gives less history than was asked for proves
    only the days it gives.
    """
    first_day = covered_from(account, first_day, today=last_day) or last_day
    merged = Period(first_day, last_day)
    touching = [
        one for one in ranges_of(account) if one.first_day <= last_day + DAY and one.last_day >= first_day - DAY
    ]
    for one in touching:
        merged = Period(min(merged.first_day, one.first_day), max(merged.last_day, one.last_day))
    if touching == [merged]:
        return
    ProvenDays.objects.filter(account=account, first_day__in=[one.first_day for one in touching]).delete()
    ProvenDays.objects.create(account=account, first_day=merged.first_day, last_day=merged.last_day)


def gaps_of(account: Account) -> list[Period]:
    """The days between proven ranges, earliest first."""
    return between(ranges_of(account))


def between(ranges: Sequence[Period]) -> list[Period]:
    """The days between these ranges, earliest first."""
    return [
        Period(before.last_day + DAY, after.first_day - DAY) for before, after in zip(ranges, ranges[1:], strict=False)
    ]


def ranges_of(account: Account) -> list[Period]:
    """The days that were read without a hole, earliest first."""
    return ranges_by_account([account.pk]).get(account.pk, [])


def ranges_by_account(account_ids: Collection[int]) -> dict[int, list[Period]]:
    """The same of several accounts, in one query."""
    if len(account_ids) == 1:
        rows = _of_one(account=next(iter(account_ids)))
    else:
        rows = list(_days().filter(account__in=account_ids))
    found: dict[int, list[Period]] = {}
    for account_id, first_day, last_day in rows:
        found.setdefault(account_id, []).append(Period(first_day, last_day))
    return found


def _days() -> QuerySet[ProvenDays, tuple[int, dt.date, dt.date]]:
    return ProvenDays.objects.order_by("first_day").values_list("account_id", "first_day", "last_day")


# Every page of a journal and of a statement asks it.
_of_one = Prepared(lambda: _days().filter(account=Given("account", BigAutoField())))


def covered_from(account: Account, first_day: dt.date | None, *, today: dt.date) -> dt.date | None:
    """The first day that a fetch asking from ``first_day`` (None: all) can have told of; None where nobody says."""
    days = account.connection.institution.history_days
    earliest = today - dt.timedelta(days=days) if days else None
    candidates = [day for day in (first_day, earliest) if day]
    return max(candidates, default=None)
