"""Single lines put in, moved and taken out by a person's word; a fetch goes through ``services.intake``.

Every function here expects to be called inside a transaction by someone who holds the journal (``hold``), and leaves
the statements added up and chained. What the bank once gave is remembered when it is taken out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.models import User
from companies.templatetags.formats import day as written
from statements.models import ImportFile, Journal, RemovedLine, ReviewItem, Statement, StatementLine
from statements.periods import Period
from statements.refusal import Refused
from statements.services import balances, proofs
from statements.services.calendars import calendar_of

_CHUNK = 2_000
_DATES = ("value_date",)
_AMOUNTS = ("original_amount",)
_PLAIN = (
    "original_currency",
    "counterparty_name",
    "counterparty_account",
    "remittance",
    "kind",
    "is_flagged_duplicate",
    "raw",
)


def hold(journal_id: int) -> Journal:
    """The journal, its row locked until the end of the transaction; writers of one journal follow each other."""
    return Journal.objects.select_for_update(of=("self",)).select_related("company", "account").get(pk=journal_id)


def require_open(journal: Journal, *days: dt.date) -> None:
    """Raises ``Refused`` when one of these days lies in the company's locked period."""
    lock_date = journal.company.lock_date
    for day in days:
        if lock_date and day <= lock_date:
            raise Refused(
                _("Everything up to %(lock_date)s is locked, and %(day)s lies in it. Reopen the period first.")
                % {"lock_date": written(lock_date), "day": written(day)}
            )


def book(journal: Journal, line: StatementLine) -> StatementLine:
    """Stores a new line in the statement of its booking date. Raises ``Refused`` in the locked period."""
    require_open(journal, line.booking_date)
    line.journal, line.created_at = journal, timezone.now()
    line.statement = _statement_for(journal, line.booking_date)
    line.save(force_insert=True)
    rebalance(journal, [line.statement])
    return line


def move(line: StatementLine, *, booking_date: dt.date, amount: Decimal) -> None:
    """Gives a line another day and amount. Raises ``Refused`` when its old or new day is locked."""
    journal = line.journal
    require_open(journal, line.booking_date, booking_date)
    before = line.statement
    line.booking_date, line.amount, line.original_date = booking_date, amount, None
    line.statement = _statement_for(journal, booking_date)
    line.save(update_fields=["booking_date", "amount", "original_date", "statement"])
    rebalance(journal, [before, line.statement])


def take_out(journal: Journal, lines: QuerySet[StatementLine], *, reason: str, person: User | None) -> int:
    """Takes lines of this journal out and gives how many; ``reason`` is a ``RemovedLine.Reason``.

    What came from the bank or from a file is remembered, so that it does not come again. What was entered by hand is
    not: the bank never gave it, and a memory of it would keep a true transaction with the same facts out. Raises
    ``Refused`` when one lies in the locked period; then none is taken out.
    """
    rows = list(lines.order_by("pk").values_list("pk", "booking_date", "statement"))
    require_open(journal, *sorted({booking_date for _pk, booking_date, _statement in rows})[:1])
    for ids in _chunks([pk for pk, _date, _statement in rows]):
        chunk = StatementLine.objects.filter(pk__in=ids)
        _remember(journal, [line for line in chunk if line.origin != line.Origin.HAND], reason=reason, person=person)
        # What was decided stays on record; what still waits about a line that is gone has nothing left to decide.
        ReviewItem.objects.filter(line__in=ids).exclude(decision="").update(line=None)
        chunk.delete()
    rebalance(journal, Statement.objects.filter(pk__in={statement for _pk, _date, statement in rows}))
    return len(rows)


def put_back(journal: Journal, memory: RemovedLine) -> StatementLine:
    """Books a line again as it was, and forgets that it was taken out. Raises ``Refused`` in the locked period."""
    facts = memory.facts
    booked_on = facts.get("booked_on")
    was = _as_booked(memory)
    line = StatementLine(
        run=memory.run,
        import_file=ImportFile.objects.filter(pk=facts.get("import_file") or 0).first(),
        account=memory.account,
        transaction_id=memory.transaction_id,
        booking_date=_date(booked_on) or was["booking_date"],
        original_date=was["booking_date"] if booked_on else None,
        amount=was["amount"],
        currency=was["currency"],
        origin=facts["origin"],
        **texts_of(facts),
    )
    book(journal, line)
    memory.delete()
    return line


def remember(journal: Journal, line: StatementLine, *, reason: str, person: User | None) -> RemovedLine:
    """Remembers a line that never was booked, so that it is not offered again; gives the memory."""
    line.journal = journal
    return _remember(journal, [line], reason=reason, person=person)[0]


def rebalance(journal: Journal, statements: Iterable[Statement]) -> None:
    """Adds these statements' lines up again and carries the balances on."""
    days = {(statement.first_day, statement.last_day) for statement in statements}
    balances.rechain(journal, touched=[Period(*pair) for pair in sorted(days)])
    proofs.mark(journal)


def texts_of(facts: dict[str, Any]) -> dict[str, Any]:
    """The columns of a line that are kept in JSON beside date, amount and currency, as values of the model."""
    found: dict[str, Any] = {name: facts[name] for name in _PLAIN if facts.get(name) is not None}
    found.update({name: _date(facts.get(name)) for name in _DATES})
    found.update({name: Decimal(facts[name]) for name in _AMOUNTS if facts.get(name) is not None})
    return found


def _remember(journal: Journal, lines: list[StatementLine], *, reason: str, person: User | None) -> list[RemovedLine]:
    named = [line.transaction_id for line in lines if line.transaction_id]
    RemovedLine.objects.filter(journal=journal, transaction_id__in=named).delete()
    told = _last_told([line.pk for line in lines if line.pk])
    return RemovedLine.objects.bulk_create(
        RemovedLine(
            journal=journal,
            account_id=line.account_id,
            transaction_id=line.transaction_id,
            **_known_by(line, told.get(line.pk)),
            facts=_facts(line),
            run_id=line.run_id,
            reason=reason,
            removed_by=person,
        )
        for line in lines
    )


def _last_told(line_ids: list[int]) -> dict[int, dict[str, Any]]:
    """What the bank said last of lines that it has changed since they were booked."""
    items = ReviewItem.objects.filter(line__in=line_ids, kind=ReviewItem.Kind.CHANGED).order_by("pk")
    return {line_id: after for line_id, after in items.values_list("line", "after") if line_id is not None}


def _known_by(line: StatementLine, told: dict[str, Any] | None) -> dict[str, Any]:
    """The facts by which the bank would tell of a line again: its own day, and what it has changed since."""
    if told:
        day, amount = dt.date.fromisoformat(told["booking_date"]), Decimal(told["amount"])
        return {"booking_date": day, "amount": amount, "currency": told["currency"]}
    return {"booking_date": line.original_date or line.booking_date, "amount": line.amount, "currency": line.currency}


def _as_booked(memory: RemovedLine) -> dict[str, Any]:
    """Day, amount and currency as the line had them, whatever the bank has said since."""
    was = memory.facts["was"]
    day, amount = dt.date.fromisoformat(was["booking_date"]), Decimal(was["amount"])
    return {"booking_date": day, "amount": amount, "currency": was["currency"]}


def _facts(line: StatementLine) -> dict[str, Any]:
    facts: dict[str, Any] = {name: getattr(line, name) for name in (*_PLAIN, "origin")}
    facts["was"] = {
        "booking_date": (line.original_date or line.booking_date).isoformat(),
        "amount": str(line.amount),
        "currency": line.currency,
    }
    facts["import_file"] = line.import_file_id
    facts["value_date"] = line.value_date.isoformat() if line.value_date else None
    facts["original_amount"] = None if line.original_amount is None else str(line.original_amount)
    if line.original_date:
        facts["booked_on"] = line.booking_date.isoformat()
    return facts


def _statement_for(journal: Journal, day: dt.date) -> Statement:
    """The statement that covers the day, made when it is not there."""
    there = journal.statements.filter(first_day__lte=day, last_day__gte=day)
    found = there.first()
    if found is None:
        balances.ensure_statements(journal, [calendar_of(journal, first_day=day).period_of(day)])
        found = there.get()
    return found


def _date(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _chunks(ids: list[int]) -> Iterator[list[int]]:
    return (ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK))
