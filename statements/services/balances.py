"""Statements that prove themselves: each opens with what the one before closed with.

The chain hangs on one known point, the journal's opening balance at the start of its opening date. It is taken from
the bank's own booked balance at the first fetch, less everything that was read; from then on the bank's balance is
compared with ours and never copied into it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.db import connection
from django.db.models import Count, Min, Q, Sum
from django.db.models.fields.json import KT
from django.utils import timezone

from foundation.money import MoneyField, to_units
from providers.types import BalanceData
from statements.models import Journal, ReviewItem, Statement, StatementLine, StatementVersion
from statements.periods import Period
from statements.services.calendars import calendar_of

ZERO = Decimal(0)
_STATEMENT = Statement._meta.db_table
_CHUNK = 500


def ensure_statements(journal: Journal, periods: Sequence[Period]) -> None:
    """Makes the statements of these periods (earliest first), and of those between them and the ones that exist."""
    if not periods:
        return
    existing = set(journal.statements.values_list("first_day", flat=True))
    first = min(periods[0].first_day, *existing) if existing else periods[0].first_day
    last = max(periods[-1].first_day, *existing) if existing else periods[-1].first_day
    calendar = calendar_of(journal, first_day=first)
    Statement.objects.bulk_create(
        Statement(journal=journal, first_day=period.first_day, last_day=period.last_day)
        for period in calendar.between(first, last)
        if period.first_day not in existing
    )


def rechain(journal: Journal, *, touched: Sequence[Period]) -> None:
    """Adds up the touched statements' lines again and carries the balances on through all that follow.

    A statement that already had lines, or was confirmed without any, and now says something else gets a new version;
    what it said is kept.
    """
    statements = list(journal.statements.order_by("first_day"))
    if not statements:
        return
    starts = {period.first_day for period in touched}
    sums = _sums(statement.pk for statement in statements if statement.first_day in starts)
    balance = _first_opening(journal)
    changed, replaced = [], []
    for statement in statements:
        before, old = _says(statement), _version_of(statement)
        if statement.first_day in starts:
            statement.total_in, statement.total_out, statement.line_count = sums.get(statement.pk, (ZERO, ZERO, 0))
        statement.opening = balance
        balance = statement.closing = balance + statement.total_in + statement.total_out
        if _says(statement) != before:
            changed.append(statement)
            statement.proven_on = None
            if before[3] or statement.confirmed_version is not None:
                replaced.append(old)
                statement.version += 1
    StatementVersion.objects.bulk_create(replaced)
    for start in range(0, len(changed), _CHUNK):
        _store(changed[start : start + _CHUNK])


def _store(changed: Sequence[Statement]) -> None:
    """Writes what these statements say now, unproven, in one statement of SQL: a fetch may change every period."""
    marks = ", ".join(["(%s, %s, %s, %s, %s, %s, %s)"] * len(changed))
    values: list[int] = []
    for one in changed:
        amounts = (one.opening, one.total_in, one.total_out, one.closing)
        values += [one.pk, *(to_units(amount) for amount in amounts), one.line_count, one.version]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {_STATEMENT} AS s SET opening = v.column2, total_in = v.column3, total_out = v.column4, "  # noqa: S608
            f"closing = v.column5, line_count = v.column6, version = v.column7, proven_on = NULL "
            f"FROM (VALUES {marks}) AS v WHERE s.id = v.column1",
            values,
        )


def fix_opening(
    journal: Journal, bank: BalanceData | None, *, held: Decimal = ZERO, covered_from: dt.date | None = None
) -> bool:
    """Takes the opening balance from the bank's booked balance, once: at the first fetch that brings one.

    What the bank has booked and the journal holds back (``held``, signed) is no part of the opening either.
    ``covered_from`` is the first day the fetch told of: what appears later between it and the first line came late,
    what lies before it is older history. The statements follow with the next ``rechain``. Gives whether it was fixed
    now.
    """
    if journal.opening_balance is not None or bank is None or bank.booked is None or bank.currency != journal.currency:
        return False
    lines = journal.lines.aggregate(total=Sum("amount"), first=Min("booking_date"))
    # The known point lies before what is held back too, so that booking it later closes with the bank's balance.
    known = [covered_from, journal.first_day, lines["first"], _first_held(journal)]
    journal.opening_date = min((day for day in known if day), default=timezone.localdate())
    journal.opening_balance = bank.booked - (lines["total"] or ZERO) - held
    journal.save(update_fields=["opening_date", "opening_balance"])
    return True


def move_opening(journal: Journal, earlier: Decimal) -> None:
    """Lines that lie before the known point came late: the bank had not booked them when that point was taken.

    Their sum goes into the known point, so that they change what follows. Older history does not: it was in the
    bank's balance already, and only tells what came before.
    """
    journal.opening_balance = (journal.opening_balance or ZERO) + earlier
    journal.save(update_fields=["opening_balance"])


def know_earlier(journal: Journal, day: dt.date) -> None:
    """Takes the known point back to the start of ``day``, over the lines in between; no balance changes by it.

    What is held back and came late lies after the known point then, and will change what follows once it is booked.
    """
    if journal.opening_balance is None or journal.opening_date is None or day >= journal.opening_date:
        return
    between = journal.lines.filter(booking_date__gte=day, booking_date__lt=journal.opening_date)
    journal.opening_balance -= between.aggregate(total=Sum("amount"))["total"] or ZERO
    journal.opening_date = day
    journal.save(update_fields=["opening_date", "opening_balance"])


def is_history(
    journal: Journal, bank: BalanceData | None, *, total: Decimal, earlier: Decimal, otherwise: bool
) -> bool:
    """Whether new lines before the known point are older history, and not late ones.

    The bank knows: its balance has moved since the last comparison by what is new to it. ``total`` is the sum of all
    new lines, ``earlier`` of those before the known point; ``otherwise`` holds where the bank does not tell, or where
    it changed more than these lines in between.
    """
    if bank is None or bank.booked is None or journal.bank_balance is None:
        return otherwise
    moved = bank.booked - journal.bank_balance
    if moved == total:
        return False
    return True if moved == total - earlier else otherwise


def compare(journal: Journal, bank: BalanceData | None) -> Decimal | None:
    """Keeps the bank's booked balance beside ours; gives ours, or None while no opening balance is known.

    It is kept with the statement of its day too. A balance that the bank did not give leaves the last comparison
    standing.
    """
    ours = balance_of(journal)
    if bank is not None and bank.booked is not None and bank.currency == journal.currency:
        journal.bank_balance = bank.booked
        journal.bank_balance_at = bank.at or timezone.now()
        journal.save(update_fields=["bank_balance", "bank_balance_at"])
        day = timezone.localdate(journal.bank_balance_at)
        journal.statements.filter(first_day__lte=day, last_day__gte=day).update(
            bank_balance=bank.booked, bank_balance_day=day, our_balance=ours
        )
    return ours


def balance_of(journal: Journal) -> Decimal | None:
    """What the books say stands on the account: the last closing balance. None: no opening balance is known."""
    if journal.opening_balance is None:
        return None
    last = journal.statements.order_by("-first_day").values_list("closing", flat=True).first()
    return journal.opening_balance if last is None else last


def balance_after(journal: Journal, booked: Q) -> Decimal | None:
    """What the books say stood on the account when these lines, all up to some day, were booked.

    None: no opening balance is known.
    """
    if journal.opening_balance is None or journal.opening_date is None:
        return None
    sums = journal.lines.aggregate(
        until=Sum("amount", filter=booked),
        known=Sum("amount", filter=Q(booking_date__lt=journal.opening_date)),
    )
    return Decimal(journal.opening_balance + (sums["until"] or ZERO) - (sums["known"] or ZERO))


def _first_opening(journal: Journal) -> Decimal:
    """The balance before the very first line: the known point, less the lines that lie before it."""
    if journal.opening_balance is None or journal.opening_date is None:
        return ZERO
    earlier = journal.lines.filter(booking_date__lt=journal.opening_date).aggregate(total=Sum("amount"))["total"]
    return Decimal(journal.opening_balance - (earlier or ZERO))


def _first_held(journal: Journal) -> dt.date | None:
    """The earliest day of what waits for a decision in the locked period."""
    held = ReviewItem.objects.open().filter(journal=journal, kind=ReviewItem.Kind.LOCKED)
    first = held.aggregate(first=Min(KT("after__booking_date")))["first"]
    return dt.date.fromisoformat(first) if first else None


def _sums(statement_ids: Iterable[int]) -> dict[int, tuple[Decimal, Decimal, int]]:
    """Money in, money out and number of lines by statement."""
    rows = (
        StatementLine.objects.filter(statement_id__in=list(statement_ids))
        .order_by()
        .values("statement_id")
        .annotate(
            total_in=Sum("amount", filter=Q(amount__gt=ZERO), output_field=MoneyField()),
            total_out=Sum("amount", filter=Q(amount__lt=ZERO), output_field=MoneyField()),
            count=Count("id"),
        )
    )
    return {row["statement_id"]: (row["total_in"] or ZERO, row["total_out"] or ZERO, row["count"]) for row in rows}


def _version_of(statement: Statement) -> StatementVersion:
    """What the statement says now, to be kept."""
    return StatementVersion(
        statement=statement,
        version=statement.version,
        opening=statement.opening,
        total_in=statement.total_in,
        total_out=statement.total_out,
        closing=statement.closing,
        line_count=statement.line_count,
    )


def _says(statement: Statement) -> tuple[Decimal, Decimal, Decimal, int]:
    return (statement.opening, statement.total_in, statement.total_out, statement.line_count)
