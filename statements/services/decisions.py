"""What a person decides about what waits in Review: carried out in one step, and taken back as long as it is recent."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.models import Company, User
from foundation.money import to_units
from statements.models import Journal, RemovedLine, ReviewItem, StatementLine
from statements.refusal import Refused
from statements.services import lines, reviews

Kind, Reason = ReviewItem.Kind, RemovedLine.Reason
DAY = dt.timedelta(days=1)
# How many of a company's last decisions can be taken back.
UNDOABLE = 10

# The kinds that hold a transaction which is not in the books.
HELD = (Kind.LOCKED, Kind.CURRENCY, Kind.SUSPECTED)

_CHOICES: dict[str, tuple[ReviewItem.Decision, ...]] = {
    Kind.CHANGED: (ReviewItem.Decision.KEEP, ReviewItem.Decision.APPLY),
    Kind.REMOVED: (ReviewItem.Decision.KEEP, ReviewItem.Decision.REMOVE),
    Kind.LOCKED: (ReviewItem.Decision.BOOK_OPEN_DAY, ReviewItem.Decision.BOOK, ReviewItem.Decision.IGNORE),
    Kind.CURRENCY: (ReviewItem.Decision.KEEP, ReviewItem.Decision.IGNORE),
    Kind.SUSPECTED: (ReviewItem.Decision.SAME, ReviewItem.Decision.BOOK),
}


def choices(item: ReviewItem) -> tuple[ReviewItem.Decision, ...]:
    """What can be decided about this item now: what the period's lock forbids is not offered."""
    if item.kind == Kind.LOCKED:
        needless = ReviewItem.Decision.BOOK if is_locked(item) else ReviewItem.Decision.BOOK_OPEN_DAY
        return tuple(choice for choice in _CHOICES[item.kind] if choice != needless)
    return _CHOICES[item.kind]


def is_locked(item: ReviewItem) -> bool:
    """Whether the day that the bank gives lies in the locked period now."""
    lock_date = item.journal.company.lock_date
    return bool(lock_date and item.after.get("booking_date") and _day_of(item) <= lock_date)


@transaction.atomic
def decide(item: ReviewItem, decision: str, *, person: User) -> ReviewItem:
    """Carries a decision out and remembers it; gives the item.

    The books, the statements and what is remembered change together or not at all. Raises ``Refused`` when the item
    is decided already, when its kind does not allow the decision, or when the period is locked.
    """
    journal, row = _held(item)
    if row.decision:
        raise Refused(_("This was decided already: %(decision)s.") % {"decision": row.get_decision_display()})
    if decision not in choices(row):
        raise Refused(_("That cannot be decided about this one."))
    act = _ACTS.get(decision)
    if act is not None:
        act(journal, row, person)
    row.decision, row.decided_by, row.decided_at = decision, person, timezone.now()
    row.save()
    return row


@transaction.atomic
def undo(item: ReviewItem) -> ReviewItem:
    """Takes a decision back: the books are as before, and the item waits again.

    Raises ``Refused`` when it is not among the company's last decisions, when what it changed has changed since, or
    when the period is locked by now.
    """
    journal, row = _held(item)
    if row not in undoable(journal.company):
        raise Refused(_("Only the last %(n)d decisions can be taken back.") % {"n": UNDOABLE})
    take_back = _UNDOS.get(row.decision)
    if take_back is not None:
        take_back(journal, row)
    row.decision, row.decided_by, row.decided_at = "", None, None
    row.save()
    return row


def undoable(company: Company) -> list[ReviewItem]:
    """The company's last decisions, the newest first."""
    decided = ReviewItem.objects.filter(journal__company=company, decided_at__isnull=False)
    return list(decided.select_related("journal", "line", "decided_by").order_by("-decided_at", "-pk")[:UNDOABLE])


def draft(item: ReviewItem) -> StatementLine:
    """The transaction that an item holds, as a line that is not stored yet. ``item.run`` and journal must be loaded."""
    facts: dict[str, Any] = item.after
    return StatementLine(
        run=item.run,
        origin=StatementLine.Origin.FEED if item.run else StatementLine.Origin.FILE,
        account_id=_account_id(item),
        transaction_id=item.transaction_id,
        booking_date=_day_of(item),
        amount=Decimal(facts["amount"]),
        currency=facts["currency"],
        **lines.texts_of(facts),
    )


def _held(item: ReviewItem) -> tuple[Journal, ReviewItem]:
    journal = lines.hold(item.journal_id)
    row = ReviewItem.objects.select_related("line__statement", "run").get(pk=item.pk)
    row.journal = journal
    if row.line is not None:
        row.line.journal = journal
    return journal, row


# --- what each decision does --------------------------------------------------------------------------------------
def _apply(journal: Journal, item: ReviewItem, person: User) -> None:
    line = _line_of(item)
    if item.after["currency"] != journal.currency:
        raise Refused(
            _("The bank now says %(currency)s, and the journal is in %(journal)s: this cannot be taken over.")
            % {"currency": item.after["currency"], "journal": journal.currency}
        )
    # When the bank goes back on it and later says the same once more, that is another question: this item frees the
    # name of the fact.
    item.before = {**item.before, "fingerprint": item.fingerprint}
    item.fingerprint = hashlib.sha256(f"{item.fingerprint} {item.pk}".encode()).hexdigest()
    lines.move(line, booking_date=_day_of(item), amount=Decimal(item.after["amount"]))


def _unapply(journal: Journal, item: ReviewItem) -> None:
    line = _line_of(item)
    if (line.booking_date, line.amount) != (_day_of(item), Decimal(item.after["amount"])):
        raise Refused(_("The line has changed again since: decide about the newer change instead."))
    lines.move(
        line,
        booking_date=dt.date.fromisoformat(item.before["booking_date"]),
        amount=Decimal(item.before["amount"]),
    )
    item.fingerprint = item.before.pop("fingerprint")


def _remove(journal: Journal, item: ReviewItem, person: User) -> None:
    line = _line_of(item)
    item.line = None
    ReviewItem.objects.filter(pk=item.pk).update(line=None)
    mine = StatementLine.objects.filter(pk=line.pk)
    lines.take_out(journal, mine, reason=Reason.WITHDRAWN, person=person)


def _unremove(journal: Journal, item: ReviewItem) -> None:
    item.line = lines.put_back(journal, _memory_of(journal, item))


def _book(journal: Journal, item: ReviewItem, person: User) -> None:
    _book_on(journal, item, day=_day_of(item))


def _book_open_day(journal: Journal, item: ReviewItem, person: User) -> None:
    lock_date = journal.company.lock_date
    if lock_date is None:
        raise Refused(_("The period is open: it can be booked on its own day."))
    line = _book_on(journal, item, day=lock_date + DAY)
    if line is not None:
        _agree_on_day(journal, line)


def _agree_on_day(journal: Journal, line: StatementLine) -> None:
    """That the bank has another day for this line is decided: no fetch asks about it again."""
    if line.original_date is not None:
        facts = (line.pk, line.original_date, to_units(line.amount), line.currency)
        reviews.propose_changes(journal, line.run, facts=[facts])
        ReviewItem.objects.filter(line=line, kind=Kind.CHANGED, decision="").update(decision=ReviewItem.Decision.KEEP)


def _book_on(journal: Journal, item: ReviewItem, *, day: dt.date) -> StatementLine | None:
    """Books what was held; None when a fetch has booked it meanwhile."""
    there = StatementLine.objects.filter(journal=journal, transaction_id=item.transaction_id)
    if item.transaction_id and there.exists():
        item.line = there.get()
        item.before = {**item.before, "was_booked": True}
        return None
    line = draft(item)
    if day != line.booking_date:
        line.original_date, line.booking_date = line.booking_date, day
    # What an item of this kind pointed at before is the line it resembles, which is not to be lost.
    item.before = {**item.before, "resembles": item.line_id}
    item.line = lines.book(journal, line)
    return item.line


def _unbook(journal: Journal, item: ReviewItem) -> None:
    line = _line_of(item)
    resembles = item.before.pop("resembles", None)
    if item.before.pop("was_booked", False):
        item.line = None
        return
    lines.require_open(journal, line.booking_date)
    item.line = StatementLine.objects.filter(pk=resembles, journal=journal).first() if resembles else None
    ReviewItem.objects.filter(pk=item.pk).update(line=item.line)
    statement = line.statement
    line.delete()
    lines.rebalance(journal, [statement])


def _same(journal: Journal, item: ReviewItem, person: User) -> None:
    """The line in the books is the bank's from now on; one that is already makes the other a duplicate."""
    line = _line_of(item)
    if line.transaction_id or line.origin != line.Origin.HAND:
        lines.remember(journal, draft(item), reason=Reason.DUPLICATE, person=person)
        return
    incoming = draft(item)
    item.before = {**item.before, "was_by_hand": True}
    line.transaction_id, line.account, line.origin = incoming.transaction_id, incoming.account, incoming.origin
    line.save(update_fields=["transaction_id", "account", "origin"])


def _unsame(journal: Journal, item: ReviewItem) -> None:
    line = _line_of(item)
    if not item.before.pop("was_by_hand", False):
        _memory_of(journal, item).delete()
        return
    line.transaction_id, line.account, line.origin = "", None, line.Origin.HAND
    line.save(update_fields=["transaction_id", "account", "origin"])


def _ignore(journal: Journal, item: ReviewItem, person: User) -> None:
    lines.remember(journal, draft(item), reason=Reason.HAND, person=person)


def _unignore(journal: Journal, item: ReviewItem) -> None:
    _memory_of(journal, item).delete()


_ACTS: dict[str, Callable[[Journal, ReviewItem, User], None]] = {
    ReviewItem.Decision.APPLY: _apply,
    ReviewItem.Decision.REMOVE: _remove,
    ReviewItem.Decision.BOOK: _book,
    ReviewItem.Decision.BOOK_OPEN_DAY: _book_open_day,
    ReviewItem.Decision.SAME: _same,
    ReviewItem.Decision.IGNORE: _ignore,
}
_UNDOS: dict[str, Callable[[Journal, ReviewItem], None]] = {
    ReviewItem.Decision.APPLY: _unapply,
    ReviewItem.Decision.REMOVE: _unremove,
    ReviewItem.Decision.BOOK: _unbook,
    ReviewItem.Decision.BOOK_OPEN_DAY: _unbook,
    ReviewItem.Decision.SAME: _unsame,
    ReviewItem.Decision.IGNORE: _unignore,
}


# --- what an item says --------------------------------------------------------------------------------------------
def _account_id(item: ReviewItem) -> int | None:
    """The account whose provider gave the id: the journal's own, unless another connection feeds it by now."""
    account = item.journal.account
    is_same = account is not None and item.run is not None and item.run.connection_id == account.connection_id
    return account.pk if account is not None and is_same else None


def _line_of(item: ReviewItem) -> StatementLine:
    if item.line is None:
        raise Refused(_("The line is no longer in the books."))
    return item.line


def _memory_of(journal: Journal, item: ReviewItem) -> RemovedLine:
    facts = item.after if item.after.get("amount") else item.before
    found = RemovedLine.objects.filter(journal=journal, transaction_id=item.transaction_id)
    if not item.transaction_id:
        same = Q(booking_date=facts["booking_date"], amount=Decimal(facts["amount"]), currency=facts["currency"])
        found = found.filter(same)
    memory = found.first()
    if memory is None:
        raise Refused(_("What was taken out is no longer remembered; the next fetch brings it again."))
    return memory


def _day_of(item: ReviewItem) -> dt.date:
    return dt.date.fromisoformat(item.after["booking_date"])
