"""Which of a journal's lines a person wants to see."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from statements.models import Journal, ReviewItem, StatementLine
from statements.models.line import StatementLineQuerySet


class State(models.TextChoices):
    """Where a line came from, or what Review has to do with it."""

    WAITS = "waits", _("Waits in Review")
    DECIDED = "decided", _("Decided in Review")
    FEED = "feed", _("From the bank's feed")
    FILE = "file", _("From a file")
    HAND = "hand", _("Entered by hand")


class Direction(models.TextChoices):
    """Which way the money went."""

    IN = "in", _("Money in")
    OUT = "out", _("Money out")


@dataclass(frozen=True)
class LineFilter:
    """What is asked for; nothing given is everything. ``least`` and ``most`` are sizes, whichever way the money went;
    both days are inside; every word of ``text`` must be found."""

    text: str = ""
    first_day: dt.date | None = None
    last_day: dt.date | None = None
    direction: str = ""
    least: Decimal | None = None
    most: Decimal | None = None
    state: str = ""

    @property
    def is_everything(self) -> bool:
        return self == LineFilter()

    @property
    def is_more_than_text(self) -> bool:
        return self != LineFilter(text=self.text)

    def lines(self, journal: Journal) -> StatementLineQuerySet:
        """The journal's lines that are asked for, in no order."""
        lines = StatementLine.objects.filter(journal=journal)
        for word in self.text.split():
            lines = lines.filter(_says(word))
        if self.first_day:
            lines = lines.filter(booking_date__gte=self.first_day)
        if self.last_day:
            lines = lines.filter(booking_date__lte=self.last_day)
        if self.direction:
            lines = lines.filter(amount__gt=0) if self.direction == Direction.IN else lines.filter(amount__lt=0)
        lines = _of_size(lines, self.least, self.most)
        return _in_state(lines, self.state)


def _says(word: str) -> Q:
    return (
        Q(counterparty_name__icontains=word) | Q(remittance__icontains=word) | Q(counterparty_account__icontains=word)
    )


def _of_size(lines: StatementLineQuerySet, least: Decimal | None, most: Decimal | None) -> StatementLineQuerySet:
    if least is not None:
        lines = lines.filter(Q(amount__gte=least) | Q(amount__lte=-least))
    if most is not None:
        lines = lines.filter(amount__range=(-most, most))
    return lines


def _in_state(lines: StatementLineQuerySet, state: str) -> StatementLineQuerySet:
    items = ReviewItem.objects.filter(line=OuterRef("pk"))
    if state == State.WAITS:
        return lines.filter(Exists(items.filter(decision="")))
    if state == State.DECIDED:
        return lines.filter(Exists(items.exclude(decision="")))
    return lines.filter(origin=state) if state else lines
