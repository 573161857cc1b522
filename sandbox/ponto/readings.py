"""Readings of the banks: those that Ponto makes by itself, and those that a holder asks for."""

from __future__ import annotations

import datetime as dt
import uuid

from sandbox.ponto import errors, sharing
from sandbox.ponto.models import SharedAccount, Synchronization
from sandbox.world import accounts, readings
from sandbox.world.scenarios import Scenario

UNSETTLED = "accountTransactionsWithUnsettled"
SUBTYPES = frozenset({"accountDetails", "accountTransactions", UNSETTLED})
# Ponto reads by itself at these hours, in UTC.
HOURS = (2, 8, 14, 20)
INVALID = "authorizationInvalid"
DOWN = "financialInstitutionUnavailable"


def begin(row: SharedAccount, subtype: str, *, customer_ip: str, now: dt.datetime) -> Synchronization:
    """A reading that the holder asks for. Raises ``accountRecentlySynchronized``."""
    earlier = list(row.synchronizations.filter(subtype=subtype, problem="").values_list("created_at", flat=True))
    again_at = readings.next_at(_scenario(row), earlier)
    if again_at is not None and now < again_at:
        raise errors.recently_synchronized()
    return Synchronization.objects.create(
        synchronization_id=str(uuid.uuid4()),
        account=row,
        subtype=subtype,
        customer_ip=customer_ip,
        created_at=now,
        problem=problem(row, now=now),
    )


def status(made: Synchronization, *, now: dt.datetime) -> str:
    """``pending``, ``running``, and in the end ``success`` or ``error``."""
    takes = dt.timedelta(seconds=_scenario(made.account).reading_takes)
    if now < made.created_at + takes / 2:
        return "pending"
    if now < made.created_at + takes:
        return "running"
    return "error" if made.problem else "success"


def latest(row: SharedAccount) -> Synchronization | None:
    """The latest reading that was asked for since the permission was last given."""
    return row.synchronizations.filter(created_at__gte=row.authorized_at).last()


def problem(row: SharedAccount, *, now: dt.datetime) -> str:
    """The code of what stands against reading an account now; ``""`` for nothing."""
    scenario = _scenario(row)
    if scenario.is_down:
        return DOWN
    lasts = scenario.sign_in_lasts
    was_renewed = row.authorized_at > row.linked_at
    has_lapsed = lasts is not None and not was_renewed and now >= row.linked_at + dt.timedelta(seconds=lasts)
    return INVALID if row.is_reset or has_lapsed or now >= sharing.ends_at(row) else ""


def is_first_reading(row: SharedAccount, *, now: dt.datetime) -> bool:
    """Whether Ponto is still reading the bank for the first time."""
    return now < row.linked_at + dt.timedelta(seconds=_scenario(row).complete_after)


def synchronized_at(row: SharedAccount, *, now: dt.datetime) -> dt.datetime | None:
    """When the bank was last read; ``None`` before the first time."""
    if is_first_reading(row, now=now):
        return None
    moments = [row.authorized_at]
    asked = [each.created_at for each in row.synchronizations.filter(problem="") if status(each, now=now) == "success"]
    moments += asked[-1:]
    if _scenario(row).is_unattended and not problem(row, now=now):
        moments.append(_last_round(now))
    return max(moments)


def seen_until(row: SharedAccount, *, now: dt.datetime) -> dt.datetime:
    """The moment whose state of the account Ponto shows: that of now, if it may read the bank by itself."""
    if _scenario(row).is_unattended and not problem(row, now=now):
        return now
    return synchronized_at(row, now=now) or row.linked_at


def _last_round(now: dt.datetime) -> dt.datetime:
    today = now.astimezone(dt.UTC).replace(minute=0, second=0, microsecond=0)
    rounds = [today.replace(hour=hour) for hour in HOURS]
    return max((each for each in rounds if each <= now), default=rounds[-1] - dt.timedelta(days=1))


def _scenario(row: SharedAccount) -> Scenario:
    return accounts.account(row.account_key).institution.scenario
