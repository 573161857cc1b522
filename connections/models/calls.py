"""How often a bank was asked through a connection on one of its days."""

from __future__ import annotations

from django.db import models

from connections.models.connection import Connection


class CallDay(models.Model):
    """``day`` is a calendar day of the bank. ``attended`` calls carried a person's address, ``unattended`` none."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="call_days")
    day = models.DateField()
    attended = models.PositiveIntegerField(default=0)
    unattended = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["connection", "day"], name="one_count_per_day"),)

    def __str__(self) -> str:
        return f"{self.day}: {self.attended} + {self.unattended}"
