"""Which statements the bank's own balance proves: everything up to its day, as far back as was read without a hole.

A balance that agrees proves each period before it that was read whole, since their lines are all that lie between the
known point and that balance. What changes a statement takes its proof away (``balances.rechain``); the next balance
that agrees gives it another one. A balance that differs leaves the proof of periods that were over when they were
proven: what is wrong can only have come after.
"""

from __future__ import annotations

import datetime as dt

from django.db.models import F, Q
from django.utils import timezone

from statements.models import Journal
from statements.periods import DAY, Period
from statements.services import balances, proven


def mark(journal: Journal) -> None:
    """Compares the journal with the last balance the bank gave, and says so on its statements.

    To be called at the end of whatever writes lines or balances, inside its transaction.
    """
    ours = balances.balance_of(journal)
    if journal.bank_balance is None or journal.bank_balance_at is None or ours is None:
        return
    if ours != journal.bank_balance:
        # The period that this proof fell into was still going on.
        journal.statements.filter(proven_on__isnull=False, last_day__gte=F("proven_on")).update(proven_on=None)
        return
    journal.agreed_at = timezone.now()
    journal.save(update_fields=["agreed_at"])
    day = timezone.localdate(journal.bank_balance_at)
    read = _read_up_to(journal, day)
    if read is not None:
        _prove(journal, day, read_from=read.first_day)


def _prove(journal: Journal, day: dt.date, *, read_from: dt.date) -> None:
    whole = Q(first_day__gte=read_from)
    if journal.opening_date is not None and journal.opening_date >= read_from:
        # The books begin within this period: nothing of theirs lies before what was read.
        whole |= Q(first_day__lte=journal.opening_date, last_day__gte=journal.opening_date)
    is_news = Q(proven_on__isnull=True) | Q(last_day__gte=F("proven_on"))
    journal.statements.filter(whole, is_news, first_day__lte=day).update(proven_on=day)


def _read_up_to(journal: Journal, day: dt.date) -> Period | None:
    """The days read without a hole that reach to the day of the balance; a bank's day may end a day after ours."""
    if journal.account is None:
        return None
    ranges = proven.ranges_of(journal.account)
    return next((one for one in ranges if one.first_day <= day <= one.last_day + DAY), None)
