"""Which days of an account were read without a hole, and why others were not, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.templatetags.formats import span
from connections.failures import in_words
from connections.models import Account
from statements.models import SyncRun
from statements.periods import DAY, Period
from statements.services import proven


@dataclass(frozen=True)
class Hole:
    """Days that were not read: ``why``, and ``then`` what becomes of it. ``is_lost``: the bank gives them no more."""

    first_day: dt.date
    last_day: dt.date
    why: str
    then: str
    is_lost: bool = False


@dataclass(frozen=True)
class Coverage:
    """``first_day`` to ``last_day`` were read, but for the holes; ``is_current``: up to the last day there can be."""

    first_day: dt.date
    last_day: dt.date
    is_current: bool
    holes: Sequence[Hole]

    def within(self, first_day: dt.date, last_day: dt.date) -> list[Hole]:
        """The holes that lie in a period, or reach into it."""
        return [hole for hole in self.holes if hole.first_day <= last_day and hole.last_day >= first_day]


def coverage_of(
    accounts: Iterable[Account], *, today: dt.date, ranges: Mapping[int, Sequence[Period]] | None = None
) -> dict[int, Coverage]:
    """By account what was read of it; one that was never read is not in it.

    One query, however many accounts, and none where their ``ranges`` are given; another where there are holes.
    """
    known = {account.pk: account for account in accounts}
    ranges = proven.ranges_by_account(known.keys()) if ranges is None else ranges
    failures = _failures(
        known[pk] for pk, found in ranges.items() if len(found) > 1 or not _is_current(known[pk], found, today=today)
    )
    return {
        pk: Coverage(
            first_day=found[0].first_day,
            last_day=min(found[-1].last_day, today),
            is_current=_is_current(known[pk], found, today=today),
            holes=list(_holes(known[pk], found, failures.get(known[pk].connection_id, []), today=today)),
        )
        for pk, found in ranges.items()
    }


def _holes(
    account: Account, ranges: Sequence[Period], failures: Sequence[SyncRun], *, today: dt.date
) -> Iterator[Hole]:
    """Those between what was read, and the days since the last fetch where one is due."""
    for gap in proven.between(ranges):
        reach = proven.covered_from(account, gap.first_day, today=today)
        is_lost = reach is not None and reach > gap.last_day
        then = _lost(account) if is_lost else _refill(account)
        yield Hole(gap.first_day, gap.last_day, _why(gap, failures), then, is_lost=is_lost)
    if not _is_current(account, ranges, today=today):
        tail = Period(ranges[-1].last_day + DAY, today)
        connection = account.connection
        stands = in_words(connection.error_message, connection.error_code) if connection.error_message else ""
        why = stands or _why(tail, failures)
        yield Hole(tail.first_day, tail.last_day, why, _refill(account))


def _is_current(account: Account, ranges: Sequence[Period], *, today: dt.date) -> bool:
    """The day a fetch falls on is read by the next one too: only what lies before it can be missing."""
    return ranges[-1].last_day >= today - DAY or account.is_closed


def _why(days: Period, failures: Sequence[SyncRun]) -> str:
    """The sentence of the last fetch that failed in these days or right after them."""
    for run in failures:
        if days.first_day <= timezone.localdate(run.started_at) <= days.last_day + DAY and run.error_message:
            return in_words(run.error_message, run.error_code)
    return _("Nothing was fetched in these days.")


def _lost(account: Account) -> str:
    days = account.connection.institution.history_days or 0
    return _(
        "The bank gives no more than %(span)s of history, so they cannot be fetched any more: import a file of them."
    ) % {"span": span(days)}


def _refill(account: Account) -> str:
    connection = account.connection
    if not connection.is_live:
        return _("Connect the bank again to read them.")
    return _("The next fetch reads them.") if connection.is_automatic else _("Fetch by hand to read them.")


def _failures(accounts: Iterable[Account]) -> Mapping[int, list[SyncRun]]:
    """The failed runs of their connections, newest first; only of as long as banks give history, and the last ones."""
    connections = {account.connection_id for account in accounts}
    if not connections:
        return {}
    found: dict[int, list[SyncRun]] = {}
    failed = SyncRun.objects.filter(~Q(error_message=""), connection__in=connections, state=SyncRun.State.FAILED)
    for run in failed.order_by("-started_at")[:_RUNS]:
        found.setdefault(run.connection_id, []).append(run)
    return found


_RUNS = 200
