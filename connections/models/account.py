"""A bank account seen through a connection."""

from __future__ import annotations

from django.db import models

from connections.models.connection import Connection
from foundation.money import MoneyField


class Account(models.Model):
    """What the provider says of one account, and up to where it has been read.

    ``position`` is the proxy's own text. It moves only in the commit that stores the lines it stands for.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="accounts")
    identifier = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    official_name = models.CharField(max_length=255, blank=True)
    number = models.CharField(max_length=64, blank=True)
    mask = models.CharField(max_length=8, blank=True)
    currency = models.CharField(max_length=3)
    type = models.CharField(max_length=50, blank=True)
    is_closed = models.BooleanField(default=False)
    # What the bank last said. A missing balance keeps the one before.
    booked_balance = MoneyField(null=True)
    available_balance = MoneyField(null=True)
    balance_at = models.DateTimeField(null=True)
    position = models.TextField(blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=["connection", "identifier"], name="one_row_per_account"),
            models.CheckConstraint(condition=~models.Q(currency=""), name="account_has_a_currency"),
        )

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The account as people name it: "Operating account ·· 4412"."""
        ending = self.mask or self.number[-4:]
        return f"{self.name} ·· {ending}" if ending else self.name
