"""What tests and demos set: how far the sandbox's clock is ahead, and which faults wait to happen."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class Clock(models.Model):
    """The one row that says how many seconds the sandbox's time is ahead of the real one."""

    ONLY = 1

    seconds_ahead = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="clock_is_one_row")]

    def __str__(self) -> str:
        return f"{self.seconds_ahead} s ahead"


class ArmedFaultQuerySet(models.QuerySet["ArmedFault"]):
    """Questions about armed faults."""

    def waiting(self) -> ArmedFaultQuerySet:
        """Those that have not happened as often as they shall."""
        return self.filter(Q(times=None) | Q(happened__lt=F("times")))


class ArmedFault(models.Model):
    """A fault that happens to calls of ``route``: after ``after`` of them have passed, ``times`` times.

    ``times`` is ``None`` for every time. Empty ids match every call. ``spec`` is the whole fault as it was armed.
    """

    route = models.CharField(max_length=200)
    kind = models.CharField(max_length=40)
    is_in_content = models.BooleanField()
    institution_id = models.CharField(max_length=100, blank=True)
    item_id = models.CharField(max_length=100, blank=True)
    account_id = models.CharField(max_length=100, blank=True)
    after = models.PositiveIntegerField(default=0)
    times = models.PositiveIntegerField(null=True)
    passed = models.PositiveIntegerField(default=0)
    happened = models.PositiveIntegerField(default=0)
    spec = models.JSONField()

    objects = ArmedFaultQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.kind} on {self.route}"
