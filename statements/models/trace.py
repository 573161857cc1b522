"""What a line said before the bank worded it otherwise."""

from __future__ import annotations

from django.db import models

from statements.models.line import StatementLine
from statements.models.run import SyncRun


class LineTrace(models.Model):
    """The words of a line as they were until ``replaced_at``. Written once, in bulk, by ``services.intake``."""

    line = models.ForeignKey(StatementLine, on_delete=models.CASCADE, related_name="traces")
    run = models.ForeignKey(SyncRun, on_delete=models.SET_NULL, null=True, related_name="+")
    replaced_at = models.DateTimeField()
    value_date = models.DateField(null=True)
    counterparty_name = models.CharField(max_length=255, blank=True)
    counterparty_account = models.CharField(max_length=64, blank=True)
    remittance = models.TextField(blank=True)
    kind = models.CharField(max_length=64, blank=True)
    is_flagged_duplicate = models.BooleanField(default=False)

    class Meta:
        ordering = ("-replaced_at", "-id")

    def __str__(self) -> str:
        return f"{self.line_id} until {self.replaced_at:%Y-%m-%d %H:%M}"
