"""A company's identity towards the proxy."""

from __future__ import annotations

from django.db import models
from phonenumber_field.modelfields import PhoneNumberField

from companies.models import Company
from foundation.sealing import seal, unseal


class ProxyRegistrationQuerySet(models.QuerySet["ProxyRegistration"]):
    def registered(self) -> ProxyRegistrationQuerySet:
        """Those the proxy knows; the others have a key only, and its answer was lost or is still on its way."""
        return self.exclude(client_id="")

    def refused(self) -> ProxyRegistrationQuerySet:
        """Those of which the proxy refuses everything until a person, or its operator, does something."""
        return self.filter(status__in=ProxyRegistration.REFUSED)


class ProxyRegistration(models.Model):
    """The key pair a company signs with. Made before it is registered, so that a lost answer loses no key."""

    class Status(models.TextChoices):
        NEW = "new"
        # The code sent to the phone has not been entered.
        UNCONFIRMED = "unconfirmed"
        ACTIVE = "active"
        # Suspicious activity: the code sent to the phone wakes it.
        BLOCKED = "blocked"
        # Cut off by the proxy's operator, who may let it back.
        DISCONNECTED = "disconnected"
        # No subscription that is good today.
        UNPAID = "unpaid"

    REFUSED = (Status.UNCONFIRMED, Status.BLOCKED, Status.DISCONNECTED, Status.UNPAID)

    company = models.OneToOneField(Company, on_delete=models.CASCADE, related_name="registration")
    client_id = models.CharField(max_length=64, blank=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.NEW)
    public_key = models.CharField(max_length=200)
    sealed_private_key = models.TextField()
    phone_number = PhoneNumberField()
    # The number that codes go to, as far as the proxy shows it.
    phone_hint = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    # Why the proxy refuses everything, in its words; empty while it does not.
    refusal_code = models.CharField(max_length=64, blank=True)
    refusal_message = models.TextField(blank=True)
    refusal_reference = models.CharField(max_length=32, blank=True)
    refused_at = models.DateTimeField(null=True)

    # Set while the latest exchange did not get as far as an answer about anything.
    trouble_code = models.CharField(max_length=64, blank=True)
    trouble_message = models.TextField(blank=True)
    trouble_at = models.DateTimeField(null=True)

    objects = ProxyRegistrationQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(status="new") | ~models.Q(client_id=""), name="registered_client_has_an_id"
            ),
        )

    def __str__(self) -> str:
        return f"{self.company}: {self.client_id or 'not registered'}"

    def keep_private_key(self, private_key: str) -> None:
        """Seals the key to this company's row."""
        self.sealed_private_key = seal(private_key, row=self.row)

    def private_key(self) -> str:
        """The key in the clear, for signing. Raises ``SealBroken``."""
        return unseal(self.sealed_private_key, row=self.row)

    @property
    def row(self) -> str:
        """The name that the key is sealed for."""
        return f"registration:{self.company_id}"


class EventCursor(models.Model):
    """Up to which event of the proxy's feed a company's connections have been told."""

    registration = models.OneToOneField(ProxyRegistration, on_delete=models.CASCADE, related_name="event_cursor")
    after = models.BigIntegerField(default=0)
    polled_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"events up to {self.after}"
