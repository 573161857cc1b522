"""A company's link to one institution through one provider."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.models import Company, User
from connections.models.institution import Institution
from connections.models.outage import Outage
from connections.models.registration import ProxyRegistration


class ConnectionQuerySet(models.QuerySet["Connection"]):
    def for_user(self, user: User) -> ConnectionQuerySet:
        """What this person may see: the connections of the companies they belong to."""
        return self.filter(company__memberships__user=user)

    def locked(self) -> ConnectionQuerySet:
        """Held until the transaction ends, so that nobody else changes them; what belongs to them can still be added.

        Whoever also holds a run or a journal of a connection holds the connection first.
        """
        return self.select_for_update(of=("self",), no_key=True)

    def live(self) -> ConnectionQuerySet:
        """Those that can be fetched at all, or after a sign-in."""
        return self.filter(status__in=Connection.LIVE, reference__isnull=False)

    def on_clock(self) -> ConnectionQuerySet:
        """Those the clock fetches by itself, each when its moment has come; not while they wait for a person."""
        return self.filter(status=Connection.Status.CONNECTED, is_automatic=True, refused_unattended_at__isnull=True)

    def due(self, now: dt.datetime) -> ConnectionQuerySet:
        """Those the clock should fetch now and nobody has claimed."""
        return self.on_clock().filter(
            Q(claimed_until__isnull=True) | Q(claimed_until__lt=now),
            # What the proxy refuses for the whole company is not asked for each of its connections.
            ~Exists(ProxyRegistration.objects.refused().filter(company=OuterRef("company"))),
            waits_for__isnull=True,
            next_fetch_at__lte=now,
        )


class Connection(models.Model):
    """A link to a bank. ``status`` is changed by ``services.lifecycle`` alone, which writes it to the chatter."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        CONNECTED = "connected", _("Connected")
        ACTION_REQUIRED = "action_required", _("Action required")
        DISCONNECTED = "disconnected", _("Disconnected")
        REVOKED = "revoked", _("Revoked")
        SUPERSEDED = "superseded", _("Superseded")
        LEGACY = "legacy", _("Legacy")

    # The states in which something can be read, if need be after a sign-in.
    LIVE = (Status.CONNECTED, Status.ACTION_REQUIRED)

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="connections")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    provider = models.CharField(max_length=50)
    reference = models.CharField(max_length=255, null=True, unique=True)  # noqa: DJ001
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.DRAFT)
    consent_expires_at = models.DateTimeField(null=True, blank=True)
    # Other banks under the same permission: they must stay chosen when it is given again.
    shared_with: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    # The only kinds of account that are asked for; none for all. See ``Institution.choosable_kinds``.
    account_kinds: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    is_automatic = models.BooleanField(_("automatic synchronization"), default=True)
    interval_hours = models.PositiveSmallIntegerField(default=12)
    # Since when the bank is known not to let itself be read while nobody is there: the clock leaves it alone until a
    # person switches automatic synchronization on again.
    refused_unattended_at = models.DateTimeField(null=True, blank=True)
    next_fetch_at = models.DateTimeField(null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    # Until when the bank or the provider wants to be left alone, as it said with the last limit that was reached.
    limited_until = models.DateTimeField(null=True, blank=True)
    # Something that it needs does not answer anybody: the clock leaves it alone until that is over.
    waits_for = models.ForeignKey(Outage, on_delete=models.SET_NULL, null=True, blank=True, related_name="waiting")
    # Set when the provider told of something new, until a fetch for it begins.
    woken_at = models.DateTimeField(null=True, blank=True)

    # The last reminder that its permission ends; a date and a stage of ``services.reminders``.
    reminded_of = models.CharField(max_length=20, blank=True)
    # When people were last told that nothing is fetched any more; cleared when they are told that it works again.
    alarmed_at = models.DateTimeField(null=True, blank=True)

    # When the provider was told to forget it. A superseded one without it is told as soon as the provider answers.
    ended_at = models.DateTimeField(null=True, blank=True)

    # The failure that stands, cleared by the next success. In the proxy's words; ``error_action`` is the next step.
    error_code = models.CharField(max_length=64, blank=True)
    error_message = models.TextField(blank=True)
    error_action = models.CharField(max_length=32, blank=True)
    error_reference = models.CharField(max_length=32, blank=True)

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(
                fields=["next_fetch_at"],
                name="connection_due",
                # What is claimed leaves it: whoever looks for more does not step over it again and again.
                condition=Q(status="connected", is_automatic=True, waits_for__isnull=True, claimed_until__isnull=True),
            ),
            # What is under way or queued: few, however many connections there are.
            models.Index(fields=["claimed_until"], name="connection_claimed", condition=Q(claimed_until__isnull=False)),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(status__in=["draft", "legacy", "superseded"]) | Q(reference__isnull=False),
                name="live_connection_has_a_reference",
            ),
            models.CheckConstraint(condition=Q(interval_hours__gte=1), name="interval_is_an_hour_or_more"),
        )

    def __str__(self) -> str:
        return self.institution.name

    @property
    def is_live(self) -> bool:
        """Whether it is one of ``live``."""
        return self.status in self.LIVE and bool(self.reference)

    @property
    def needs_nobody(self) -> bool:
        """Whether a fetch can go well without somebody who signs in or confirms at the bank first."""
        return self.status != self.Status.ACTION_REQUIRED and self.error_action != "user_present"

    @property
    def is_on_clock(self) -> bool:
        """Whether it is one of ``on_clock``."""
        return self.status == self.Status.CONNECTED and self.is_automatic and self.refused_unattended_at is None

    @property
    def is_due(self) -> bool:
        """Whether the moment of the next fetch has come: the clock starts it with its next tick."""
        return self.waits_for_id is None and self.next_fetch_at is not None and self.next_fetch_at <= timezone.now()
