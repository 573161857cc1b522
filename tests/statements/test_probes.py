"""The correctness probes that other bank feeds were measured with: two or three payloads each, and what must be left.

Where a later payload contradicts what is booked, the answer is an item for review, never a silent choice.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import pytest
from django.db import transaction as database

from providers.types import TransactionData
from statements.models import ReviewItem
from statements.services.intake import take_in
from tests.factories import make_account, make_connection, make_journal, make_run, transaction


@dataclass(frozen=True)
class Payload:
    """What one fetch brings. ``reconnected``: through a new connection, whose first fetch tells of everything."""

    posted: tuple[TransactionData, ...] = ()
    removed: tuple[str, ...] = ()
    reconnected: bool = False


@dataclass(frozen=True)
class Probe:
    """Payloads one after the other, then how many lines are left and what waits for a person."""

    payloads: tuple[Payload, ...]
    lines: int
    reviews: tuple[str, ...] = field(default=())


def brings(*posted: TransactionData, removed: tuple[str, ...] = (), reconnected: bool = False) -> Payload:
    return Payload(posted=posted, removed=removed, reconnected=reconnected)


A, TWIN = transaction("a", "-2.80"), transaction("b", "-2.80")
NEXT_DAY = transaction("c", "-2.80", day="2026-01-02")
NO_ID = transaction("", "-2.80")

PROBES = {
    "the same payload twice": Probe((brings(A), brings(A)), lines=1),
    "two genuine twins, other ids, one payload": Probe((brings(A, TWIN),), lines=2),
    "the twin comes later, together with the first": Probe((brings(A), brings(A, TWIN)), lines=2),
    "same amount and payee next day, alone in its payload": Probe((brings(A), brings(NEXT_DAY)), lines=2),
    "same amount and payee next day, both in the payload": Probe((brings(A), brings(A, NEXT_DAY)), lines=2),
    "a new id that begins like a stored one": Probe((brings(A), brings(transaction("ab", "-2.80"))), lines=2),
    "ids changed on reconnection, all else equal": Probe(
        (brings(A), brings(transaction("x", "-2.80"), reconnected=True)), lines=1
    ),
    "ids of twins changed on reconnection": Probe(
        (brings(A, TWIN), brings(transaction("x", "-2.80"), transaction("y", "-2.80"), reconnected=True)), lines=2
    ),
    # Pending never comes this far: what arrives is the posted one, and that the pending id is gone.
    "pending becomes posted under a new id, same amount": Probe(
        (brings(), brings(transaction("p", "-2.80", pending_id="a"), removed=("a",))), lines=1
    ),
    "pending becomes posted with a tip": Probe(
        (brings(), brings(transaction("p", "-3.30", pending_id="a"), removed=("a",))), lines=1
    ),
    "same id, amount corrected": Probe((brings(A), brings(transaction("a", "-2.90"))), lines=1, reviews=("changed",)),
    "same id, booking date moved by two days": Probe(
        (brings(A), brings(transaction("a", "-2.80", day="2026-01-03"))), lines=1, reviews=("changed",)
    ),
    "an older-dated transaction after newer ones": Probe(
        (brings(NEXT_DAY), brings(transaction("late", "-9.00"))), lines=2
    ),
    "one of an older month, after newer months were grouped": Probe(
        (brings(transaction("m", day="2026-03-05")), brings(transaction("late", day="2026-01-05"))), lines=2
    ),
    "two transactions without ids, the payload repeated": Probe((brings(NO_ID, NO_ID), brings(NO_ID, NO_ID)), lines=2),
    "amount within 5 % and a day apart: another purchase": Probe(
        (brings(A), brings(transaction("d", "-2.85", day="2026-01-02"))), lines=2
    ),
    "a posted one withdrawn by the provider": Probe((brings(A), brings(removed=("a",))), lines=1, reviews=("removed",)),
    "the same id twice within one payload": Probe((brings(A, A),), lines=1),
}


@pytest.mark.django_db
@pytest.mark.parametrize("probe", [pytest.param(probe, id=name) for name, probe in PROBES.items()])
def test_the_probe_leaves_what_it_must(probe: Probe) -> None:
    journal = make_journal(account=make_account())
    for payload in probe.payloads:
        if payload.reconnected:
            journal.account = make_account(make_connection(journal.company))
            journal.save()
        with database.atomic():
            take_in(
                journal,
                make_run(),
                transactions=payload.posted,
                removed=payload.removed,
                account=journal.account,
                complete_from=dt.date(2026, 1, 1) if payload.reconnected else None,
            )
    assert journal.lines.count() == probe.lines
    assert tuple(ReviewItem.objects.values_list("kind", flat=True)) == probe.reviews
