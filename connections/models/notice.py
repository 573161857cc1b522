"""E-mails about connections, written down before they are sent."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from companies.models import User
from connections.models.connection import Connection


class NoticeQuerySet(models.QuerySet["Notice"]):
    def waiting(self, now: dt.datetime) -> NoticeQuerySet:
        """Those that have not left and that nobody is just sending."""
        return self.filter(Q(claimed_until__isnull=True) | Q(claimed_until__lt=now), sent_at__isnull=True)


class Notice(models.Model):
    """What one person is told about one connection on one occasion, once.

    The row is there before the mail is sent: it is what keeps an occasion from being told twice, and a mail from being
    lost. Who sends it claims it first; a claim whose holder died ends by itself.
    """

    class Kind(models.TextChoices):
        SILENCE = "silence", _("No fetch for long")
        RECOVERY = "recovery", _("Fetched again")
        CONSENT = "consent", _("Permission ends")

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="notices")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    # What it is about, in a form that is the same whenever it is computed again.
    occasion = models.CharField(max_length=60)
    created_at = models.DateTimeField(auto_now_add=True)
    claimed_until = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["connection", "person", "kind", "occasion"], name="one_notice_per_occasion"
            ),
        )
        indexes = (models.Index(fields=["id"], name="notice_not_sent", condition=Q(sent_at__isnull=True)),)

    def __str__(self) -> str:
        return f"{self.kind} {self.occasion}"
