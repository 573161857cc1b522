"""Tries a fetch out: the very code that books, in a transaction that is taken back. So what it says is what happens."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import TypeVar

from django.db import transaction
from django.utils import timezone

from companies.models import User
from connections.models import Account
from providers.types import BalanceData, TransactionData
from statements.models import Journal, SyncRun
from statements.services.intake import Intake, take_in
from statements.staging import Spool

T = TypeVar("T")


def rehearse(
    account: Account,
    journal_for: Callable[[], Journal],
    *,
    transactions: Spool | Iterable[TransactionData],
    bank: BalanceData | None = None,
    complete_from: dt.date | None = None,
    covered_from: dt.date | None = None,
    look: Callable[[Journal, SyncRun, Intake], T],
) -> T:
    """Books the transactions, lets ``look`` see the books as they then are, and takes all of it back.

    ``journal_for`` gives the journal, locked, or makes it; nothing of it stays either. Gives what ``look`` gives.
    """
    with transaction.atomic():
        journal = journal_for()
        run = note_run(account, person=None)
        intake = take_in(
            journal,
            run,
            transactions=transactions,
            bank=bank,
            account=account,
            complete_from=complete_from,
            covered_from=covered_from,
        )
        result = look(journal, run, intake)
        transaction.set_rollback(True)
    return result


def note_run(account: Account, *, person: User | None) -> SyncRun:
    """A run that is over already: what a person looked for and imported is on record like any other fetch."""
    now = timezone.now()
    return SyncRun.objects.create(
        connection=account.connection,
        trigger=SyncRun.Trigger.PERSON,
        person=person,
        state=SyncRun.State.DONE,
        reason="nothing_new",
        finished_at=now,
        lease_until=now,
    )
