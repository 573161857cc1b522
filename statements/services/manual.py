"""What a person writes into a journal: lines, the balance it starts from, and lines taken out or put back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from companies.models import User
from statements.models import Journal, RemovedLine, StatementLine
from statements.refusal import Refused
from statements.services import balances, lines, proofs


@transaction.atomic
def add(
    journal: Journal,
    *,
    booking_date: dt.date,
    amount: Decimal,
    counterparty_name: str = "",
    counterparty_account: str = "",
    remittance: str = "",
) -> StatementLine:
    """Enters a line by hand, in the journal's currency: + in, − out. Raises ``Refused`` in the locked period."""
    held = lines.hold(journal.pk)
    line = StatementLine(
        origin=StatementLine.Origin.HAND,
        booking_date=booking_date,
        amount=amount,
        currency=held.currency,
        counterparty_name=counterparty_name,
        counterparty_account=counterparty_account,
        remittance=remittance,
    )
    return lines.book(held, line)


@transaction.atomic
def remove(line: StatementLine, *, person: User) -> None:
    """Takes a line out. What came from the bank or a file is remembered and does not come again.

    Raises ``Refused`` in the locked period.
    """
    held = lines.hold(line.journal_id)
    mine = StatementLine.objects.filter(pk=line.pk)
    lines.take_out(held, mine, reason=RemovedLine.Reason.HAND, person=person)


@transaction.atomic
def put_back(memory: RemovedLine) -> StatementLine:
    """Books a line that was taken out again, as it was. Raises ``Refused`` in the locked period."""
    held = lines.hold(memory.journal_id)
    if held.lines.filter(transaction_id=memory.transaction_id).exclude(transaction_id="").exists():
        raise Refused(_("A line with this transaction id is in the books already."))
    if memory.currency != held.currency:
        raise Refused(_("It is in another currency than the journal, so it cannot be booked."))
    return lines.put_back(held, memory)


@transaction.atomic
def set_opening(journal: Journal, *, day: dt.date, balance: Decimal) -> None:
    """Says what stood on the account at the start of a day; all balances follow.

    Raises ``Refused`` when that would change the balances of the locked period.
    """
    held = lines.hold(journal.pk)
    first = held.statements.order_by("first_day").values_list("first_day", flat=True).first()
    lines.require_open(held, *([first] if first else []))
    held.opening_date, held.opening_balance = day, balance
    held.save(update_fields=["opening_date", "opening_balance"])
    balances.rechain(held, touched=[])
    proofs.mark(held)
