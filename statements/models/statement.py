"""A period of a journal, with the balance it opens and closes with."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import models

from companies.models import User
from foundation.money import MoneyField
from statements.models.journal import Journal


class StatementQuerySet(models.QuerySet["Statement"]):
    def for_user(self, user: User) -> StatementQuerySet:
        """The statements of the companies this person belongs to."""
        return self.filter(journal__company__memberships__user=user)


class Statement(models.Model):
    """Opening + movements = closing, and opening = the closing before. ``services.balances`` keeps both true."""

    journal = models.ForeignKey(Journal, on_delete=models.CASCADE, related_name="statements")
    first_day = models.DateField()
    last_day = models.DateField()
    opening = MoneyField(default=Decimal(0))
    total_in = MoneyField(default=Decimal(0))
    total_out = MoneyField(default=Decimal(0))
    closing = MoneyField(default=Decimal(0))
    line_count = models.PositiveIntegerField(default=0)
    # Goes up each time something changes what the statement says; what it said before is kept as a version.
    version = models.PositiveIntegerField(default=1)
    # The closing balance that the bank itself gave for the last day of the period, if it did.
    bank_closing = MoneyField(null=True)
    # The last booked balance that a fetch brought within the period, its day, and what the books said then.
    bank_balance = MoneyField(null=True)
    bank_balance_day = models.DateField(null=True)
    our_balance = MoneyField(null=True)
    # The day of the bank's balance that proves what is said here; taken away with everything that changes it.
    proven_on = models.DateField(null=True)
    # The version a person has looked at and confirmed.
    confirmed_version = models.PositiveIntegerField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = StatementQuerySet.as_manager()

    class Meta:
        ordering = ("-first_day",)
        constraints = (
            models.UniqueConstraint(fields=["journal", "first_day"], name="one_statement_per_period"),
            models.CheckConstraint(condition=models.Q(last_day__gte=models.F("first_day")), name="period_is_forward"),
            models.CheckConstraint(
                condition=models.Q(closing=models.F("opening") + models.F("total_in") + models.F("total_out")),
                name="opening_and_movements_make_closing",
            ),
        )

    def __str__(self) -> str:
        return f"{self.journal} {self.first_day:%Y-%m}"

    def covers(self, day: dt.date) -> bool:
        """Whether the day falls into this statement's period."""
        return self.first_day <= day <= self.last_day


class StatementVersion(models.Model):
    """What a statement said before something changed it. Written once, when the next version takes its place."""

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField()
    opening = MoneyField()
    total_in = MoneyField()
    total_out = MoneyField()
    closing = MoneyField()
    line_count = models.PositiveIntegerField()
    replaced_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-version",)
        constraints = (models.UniqueConstraint(fields=["statement", "version"], name="one_row_per_version"),)

    def __str__(self) -> str:
        return f"{self.statement} version {self.version}"
