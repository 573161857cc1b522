"""What a fetch would do, before it is done: first link, relink, or reading from another day on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Max, Min
from django.utils import timezone
from django.utils.translation import gettext as _

from connections.models import Account
from providers.types import TransactionPage
from statements.models import Journal, ReviewItem, Statement, StatementLine, SyncRun
from statements.refusal import Refused
from statements.services import lines, linking, proven, reading
from statements.services.intake import Intake
from statements.services.linking import Choice
from statements.services.rehearsal import rehearse
from statements.staging import Spool

Kind = ReviewItem.Kind


@dataclass(frozen=True)
class Preview:
    """What would become of the bank's transactions, in numbers.

    ``new`` are booked, ``known`` are in the books, ``skipped`` lie before the first day; ``locked``, ``suspected`` and
    ``foreign`` wait in Review. ``first_day`` and ``last_day`` are those of the new lines, which stand in so many
    ``statements``; ``opening`` is the balance before the first of them, None while it is not known.
    """

    new: int
    known: int
    skipped: int
    locked: int
    suspected: int
    foreign: int
    statements: int
    first_day: dt.date | None
    last_day: dt.date | None
    opening: Decimal | None
    currency: str


def link(account: Account, choice: Choice) -> Preview:
    """What linking an account like this, and the fetch after it, would bring. Nothing of it is stored.

    Raises ``Refused`` without a live connection, ``CannotLink``, and ``FeedError`` when the bank cannot be read.
    """

    def journal_for() -> Journal:
        journal = linking.link_one(account.connection.company, choice)
        if journal is None:
            raise linking.CannotLink(_("Choose the journal that this account feeds."))
        return lines.hold(journal.pk)

    return _preview(account, journal_for, first_day=choice.first_day)


def fetch_from(journal: Journal, first_day: dt.date) -> Preview:
    """What reading a journal's account again from this day on would bring. Nothing of it is stored.

    Raises ``Refused`` without a live connection, and ``FeedError`` when the bank cannot be read.
    """

    def journal_for() -> Journal:
        held = lines.hold(journal.pk)
        held.first_day = min(first_day, held.first_day or first_day)
        return held

    return _preview(journal.account, journal_for, first_day=first_day)


def _preview(account: Account | None, journal_for: Callable[[], Journal], *, first_day: dt.date | None) -> Preview:
    client = reading.client_of(account)
    if account is None:
        raise Refused(_("No bank feeds this journal: connect the bank first."))

    def add(spool: Spool, page: TransactionPage) -> None:
        spool.add(page.transactions)

    spool, bank = reading.posted(client, account, first_day=first_day, into=Spool, add=add)
    with spool:
        return rehearse(
            account,
            journal_for,
            transactions=spool,
            bank=bank,
            complete_from=spool.first_day,
            covered_from=proven.covered_from(account, first_day, today=timezone.localdate()),
            look=_look,
        )


def _look(journal: Journal, run: SyncRun, result: Intake) -> Preview:
    """Reads off the books what the rehearsal did to them."""
    new = StatementLine.objects.filter(run=run)
    span = new.aggregate(
        first=Min("booking_date"), last=Max("booking_date"), statements=Count("statement", distinct=True)
    )
    first = Statement.objects.filter(lines__in=new).order_by("first_day").first()
    held = dict(ReviewItem.objects.filter(run=run).order_by().values_list("kind").annotate(n=Count("pk")))
    return Preview(
        new=result.new,
        known=result.known,
        skipped=result.skipped,
        locked=held.get(Kind.LOCKED, 0),
        suspected=held.get(Kind.SUSPECTED, 0),
        foreign=held.get(Kind.CURRENCY, 0),
        statements=span["statements"],
        first_day=span["first"],
        last_day=span["last"],
        opening=first.opening if first and journal.opening_balance is not None else None,
        currency=journal.currency,
    )
