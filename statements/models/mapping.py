"""How a journal's CSV files are to be read."""

from __future__ import annotations

from typing import Any

from django.db import models

from statements.models.journal import Journal


class CsvMapping(models.Model):
    """The mapping a person chose last for this journal; files with the same header are read by it."""

    journal = models.OneToOneField(Journal, on_delete=models.CASCADE, related_name="csv_mapping")
    mapping: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"columns of {self.journal}"
