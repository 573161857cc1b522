"""What the phone keeps."""

from __future__ import annotations

from django.db import models


class TextMessage(models.Model):
    """One message that arrived, at the real time: who waits for a code waits in it."""

    number = models.CharField(max_length=32, db_index=True)
    text = models.CharField(max_length=1000)
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"to {self.number} at {self.at}"
