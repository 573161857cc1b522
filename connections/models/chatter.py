"""The log on a connection, read by people."""

from __future__ import annotations

from typing import Any

from django.db import models

from companies.models import User
from connections.models.connection import Connection


class ChatterEntry(models.Model):
    """One thing that happened. It is written once and never changed.

    ``code`` and ``facts`` are kept instead of a sentence, so that each reader reads it in their own language; a note
    by a person is its ``text``.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="chatter")
    at = models.DateTimeField(auto_now_add=True)
    code = models.CharField(max_length=40)
    facts: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    text = models.TextField(blank=True)
    person = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    reference = models.CharField(max_length=32, blank=True)
    action = models.CharField(max_length=32, blank=True)

    class Meta:
        ordering = ("-at", "-id")
        indexes = (models.Index(fields=["connection", "-at", "-id"], name="chatter_newest_first"),)
        verbose_name_plural = "chatter entries"

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.code}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("A chatter entry is never changed.")
        super().save(*args, **kwargs)
