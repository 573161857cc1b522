"""What the Ponto simulator remembers: organizations, what they share, permissions and their tokens, readings."""

from __future__ import annotations

from django.db import models


class Organization(models.Model):
    """Whose accounts they are: everyone who signs in at Ponto's page under one user name."""

    organization_id = models.CharField(max_length=36, unique=True)
    name = models.CharField(max_length=150, unique=True)

    def __str__(self) -> str:
        return self.name


class SharedAccount(models.Model):
    """An account that an organization shares. ``account_key`` is the world's, ``account_id`` is Ponto's.

    ``authorized_at`` is when the holder last approved at the bank, ``linked_at`` when the account was first shared.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="accounts")
    account_key = models.CharField(max_length=120)
    account_id = models.CharField(max_length=36, unique=True)
    epoch = models.PositiveIntegerField(default=0)
    linked_at = models.DateTimeField()
    authorized_at = models.DateTimeField()
    is_reset = models.BooleanField(default=False)

    class Meta:
        ordering = ["account_key"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "account_key"], name="organization_shares_account_once")
        ]

    def __str__(self) -> str:
        return self.account_key

    @property
    def bank_id(self) -> str:
        return self.account_key.rpartition(".")[0]


class Onboarding(models.Model):
    """What Ponto's page was told before the holder came."""

    details_id = models.CharField(max_length=36, unique=True)
    bank_id = models.CharField(max_length=100, blank=True)

    def __str__(self) -> str:
        return self.details_id


class Visit(models.Model):
    """One visit to Ponto's page. ``renews`` is set when it is to renew the permission of one account at its bank."""

    visit_id = models.CharField(max_length=64, unique=True)
    redirect_uri = models.CharField(max_length=2000)
    state = models.CharField(max_length=500, blank=True)
    challenge = models.CharField(max_length=128, blank=True)
    bank_id = models.CharField(max_length=100, blank=True)
    renews = models.ForeignKey(SharedAccount, null=True, on_delete=models.CASCADE)
    started_at = models.DateTimeField()
    organization = models.ForeignKey(Organization, null=True, on_delete=models.CASCADE)
    finished_at = models.DateTimeField(null=True)
    exit_error = models.CharField(max_length=60, blank=True)
    code = models.CharField(max_length=64, blank=True, db_index=True)
    code_used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"visit {self.visit_id}"


class Authorization(models.Model):
    """The permission that an organization gave an application, with all tokens that came of it."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="authorizations")
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"of {self.organization}"


class RefreshToken(models.Model):
    """Good once. ``replaces`` is the one that was spent for it; ``used_at`` when it or its access token first was."""

    token = models.CharField(max_length=64, unique=True)
    authorization = models.ForeignKey(Authorization, on_delete=models.CASCADE, related_name="refresh_tokens")
    replaces = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="successors")
    created_at = models.DateTimeField()
    spent_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    is_void = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"for {self.authorization}"


class AccessToken(models.Model):
    """What opens the API for half an hour. Without ``authorization`` it is the application's own."""

    token = models.CharField(max_length=64, unique=True)
    authorization = models.ForeignKey(Authorization, null=True, on_delete=models.CASCADE)
    refresh_token = models.ForeignKey(RefreshToken, null=True, on_delete=models.CASCADE)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"until {self.expires_at}"


class Synchronization(models.Model):
    """A reading of the bank that the holder asked for. ``problem`` is the code it ends with, ``""`` for success."""

    synchronization_id = models.CharField(max_length=36, unique=True)
    account = models.ForeignKey(SharedAccount, on_delete=models.CASCADE, related_name="synchronizations")
    subtype = models.CharField(max_length=40)
    customer_ip = models.GenericIPAddressField()
    created_at = models.DateTimeField()
    problem = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ["created_at", "pk"]

    def __str__(self) -> str:
        return f"{self.subtype} of {self.account}"


class SigningKey(models.Model):
    """What the simulator signs its messages with, made when it is first needed."""

    kid = models.CharField(max_length=36, unique=True)
    private_pem = models.TextField()

    def __str__(self) -> str:
        return self.kid
