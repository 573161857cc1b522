"""What waits for a person's decision."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from companies.models import User
from statements.models.journal import Journal
from statements.models.line import StatementLine
from statements.models.run import SyncRun


class ReviewItemQuerySet(models.QuerySet["ReviewItem"]):
    def for_user(self, user: User) -> ReviewItemQuerySet:
        """The items of the companies this person belongs to."""
        return self.filter(journal__company__memberships__user=user)

    def open(self) -> ReviewItemQuerySet:
        return self.filter(decision="")


class ReviewItem(models.Model):
    """A fact that the books were not changed for: what they say before, what the provider says after.

    The same fact brought again by a later fetch is the same item (``fingerprint``), not another one.
    """

    class Kind(models.TextChoices):
        CHANGED = "changed", _("Changed by the bank")
        REMOVED = "removed", _("Taken back by the bank")
        LOCKED = "locked", _("In the locked period")
        CURRENCY = "currency", _("In another currency")
        SUSPECTED = "suspected", _("Perhaps there already")

    class Decision(models.TextChoices):
        """What a person made of it. Which are open to choice depends on the kind (``services.decisions``)."""

        KEEP = "keep", _("Keep the books as they are")
        APPLY = "apply", _("Take over what the bank says")
        REMOVE = "remove", _("Take the line out")
        BOOK = "book", _("Book it")
        BOOK_OPEN_DAY = "book_open_day", _("Book it on the first open day")
        SAME = "same", _("It is the same one")
        IGNORE = "ignore", _("Leave it out for good")

    journal = models.ForeignKey(Journal, on_delete=models.CASCADE, related_name="review_items")
    line = models.ForeignKey(StatementLine, on_delete=models.CASCADE, null=True, related_name="review_items")
    run = models.ForeignKey(SyncRun, on_delete=models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    transaction_id = models.CharField(max_length=255)
    before: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    after: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    fingerprint = models.CharField(max_length=64)
    decision = models.CharField(max_length=20, choices=Decision.choices, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ReviewItemQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = (
            models.UniqueConstraint(fields=["journal", "kind", "fingerprint"], name="one_item_per_fact"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["changed", "removed", "locked", "currency", "suspected"]),
                name="review_kind_is_known",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind}: {self.transaction_id}"
