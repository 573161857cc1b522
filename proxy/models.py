"""What the proxy keeps: its clients, the vault of bank connections, visits to the bank, the directory, events."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from phonenumber_field.modelfields import PhoneNumberField


class Subscription(models.Model):
    """What entitles a client to the service, until its last day."""

    code = models.CharField(max_length=64, unique=True)
    valid_until = models.DateField(help_text="The last day of the service.")
    is_trial = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"subscription until {self.valid_until}"


class Client(models.Model):
    """One banksync installation: who may call, known by the public half of its key."""

    class Status(models.TextChoices):
        ACTIVE = "active"
        BLOCKED = "blocked"
        DISCONNECTED = "disconnected"

    client_id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="clients")
    name = models.CharField(max_length=200)
    public_key = models.CharField(max_length=64, unique=True)
    phone_number = PhoneNumberField()
    phone_confirmed_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=16, choices=Status, default=Status.ACTIVE)
    code_digest = models.CharField(max_length=64, blank=True)
    code_sent_at = models.DateTimeField(null=True, blank=True)
    code_attempts = models.PositiveSmallIntegerField(default=0)
    # Until when a disconnected client may come back with a new key.
    may_return_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="client_status_known", condition=Q(status__in=["active", "blocked", "disconnected"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.client_id})"


class Standing(models.Model):
    """A change of how a client stands: blocked, woken, cut off, let back; by whom, and why. Never changed."""

    class Kind(models.TextChoices):
        BLOCKED = "client_blocked"
        UNBLOCKED = "client_unblocked"
        DISCONNECTED = "client_disconnected"
        ALLOWED_AGAIN = "client_allowed_again"
        RETURNED = "client_returned"

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="standings")
    kind = models.CharField(max_length=32, choices=Kind)
    at = models.DateTimeField(db_index=True)
    # The operator's name; "guard" for the guard itself, "phone" for whoever entered the code.
    by = models.CharField(max_length=150)
    why = models.CharField(max_length=500)

    def __str__(self) -> str:
        return f"{self.kind} by {self.by} at {self.at:%Y-%m-%d %H:%M}: {self.why}"


class Incident(models.Model):
    """Something that a client did, or that was done in its name, counted by the guard over a while.

    ``subject`` tells one from another, as a digest: the same thing again counts up ``times`` and adds no row.
    """

    class Kind(models.TextChoices):
        FOREIGN_REFERENCE = "foreign_reference"
        UNKNOWN_REFERENCE = "unknown_reference"
        REPLAY = "replay"
        CONNECTION_ATTEMPT = "connection_attempt"
        BAD_SIGNATURE = "bad_signature"
        CODE_SENT = "code_sent"

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="incidents")
    kind = models.CharField(max_length=32, choices=Kind)
    subject = models.CharField(max_length=64)
    times = models.PositiveIntegerField(default=1)
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(name="incident_once", fields=["client", "kind", "subject"])]
        indexes: ClassVar = [models.Index(name="incident_by_kind", fields=["client", "kind", "at"])]

    def __str__(self) -> str:
        return f"{self.kind} ×{self.times} at {self.at:%Y-%m-%d %H:%M}"


class Nonce(models.Model):
    """A signed request that was seen: the same signer's nonce is taken once."""

    signer = models.CharField(max_length=64)
    nonce = models.CharField(max_length=128)
    seen_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(name="nonce_once", fields=["signer", "nonce"])]

    def __str__(self) -> str:
        return f"{self.signer} {self.nonce}"


class Grant(models.Model):
    """A bank connection in the vault: the provider's secret, sealed for this row and this client alone."""

    class Status(models.TextChoices):
        ACTIVE = "active"
        REVOKED = "revoked"

    reference = models.CharField(max_length=64, unique=True)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="grants")
    provider = models.CharField(max_length=32)
    institution = models.CharField(max_length=255)
    provider_reference = models.CharField(max_length=255, blank=True, db_index=True)
    sealed_secret = models.TextField(blank=True)
    # The secret before the present one, for a provider that turns out not to have taken over the change.
    sealed_previous = models.TextField(blank=True)
    renewing_until = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=16, choices=Status, default=Status.ACTIVE)
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            # A revoked connection keeps no secret, and an active one is never without.
            models.CheckConstraint(
                name="grant_secret_while_active",
                condition=(Q(status="active") & ~Q(sealed_secret="")) | (Q(status="revoked") & Q(sealed_secret="")),
            ),
            models.CheckConstraint(
                name="grant_previous_while_active", condition=Q(status="active") | Q(sealed_previous="")
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class Flow(models.Model):
    """One visit to the bank's page, for a new connection or to update one, and how it ended."""

    class Status(models.TextChoices):
        OPEN = "waiting"
        CONNECTED = "connected"
        CANCELLED = "cancelled"
        FAILED = "failed"

    flow_id = models.CharField(max_length=64, unique=True)
    # What stands in the address the bank sends the browser to; it says nothing about the flow to who sees it.
    return_state = models.CharField(max_length=64, unique=True)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="flows")
    provider = models.CharField(max_length=32)
    institution = models.CharField(max_length=255)
    updates = models.ForeignKey(Grant, on_delete=models.PROTECT, null=True, blank=True, related_name="updates")
    return_url = models.URLField(max_length=2000)
    sealed_state = models.TextField()
    # What the browser came back with.
    sealed_answer = models.TextField(blank=True)
    status = models.CharField(max_length=16, choices=Status, default=Status.OPEN)
    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, null=True, blank=True, related_name="flows")
    error = models.TextField(blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    returned_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="flow_connected_has_grant",
                condition=(Q(status="connected") & Q(grant__isnull=False))
                | (Q(status__in=["waiting", "cancelled", "failed"]) & Q(grant__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.flow_id} ({self.status})"


class Institution(models.Model):
    """One bank of a provider's directory. ``sequence`` grows with every change, so that changes can be paged."""

    provider = models.CharField(max_length=32)
    institution_id = models.CharField(max_length=255)
    data = models.TextField(help_text="The neutral institution as JSON.")
    is_removed = models.BooleanField(default=False)
    sequence = models.BigIntegerField(unique=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(name="institution_once", fields=["institution_id"])]
        indexes: ClassVar = [models.Index(name="institution_by_provider", fields=["provider"])]

    def __str__(self) -> str:
        return self.institution_id


class Event(models.Model):
    """Something that happened to a client's connection; the client polls them by id.

    ``key`` is set where a provider told it: the same thing told twice is one event.
    """

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="events")
    grant = models.ForeignKey(Grant, on_delete=models.CASCADE, null=True, blank=True, related_name="events")
    kind = models.CharField(max_length=64)
    at = models.DateTimeField()
    key = models.CharField(max_length=255, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="event_once", fields=["grant", "key"], condition=~Q(key="")),
        ]
        indexes: ClassVar = [models.Index(name="event_by_client", fields=["client", "id"])]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at:%Y-%m-%d %H:%M}"


class AuditEntry(models.Model):
    """One answered request of a client: what was asked and how it ended. Neither bodies nor secrets."""

    at = models.DateTimeField(db_index=True)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="audit", db_index=False)
    verb = models.CharField(max_length=200)
    reference = models.CharField(max_length=16, db_index=True)
    status_code = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name_plural = "audit entries"
        # The newest of a client says when it was last seen.
        indexes: ClassVar = [models.Index(name="audit_by_client", fields=["client", "-at"])]

    def __str__(self) -> str:
        return f"{self.reference} {self.verb} {self.status_code}"


class OperatorEntry(models.Model):
    """What an operator did, to whom, and why. Written once (``services.operators``) and never changed.

    ``operator`` is the name they signed in with, so that the entry says who it was when their account is gone.
    """

    at = models.DateTimeField(db_index=True)
    operator = models.CharField(max_length=150)
    action = models.CharField(max_length=40)
    client = models.ForeignKey(
        Client, on_delete=models.SET_NULL, null=True, blank=True, related_name="operator_entries"
    )
    subject = models.CharField(max_length=255, blank=True)
    why = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "operator entries"
        indexes: ClassVar = [models.Index(name="operator_entry_by_action", fields=["operator", "action", "at"])]

    def __str__(self) -> str:
        return f"{self.operator}: {self.action} {self.subject}".strip()
