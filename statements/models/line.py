"""One posted movement in a statement."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from companies.models import User
from connections.models import Account
from foundation.money import MoneyField
from statements.models.import_file import ImportFile
from statements.models.journal import Journal
from statements.models.run import SyncRun
from statements.models.statement import Statement


class StatementLineQuerySet(models.QuerySet["StatementLine"]):
    def for_user(self, user: User) -> StatementLineQuerySet:
        """The lines of the companies this person belongs to."""
        return self.filter(journal__company__memberships__user=user)

    def newest_first(self) -> StatementLineQuerySet:
        return self.order_by("-booking_date", "-id")


class StatementLine(models.Model):
    """A movement, signed from the holder's side: + in, − out. Stored in bulk by ``services.intake`` alone."""

    class Origin(models.TextChoices):
        FEED = "feed", _("Online synchronization")
        FILE = "file", _("File")
        HAND = "hand", _("By hand")

    journal = models.ForeignKey(Journal, on_delete=models.CASCADE, related_name="lines", db_index=False)
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="lines", db_index=False)
    run = models.ForeignKey(SyncRun, on_delete=models.SET_NULL, null=True, related_name="lines")
    import_file = models.ForeignKey(ImportFile, on_delete=models.SET_NULL, null=True, related_name="lines")
    origin = models.CharField(max_length=4, choices=Origin.choices, default=Origin.FEED)
    # The account whose provider gave the id: another account's ids say nothing about this line. Null: by hand, by file.
    account = models.ForeignKey(Account, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    # The provider's id, unique within the account and so within the journal. "" where there is none.
    transaction_id = models.CharField(max_length=255, blank=True)
    booking_date = models.DateField()
    # The bank's own day, where a person let a line of a locked period be booked on the first open day instead.
    original_date = models.DateField(null=True)
    value_date = models.DateField(null=True)
    amount = MoneyField()
    currency = models.CharField(max_length=3)
    original_amount = MoneyField(null=True)
    original_currency = models.CharField(max_length=3, blank=True)
    counterparty_name = models.CharField(max_length=255, blank=True)
    counterparty_account = models.CharField(max_length=64, blank=True)
    remittance = models.TextField(blank=True)
    kind = models.CharField(max_length=64, blank=True)
    is_flagged_duplicate = models.BooleanField(default=False)
    raw = models.TextField(blank=True)
    # When a person put it in. Null: it came with its run or its file, which know when.
    created_at = models.DateTimeField(null=True)

    objects = StatementLineQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["journal", "transaction_id"], condition=~Q(transaction_id=""), name="one_line_per_transaction"
            ),
        )
        indexes = (
            # With the amount at their end, balances are added up out of the index alone.
            models.Index(fields=["journal", "booking_date", "id", "amount"], name="line_amount_by_day"),
            models.Index(fields=["statement", "booking_date", "id", "amount"], name="line_amount_by_statement"),
            # Few, and asked for at every fetch: what a person entered may be what the bank now tells of.
            models.Index(fields=["journal", "booking_date"], name="line_by_hand", condition=Q(origin="hand")),
        )

    def __str__(self) -> str:
        return f"{self.booking_date} {self.amount} {self.currency}"
