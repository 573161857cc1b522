"""People, companies, and memberships that join them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField


class UserManager(DjangoUserManager["User"]):
    """Makes users that sign in with their e-mail address."""

    def _create_user_object(self, username: str, email: str | None, password: str | None, **extra: Any) -> User:
        address = self.normalize_email(email or username).lower()
        user = self.model(email=address, **extra)
        user.set_password(password)
        return user


class User(AbstractUser):
    """A person, known by an e-mail address."""

    username = None  # type: ignore[assignment]
    email = models.EmailField(_("e-mail address"), unique=True)
    # A language code of settings.LANGUAGES; "" takes what the browser asks for.
    language = models.CharField(_("language"), max_length=10, blank=True)
    # Shows what only somebody who looks for a fault needs: ids, raw data, the client id.
    is_developer = models.BooleanField(_("developer mode"), default=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()

    def __str__(self) -> str:
        return self.get_full_name() or self.email


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
