"""One walk to a bank's page and back."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from companies.models import Company, User
from connections.models.connection import Connection
from connections.models.institution import Institution


class LinkAttemptQuerySet(models.QuerySet["LinkAttempt"]):
    def for_user(self, user: User) -> LinkAttemptQuerySet:
        """Attempts that this very person began."""
        return self.filter(person=user, company__memberships__user=user)


class LinkAttempt(models.Model):
    """An attempt to connect a bank, or to sign in again for a connection that is there.

    Its id is random and is all that the way back from the bank carries.
    """

    class Purpose(models.TextChoices):
        CONNECT = "connect", _("Connect a bank")
        UPDATE = "update", _("Sign in again")

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting for the bank")
        CONNECTED = "connected", _("Connected")
        CANCELLED = "cancelled", _("Cancelled")
        FAILED = "failed", _("Failed")
        LINKED = "linked", _("Linked")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    institution = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=10, choices=Purpose.choices, default=Purpose.CONNECT)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, null=True, related_name="attempts")
    # The only kinds of account that are asked for; none for all.
    account_kinds: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    flow = models.CharField(max_length=255, blank=True)
    hosted_url = models.TextField(blank=True)
    expires_at = models.DateTimeField(null=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.WAITING)
    error_code = models.CharField(max_length=64, blank=True)
    error_message = models.TextField(blank=True)
    error_reference = models.CharField(max_length=32, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = LinkAttemptQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(status__in=["connected", "linked"]) | models.Q(connection__isnull=False),
                name="connected_attempt_has_a_connection",
            ),
            models.CheckConstraint(
                condition=~models.Q(purpose="update") | models.Q(connection__isnull=False),
                name="update_has_a_connection",
            ),
        )

    def __str__(self) -> str:
        return f"{self.institution}: {self.status}"

    @property
    def is_update(self) -> bool:
        return self.purpose == self.Purpose.UPDATE

    def is_open(self, now: dt.datetime) -> bool:
        """Whether the bank's page can still be used."""
        return self.status == self.Status.WAITING and (self.expires_at is None or self.expires_at > now)
