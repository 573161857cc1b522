"""When the clock last ticked."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Heartbeat(models.Model):
    """One row, written at each tick: by a worker, for a tick of beat, so that it stops when either does."""

    ONLY = 1

    at = models.DateTimeField()

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(id=1), name="one_heartbeat"),)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S}"
