"""What a person asked a bank for to compare it with the books, while it is asked and until it is looked at."""

from __future__ import annotations

from django.db import models

from companies.models import User
from statements.models.journal import Journal


class MissingSearch(models.Model):
    """The last search for missing transactions of a journal: how far it is, then the bank's answer or its failure.

    ``answer`` is what was read, as JSON; what of it is missing is compared with the books each time it is looked at.
    ``heard_at``: when the worker last said how far it is; one that was not heard of for long is lost.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    journal = models.OneToOneField(Journal, on_delete=models.CASCADE, related_name="missing_search")
    person = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    since = models.DateField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    started_at = models.DateTimeField()
    heard_at = models.DateTimeField()
    seen = models.PositiveIntegerField(default=0)
    answer = models.BinaryField(null=True)
    error_code = models.CharField(max_length=40, blank=True)
    error_message = models.TextField(blank=True)
    error_theirs = models.TextField(blank=True)
    error_action = models.CharField(max_length=40, blank=True)
    error_reference = models.CharField(max_length=40, blank=True)

    def __str__(self) -> str:
        return f"{self.journal} from {self.since}: {self.state}"

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.QUEUED, self.State.RUNNING)
