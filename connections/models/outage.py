"""What many connections need and what does not answer: the proxy, a provider, one bank."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class OutageQuerySet(models.QuerySet["Outage"]):
    def standing(self) -> OutageQuerySet:
        """Those that were seen by enough connections to be believed."""
        return self.filter(since__isnull=False)


class Outage(models.Model):
    """One row for each thing that fails, shared by every process; it is gone as soon as that thing answers.

    Failures of different connections are gathered in ``failed`` first. With enough of them the outage stands, from
    ``since`` on: the clock then asks with one connection at a time (``probing``), at ``probe_at``, for all of them.
    """

    class Kind(models.TextChoices):
        PROXY = "proxy", _("Proxy")
        PROVIDER = "provider", _("Provider")
        INSTITUTION = "institution", _("Bank")

    kind = models.CharField(max_length=12, choices=Kind.choices)
    # The provider's name or the institution's identifier; "" for the proxy.
    subject = models.CharField(max_length=255, blank=True)
    first_failed_at = models.DateTimeField()
    failed: models.JSONField[list[int], list[int]] = models.JSONField(default=list)
    since = models.DateTimeField(null=True)
    probe_at = models.DateTimeField(null=True)
    probes = models.PositiveIntegerField(default=0)
    # The id of the connection that asks for all; without a constraint, for it may be deleted meanwhile.
    probing = models.BigIntegerField(null=True)

    objects = OutageQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["kind", "subject"], name="one_outage_per_subject"),
            models.CheckConstraint(
                condition=Q(since__isnull=True) | Q(probe_at__isnull=False), name="outage_is_probed"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}".strip()

    @property
    def concerned(self) -> Q:
        """The connections that need what does not answer."""
        if self.kind == self.Kind.PROXY:
            return Q()
        if self.kind == self.Kind.PROVIDER:
            return Q(provider=self.subject)
        return Q(institution__identifier=self.subject)
