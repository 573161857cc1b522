"""What the Salt Edge simulator remembers: customers, widget sessions, connections, their consents and readings."""

from __future__ import annotations

import datetime as dt

from django.db import models


class Customer(models.Model):
    """Whose data it is, by the caller's own name for them."""

    customer_id = models.CharField(max_length=32, unique=True)
    identifier = models.CharField(max_length=250, unique=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.customer_id


class Connection(models.Model):
    """A sign-in at one bank. ``numbering`` grows where ids are other ones after each new sign-in.

    ``is_refused`` is set when the bank asks for a new sign-in; ``disabled_at`` when Salt Edge gave the bank up.
    ``natures`` are those that any reading has brought, ``None`` once one has brought all.
    """

    connection_id = models.CharField(max_length=32, unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="connections")
    institution_id = models.CharField(max_length=100)
    provider_code = models.CharField(max_length=120)
    account_keys = models.JSONField(default=list)
    natures = models.JSONField(null=True)
    automatic_refresh = models.BooleanField(default=False)
    linked_at = models.DateTimeField()
    signed_in_at = models.DateTimeField(null=True)
    numbering = models.PositiveIntegerField(default=0)
    is_refused = models.BooleanField(default=False)
    disabled_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.connection_id} at {self.institution_id}"


class Consent(models.Model):
    """What the holder allowed: from which day on, and until when."""

    consent_id = models.CharField(max_length=32, unique=True)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="consents")
    scopes = models.JSONField()
    from_date = models.DateField()
    period_days = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoke_reason = models.CharField(max_length=20, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.consent_id

    def status(self, now: dt.datetime) -> str:
        if self.revoked_at:
            return "revoked"
        return "expired" if self.expires_at and now >= self.expires_at else "active"


class Attempt(models.Model):
    """One reading of the bank; it ends at ``ends_at``, well unless ``fail_error_class`` says how not."""

    attempt_id = models.CharField(max_length=32, unique=True)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="attempts")
    consent = models.ForeignKey(Consent, on_delete=models.CASCADE, null=True)
    started_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    user_present = models.BooleanField()
    custom_fields = models.JSONField(default=dict)
    include_natures = models.JSONField(null=True)
    fail_error_class = models.CharField(max_length=60, blank=True)
    fail_message = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.attempt_id


class Session(models.Model):
    """An allowance to open the widget, for a new connection or to sign in again for one that is there.

    ``error_class`` is what went wrong last, told if the visitor leaves.
    """

    token = models.CharField(max_length=64, unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, null=True)
    institution_id = models.CharField(max_length=100, blank=True)
    provider_code = models.CharField(max_length=120, blank=True)
    consent = models.JSONField()
    return_to = models.CharField(max_length=2040, blank=True)
    custom_fields = models.JSONField(default=dict)
    include_natures = models.JSONField(null=True)
    automatic_refresh = models.BooleanField(default=False)
    return_connection_id = models.BooleanField(default=False)
    return_error_class = models.BooleanField(default=False)
    expires_at = models.DateTimeField()
    signed_in_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    error_class = models.CharField(max_length=60, blank=True)
    made = models.ForeignKey(Connection, on_delete=models.SET_NULL, null=True, related_name="+")

    def __str__(self) -> str:
        return f"session of {self.customer_id}"

    def is_over(self, now: dt.datetime) -> bool:
        return self.finished_at is not None or now >= self.expires_at


class Mark(models.Model):
    """A transaction that the caller said to be a duplicate, or not to be one."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="marks")
    transaction_id = models.CharField(max_length=32)
    is_duplicated = models.BooleanField()
    marked_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "transaction_id"], name="mark_once")]

    def __str__(self) -> str:
        return self.transaction_id
