"""Lines that a person took out of the books, so that no fetch brings them back."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from companies.models import User
from connections.models import Account
from foundation.money import MoneyField
from statements.models.journal import Journal
from statements.models.run import SyncRun


class RemovedLine(models.Model):
    """What is remembered of a line that was taken out: how to know it again, and all of it to put it back."""

    class Reason(models.TextChoices):
        DUPLICATE = "duplicate", _("a duplicate")
        UNDO = "undo", _("the fetch was undone")
        WITHDRAWN = "withdrawn", _("the bank took it back")
        HAND = "hand", _("removed by hand")

    journal = models.ForeignKey(Journal, on_delete=models.CASCADE, related_name="removed_lines")
    account = models.ForeignKey(Account, on_delete=models.SET_NULL, null=True, related_name="+")
    transaction_id = models.CharField(max_length=255, blank=True)
    booking_date = models.DateField()
    amount = MoneyField()
    currency = models.CharField(max_length=3)
    # Everything else the line held, by the names of its columns.
    facts: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    run = models.ForeignKey(SyncRun, on_delete=models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=12, choices=Reason.choices)
    removed_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    removed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-removed_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=["journal", "transaction_id"], condition=~Q(transaction_id=""), name="one_memory_per_transaction"
            ),
        )
        indexes = (models.Index(fields=["journal", "booking_date", "amount"], name="removed_by_facts"),)

    def __str__(self) -> str:
        return f"{self.booking_date} {self.amount} {self.currency}, {self.reason}"


class GenuineTwins(models.Model):
    """A person said that these equal lines are real ones; they are not asked about again while there are no more."""

    journal = models.ForeignKey(Journal, on_delete=models.CASCADE, related_name="genuine_twins")
    # The facts that make lines look like one, in one text (``services.duplicates`` writes it).
    key = models.CharField(max_length=500)
    count = models.PositiveIntegerField()
    decided_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "genuine twins"
        constraints = (models.UniqueConstraint(fields=["journal", "key"], name="one_decision_per_group"),)

    def __str__(self) -> str:
        return f"{self.count} × {self.key}"
