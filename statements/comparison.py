"""What waits for a decision, as a person reads it: the books on one side, the bank on the other."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from companies.templatetags.formats import day, money
from statements.models import ReviewItem
from statements.services import decisions

_WHY = {
    ReviewItem.Kind.CHANGED: gettext_lazy("The bank now says something else about a transaction that is booked."),
    ReviewItem.Kind.REMOVED: gettext_lazy("The bank no longer lists a transaction that is booked."),
    ReviewItem.Kind.LOCKED: gettext_lazy("Its period was locked when it came and is open now: it can be booked."),
    ReviewItem.Kind.CURRENCY: gettext_lazy("It is in another currency than its journal, so it was not booked."),
    ReviewItem.Kind.SUSPECTED: gettext_lazy("It looks like a line that is in the books already, so it was not booked."),
}

Decision = ReviewItem.Decision
# What a decision comes to: the same word means something else for another kind of item.
_LABELS = {
    (ReviewItem.Kind.CHANGED, Decision.KEEP): gettext_lazy("Keep the books as they are"),
    (ReviewItem.Kind.CHANGED, Decision.APPLY): gettext_lazy("Take over what the bank says"),
    (ReviewItem.Kind.REMOVED, Decision.KEEP): gettext_lazy("Keep the line"),
    (ReviewItem.Kind.REMOVED, Decision.REMOVE): gettext_lazy("Take the line out for good"),
    (ReviewItem.Kind.LOCKED, Decision.BOOK_OPEN_DAY): gettext_lazy("Book it on the first open day"),
    (ReviewItem.Kind.LOCKED, Decision.BOOK): gettext_lazy("Book it on its own day"),
    (ReviewItem.Kind.LOCKED, Decision.IGNORE): gettext_lazy("Leave it out for good"),
    (ReviewItem.Kind.CURRENCY, Decision.KEEP): gettext_lazy("Keep it out"),
    (ReviewItem.Kind.CURRENCY, Decision.IGNORE): gettext_lazy("Leave it out for good"),
    (ReviewItem.Kind.SUSPECTED, Decision.SAME): gettext_lazy("It is the same one"),
    (ReviewItem.Kind.SUSPECTED, Decision.BOOK): gettext_lazy("It is another one: book it"),
}
_KEYS = {
    Decision.KEEP: "k",
    Decision.APPLY: "a",
    Decision.REMOVE: "r",
    Decision.BOOK: "b",
    Decision.BOOK_OPEN_DAY: "o",
    Decision.SAME: "s",
    Decision.IGNORE: "i",
}


@dataclass(frozen=True)
class Option:
    """One decision that can be made: its name, its words, and the key that makes it."""

    decision: str
    label: str
    key: str


@dataclass(frozen=True)
class Fact:
    """One thing that both sides say, or one of them: "" is nothing."""

    name: str
    before: str
    after: str

    @property
    def is_changed(self) -> bool:
        """Whether the bank contradicts the books; where they say nothing there is nothing to contradict."""
        return bool(self.before) and self.before != self.after


def options(item: ReviewItem) -> list[Option]:
    """What can be decided about the item, most usual first."""
    return [_option(item, decision) for decision in decisions.choices(item)]


def decided(item: ReviewItem) -> str:
    """What was decided, in words."""
    return _option(item, item.decision).label


def why(item: ReviewItem) -> str:
    """Why the item is here, and what else could be done where that is not one of the decisions."""
    lock_date = item.journal.company.lock_date
    if item.kind == ReviewItem.Kind.LOCKED and lock_date and decisions.is_locked(item):
        return _(
            "It falls into the period that is locked up to %(day)s, so it was not booked. To book it on its own day, "
            "open the period in the company's settings first."
        ) % {"day": day(lock_date)}
    return str(_WHY[ReviewItem.Kind(item.kind)])


def title(item: ReviewItem) -> str:
    """The other side of the payment, or what the payer wrote; "" where neither is known."""
    said = [item.after.get("counterparty_name"), item.after.get("remittance")]
    if item.line is not None:
        said = [item.line.counterparty_name, item.line.remittance, *said]
    return next((text for text in said if text), "")


def facts(item: ReviewItem) -> list[Fact]:
    """Date and amount on both sides, and who and what for, where it is known what both say of that."""
    sides = (_books(item), item.after)
    dates = [_date(side) for side in sides]
    amounts = [_amount(side) for side in sides]
    return [Fact(_("Booking date"), *dates), Fact(_("Amount"), *amounts), *_texts(item)]


def _texts(item: ReviewItem) -> list[Fact]:
    if item.kind == ReviewItem.Kind.CHANGED:
        # What the bank says of the texts now is taken over by itself: only day and amount wait.
        return []
    names = {"counterparty_name": _("Counterparty"), "remittance": _("Remittance information")}
    found = [Fact(label, getattr(item.line, name, ""), str(item.after.get(name, ""))) for name, label in names.items()]
    return [fact for fact in found if fact.before or fact.after]


def _option(item: ReviewItem, decision: str) -> Option:
    made = Decision(decision)
    return Option(decision=made, label=str(_LABELS[ReviewItem.Kind(item.kind), made]), key=_KEYS[made])


def _books(item: ReviewItem) -> dict[str, Any]:
    """What the books say: the line that it resembles where nothing else is kept of them."""
    line = item.line
    if item.before.get("amount") or line is None:
        return item.before
    return {"booking_date": line.booking_date.isoformat(), "amount": str(line.amount), "currency": line.currency}


def _date(side: dict[str, Any]) -> str:
    return day(dt.date.fromisoformat(side["booking_date"])) if side.get("booking_date") else ""


def _amount(side: dict[str, Any]) -> str:
    return money(Decimal(side["amount"]), side["currency"]) if side.get("amount") else ""
