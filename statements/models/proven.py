"""Which days of an account have been read without a hole."""

from __future__ import annotations

from django.db import models

from connections.models import Account


class ProvenDays(models.Model):
    """A run of days, first and last inside, of which everything the bank has posted is in the books.

    Ranges of one account neither touch nor overlap: ``services.proven`` joins them. What lies between two is a gap.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="proven_days")
    first_day = models.DateField()
    last_day = models.DateField()

    class Meta:
        ordering = ("first_day",)
        constraints = (
            models.UniqueConstraint(fields=["account", "first_day"], name="one_range_per_first_day"),
            models.CheckConstraint(condition=models.Q(last_day__gte=models.F("first_day")), name="proven_is_forward"),
        )

    def __str__(self) -> str:
        return f"{self.first_day} – {self.last_day}"
