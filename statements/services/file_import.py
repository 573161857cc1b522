"""Takes a bank's file into a journal: looked at first, then in one transaction, by the same rules as a fetch.

The preview is the import itself, rolled back: what it promises is what happens.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.models import User
from providers.types import BalanceData, TransactionData
from statements.imports import csv
from statements.imports.facts import StatementFile
from statements.imports.sniff import format_of
from statements.models import CsvMapping, ImportFile, Journal, ReviewItem, Statement, StatementLine
from statements.refusal import Refused
from statements.services import balances, lines, proofs
from statements.services.file_reading import mapping_of, namespace, read_part
from statements.services.intake import Intake, take_in

ROWS_SHOWN = 20
# A preview that nobody came back to is forgotten after this.
_KEPT = dt.timedelta(days=1)
ZERO = Decimal(0)


@dataclass(frozen=True)
class PreviewRow:
    """An entry of the file and what would become of it: ``new``, ``known``, ``held`` or ``pending``."""

    line: int
    data: TransactionData
    verdict: str


@dataclass(frozen=True)
class Outcome:
    """What became of a file, or would become of it. ``held_kinds`` counts by kind what newly waits for a decision."""

    intake: Intake
    statement: StatementFile
    ours: Decimal | None
    pending: int
    held_kinds: dict[str, int] = field(default_factory=dict)
    rows: Sequence[PreviewRow] = ()

    @property
    def difference(self) -> Decimal | None:
        """Our balance less the file's on its closing day; None where one of them is not known."""
        if self.ours is None or self.statement.closing is None:
            return None
        return self.ours - self.statement.closing.amount

    @property
    def days(self) -> tuple[dt.date, dt.date]:
        """First and last booking date in the file."""
        days = [entry.data.booking_date for entry in self.statement.entries]
        return min(days), max(days)


def upload(journal: Journal, content: bytes, *, file_name: str, person: User) -> ImportFile:
    """Keeps a file for its preview. Raises ``FileRefused`` for what is no bank file, ``Refused`` for one too large."""
    limit = settings.IMPORT_MAX_MEGABYTES
    if len(content) > limit * 1024 * 1024:
        raise Refused(_("The file is larger than %(limit)s MB: ask the bank for a shorter period.") % {"limit": limit})
    format_name = format_of(content)
    waiting = ImportFile.objects.filter(journal__company=journal.company_id, imported_at__isnull=True)
    waiting.filter(uploaded_at__lt=timezone.now() - _KEPT).delete()
    return ImportFile.objects.create(
        journal=journal,
        person=person,
        file_name=file_name[-255:],
        sha256=hashlib.sha256(content).hexdigest(),
        format=format_name,
        content=content,
    )


def earlier(file: ImportFile) -> ImportFile | None:
    """The last time that this very file was taken into this journal."""
    return (
        ImportFile.objects.taken()
        .filter(journal=file.journal_id, sha256=file.sha256)
        .exclude(pk=file.pk)
        .order_by("-imported_at")
        .first()
    )


def preview(file: ImportFile, *, any_account: bool = False) -> Outcome:
    """What taking the file in would do; nothing is changed.

    Raises ``FileRefused`` with line and reason, ``OtherAccount`` unless ``any_account``, or ``Refused``.
    """
    statement = read_part(file, any_account=any_account)
    with transaction.atomic():
        outcome = _take(file, statement)
        transaction.set_rollback(True)
    return outcome


def take(file: ImportFile, *, person: User, any_account: bool = False) -> ImportFile:
    """Takes the file in; gives it back with what became of it. All of it or nothing. Raises as ``preview``."""
    statement = read_part(file, any_account=any_account)
    with transaction.atomic():
        journal_first = lines.hold(file.journal_id)
        if not ImportFile.objects.filter(pk=file.pk, imported_at__isnull=True).exists():
            raise Refused(_("This file was taken in already."))
        outcome = _take(file, statement)
        _remember(file, outcome, person=person)
        if file.format == csv.FORMAT:
            mapping = mapping_of(file).to_json()
            CsvMapping.objects.update_or_create(journal=journal_first, defaults={"mapping": mapping})
        file.content = None
        file.save()
    return file


def _remember(file: ImportFile, outcome: Outcome, *, person: User) -> None:
    counts = asdict(outcome.intake)
    del counts["changed"]
    for name, count in counts.items():
        setattr(file, name, count)
    file.person, file.imported_at = person, timezone.now()
    file.pending, file.left_out = outcome.pending, len(outcome.statement.left_out)
    file.our_balance = outcome.ours
    if outcome.statement.closing:
        file.closing_day = outcome.statement.closing.day
        file.closing_balance = outcome.statement.closing.amount


def _take(file: ImportFile, statement: StatementFile) -> Outcome:
    """The import itself. Must be called inside a transaction."""
    journal = lines.hold(file.journal_id)
    # The first day is where the feed begins; a file is for what lies before it.
    journal.first_day = None
    posted = [entry.data for entry in statement.entries if entry.data.status == "posted"]
    last_pk = StatementLine.objects.filter(journal=journal).aggregate(last=Max("pk"))["last"] or 0
    waiting_before = _waiting(journal)
    intake = take_in(
        journal,
        None,
        transactions=posted,
        bank=_bank(journal, statement),
        origin=StatementLine.Origin.FILE,
        namespace=namespace(statement),
    )
    fresh = StatementLine.objects.filter(journal=journal, pk__gt=last_pk)
    fresh.update(import_file=file)
    closing = statement.closing
    if closing:
        Statement.objects.filter(journal=journal, last_day=closing.day).update(bank_closing=closing.amount)
    proofs.mark(journal)
    return Outcome(
        intake=intake,
        statement=statement,
        ours=balances.balance_after(journal, Q(booking_date__lte=closing.day)) if closing else None,
        pending=len(statement.entries) - len(posted),
        held_kinds=dict(_waiting(journal) - waiting_before),
        rows=_rows(journal, statement, last_pk=last_pk),
    )


def _waiting(journal: Journal) -> Counter[str]:
    rows = ReviewItem.objects.open().filter(journal=journal).order_by().values_list("kind").annotate(n=Count("id"))
    return Counter(dict(rows))


def _bank(journal: Journal, statement: StatementFile) -> BalanceData | None:
    """The balance that fixes the opening of a journal without one: the file's, carried to the journal's last line."""
    closing = statement.closing
    if journal.opening_balance is not None or closing is None:
        return None
    if any(entry.data.booking_date > closing.day for entry in statement.entries):
        return None  # which of them are new is not known yet, so what they add to the balance is not either
    later = journal.lines.filter(booking_date__gt=closing.day).aggregate(total=Sum("amount"))["total"] or ZERO
    return BalanceData(booked=closing.amount + later, available=None, currency=journal.currency)


def _rows(journal: Journal, statement: StatementFile, *, last_pk: int) -> list[PreviewRow]:
    """The first entries, each with what became of it."""
    shown = statement.entries[:ROWS_SHOWN]
    days = [entry.data.booking_date for entry in shown]
    fresh = journal.lines.filter(pk__gt=last_pk, booking_date__in=days)
    new = Counter(fresh.values_list("booking_date", "amount"))
    held = _held(journal, days)
    rows = []
    for entry in shown:
        key = (entry.data.booking_date, entry.data.amount)
        if entry.data.status == "pending":
            verdict = "pending"
        elif new[key]:
            verdict = "new"
            new[key] -= 1
        else:
            verdict = "held" if key in held else "known"
        rows.append(PreviewRow(line=entry.line, data=entry.data, verdict=verdict))
    return rows


def _held(journal: Journal, days: Sequence[dt.date]) -> set[tuple[dt.date, Decimal]]:
    """Booking date and amount of what is not booked and waits for a decision on these days."""
    written = [day.isoformat() for day in days]
    items = ReviewItem.objects.open().filter(journal=journal, line=None, after__booking_date__in=written)
    suspected = ReviewItem.objects.open().filter(
        journal=journal, kind=ReviewItem.Kind.SUSPECTED, after__booking_date__in=written
    )
    return {
        (dt.date.fromisoformat(after["booking_date"]), Decimal(after["amount"]))
        for after in (items | suspected).values_list("after", flat=True)
    }
