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

_WHY = {
    ReviewItem.Kind.CHANGED: gettext_lazy("The bank now says something else about a transaction that is booked."),
    ReviewItem.Kind.REMOVED: gettext_lazy("The bank no longer lists a transaction that is booked."),
    ReviewItem.Kind.LOCKED: gettext_lazy("It falls into a period that is locked, so it was not booked."),
    ReviewItem.Kind.CURRENCY: gettext_lazy("It is in another currency than its journal, so it was not booked."),
}


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


def why(item: ReviewItem) -> str:
    """One sentence on why the item is here."""
    return str(_WHY[ReviewItem.Kind(item.kind)])


def title(item: ReviewItem) -> str:
    """The other side of the payment, or what the payer wrote; "" where neither is known."""
    said = [item.after.get("counterparty_name"), item.after.get("remittance")]
    if item.line is not None:
        said = [item.line.counterparty_name, item.line.remittance, *said]
    return next((text for text in said if text), "")


def facts(item: ReviewItem) -> list[Fact]:
    """Date and amount on both sides."""
    sides = (item.before, item.after)
    dates = [_date(side) for side in sides]
    amounts = [_amount(side) for side in sides]
    return [Fact(_("Booking date"), *dates), Fact(_("Amount"), *amounts)]


def _date(side: dict[str, Any]) -> str:
    return day(dt.date.fromisoformat(side["booking_date"])) if side.get("booking_date") else ""


def _amount(side: dict[str, Any]) -> str:
    return money(Decimal(side["amount"]), side["currency"]) if side.get("amount") else ""
