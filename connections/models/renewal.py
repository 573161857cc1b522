"""A link by which somebody without a sign-in may renew one connection's permission, once."""

from __future__ import annotations

import datetime as dt

from django.db import models

from companies.models import User
from connections.models.attempt import LinkAttempt
from connections.models.connection import Connection


class RenewalLink(models.Model):
    """``digest`` is of what the mail holds, which is nowhere kept. ``person`` is whom the mail was sent to."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="renewal_links")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    starts = models.PositiveSmallIntegerField(default=0)
    # The walk to the bank's page that it was used for last.
    attempt = models.OneToOneField(LinkAttempt, on_delete=models.SET_NULL, null=True, related_name="renewal_link")

    def __str__(self) -> str:
        return f"renewal of {self.connection}"

    def is_over(self, now: dt.datetime) -> bool:
        """Whether its time has passed."""
        return self.expires_at <= now
