"""People, companies, and memberships that join them."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField


class Period(models.TextChoices):
    """How long a statement is."""

    DAY = "day", _("Day")
    WEEK = "week", _("Week")
    HALF_MONTH = "half_month", _("Half month")
    MONTH = "month", _("Month")
    QUARTER = "quarter", _("Quarter")
    YEAR = "year", _("Year")
    FETCH = "fetch", _("One per fetch")


class UserManager(DjangoUserManager["User"]):
    """Makes users that sign in with their e-mail address."""

    def _create_user_object(self, username: str, email: str | None, password: str | None, **extra: Any) -> User:
        address = self.normalize_email(email or username).lower()
        user = self.model(email=address, **extra)
        user.set_password(password)
        return user


class User(AbstractUser):
    """A person, known by an e-mail address."""

    class Theme(models.TextChoices):
        AUTO = "auto", _("As this device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    username = None  # type: ignore[assignment]
    email = models.EmailField(_("e-mail address"), unique=True)
    # A language code of settings.LANGUAGES; "" takes what the browser asks for.
    language = models.CharField(_("language"), max_length=10, blank=True)
    # Shows what only somebody who looks for a fault needs: ids, raw data, the client id.
    is_developer = models.BooleanField(_("developer mode"), default=False)
    theme = models.CharField(_("theme"), max_length=5, choices=Theme.choices, default=Theme.AUTO)
    # How often this person has signed out everywhere: a session made before the last time is no session any more.
    sign_outs = models.PositiveIntegerField(default=0)
    # When the last link to choose a new password was sent: anybody may ask for one, and a mailbox is no toy.
    reset_sent_at = models.DateTimeField(null=True, blank=True, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()

    def __str__(self) -> str:
        return self.get_full_name() or self.email

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session is held against at each request: it changes with the password, as in Django, and with this."""
        made = super()._get_session_auth_hash(secret=secret)  # type: ignore[misc]
        if not self.sign_outs:
            return str(made)
        return salted_hmac("companies.User.sign_outs", f"{made}:{self.sign_outs}", secret=secret).hexdigest()


class CompanyQuerySet(models.QuerySet["Company"]):
    def for_user(self, user: User) -> CompanyQuerySet:
        """The companies this person belongs to."""
        return self.filter(memberships__user=user)


class Company(models.Model):
    """A set of books. Everything a person sees belongs to exactly one company."""

    name = models.CharField(_("name"), max_length=200)
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    phone_number = PhoneNumberField(_("phone number"), blank=True)
    lock_date = models.DateField(_("lock date"), null=True, blank=True)
    default_period = models.CharField(
        _("statements of a new journal"), max_length=12, choices=Period.choices, default=Period.MONTH
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CompanyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "companies"

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person's place in a company."""

    class Role(models.TextChoices):
        ACCOUNTANT = "accountant", _("Accountant")
        ADMIN = "admin", _("Administrator")

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role.choices, default=Role.ACCOUNTANT)
    # Alarms and reminders of this company go to this person by e-mail.
    is_notified = models.BooleanField(_("notifications by e-mail"), default=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["company", "user"], name="one_membership_per_company"),
            models.CheckConstraint(
                condition=models.Q(role__in=["accountant", "admin"]), name="membership_role_is_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} · {self.company}"


def make_nonce() -> str:
    return secrets.token_urlsafe(18)


def in_a_week() -> dt.datetime:
    return timezone.now() + dt.timedelta(days=7)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> InvitationQuerySet:
        """Those nobody has accepted yet, with ended ones: they can be sent again."""
        return self.filter(accepted_at__isnull=True)


class Invitation(models.Model):
    """A place in a company that is offered to an e-mail address; its link works once, until it is sent again."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail address"))
    role = models.CharField(
        _("role"), max_length=12, choices=Membership.Role.choices, default=Membership.Role.ACCOUNTANT
    )
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    # The words of the mail: the language of who invites.
    language = models.CharField(max_length=10, blank=True)
    # What the signed link must hold; another one makes every older link worthless.
    nonce = models.CharField(max_length=32, default=make_nonce, editable=False)
    sent_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(default=in_a_week)
    accepted_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ("email",)
        constraints = (
            models.UniqueConstraint(
                fields=["company", "email"],
                condition=models.Q(accepted_at__isnull=True),
                name="one_open_invitation_per_address",
            ),
        )

    def __str__(self) -> str:
        return f"{self.email} · {self.company}"

    @property
    def is_over(self) -> bool:
        """Whether its link has ended without being used."""
        return self.expires_at <= timezone.now()
