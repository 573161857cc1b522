"""A company's book for one bank account."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from companies.models import Company, User
from companies.models import Period as StatementPeriod
from connections.models import Account
from foundation.money import MoneyField


class JournalQuerySet(models.QuerySet["Journal"]):
    def for_user(self, user: User) -> JournalQuerySet:
        """The journals of the companies this person belongs to."""
        return self.filter(company__memberships__user=user)

    def in_use(self) -> JournalQuerySet:
        """Those that are not archived."""
        return self.filter(archived_at=None)


class Journal(models.Model):
    """The book. Its balances are chained from one known point: ``opening_balance`` at the start of ``opening_date``.

    Lines that are found later with earlier dates leave that point where it is: the balance before them follows from it.
    """

    Period = StatementPeriod

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="journals")
    name = models.CharField(_("name"), max_length=255)
    code = models.CharField(_("code"), max_length=12)
    currency = models.CharField(_("currency"), max_length=3)
    account = models.OneToOneField(Account, on_delete=models.SET_NULL, null=True, blank=True, related_name="journal")
    # Of the bank account itself, where a person or the bank gave them.
    bank_name = models.CharField(_("bank"), max_length=255, blank=True)
    account_number = models.CharField(_("account number"), max_length=64, blank=True)
    bic = models.CharField(_("BIC"), max_length=11, blank=True)
    period = models.CharField(max_length=12, choices=Period.choices, default=Period.MONTH)
    # Nothing before this day is booked, when a person chose one.
    first_day = models.DateField(_("first day"), null=True, blank=True)
    opening_date = models.DateField(null=True, blank=True)
    opening_balance = MoneyField(null=True, blank=True)
    # The last comparison with the bank: both balances as of that fetch. Null: the bank has not said one yet.
    bank_balance = MoneyField(null=True, blank=True)
    bank_balance_at = models.DateTimeField(null=True, blank=True)
    # When both were last equal: what makes them differ came after it.
    agreed_at = models.DateTimeField(null=True, blank=True)
    # While it is archived: since when, and the account that fed it until then, if no other journal has it.
    archived_at = models.DateTimeField(null=True, blank=True)
    archived_account = models.ForeignKey(Account, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = JournalQuerySet.as_manager()

    class Meta:
        ordering = ("name", "id")
        constraints = (
            models.UniqueConstraint(fields=["company", "code"], name="one_journal_per_code"),
            models.CheckConstraint(condition=~models.Q(currency=""), name="journal_has_a_currency"),
            models.CheckConstraint(
                condition=models.Q(opening_balance__isnull=True) | models.Q(opening_date__isnull=False),
                name="opening_balance_has_a_date",
            ),
            models.CheckConstraint(
                condition=models.Q(archived_at__isnull=True, archived_account__isnull=True)
                | models.Q(archived_at__isnull=False, account__isnull=True),
                name="archived_journal_is_not_fed",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def ending(self) -> str:
        """The last four characters of the account number: enough to know it by, too little to misuse."""
        return self.account_number[-4:]
