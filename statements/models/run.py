"""One attempt to read one connection."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from companies.models import User
from connections.models import Account, Connection
from foundation.money import MoneyField


class SyncRunQuerySet(models.QuerySet["SyncRun"]):
    def for_user(self, user: User) -> SyncRunQuerySet:
        """The runs of the companies this person belongs to."""
        return self.filter(connection__company__memberships__user=user)

    def open(self) -> SyncRunQuerySet:
        """Those that are not finished, in truth or only because their worker died."""
        return self.filter(state__in=SyncRun.OPEN)

    def with_progress(self) -> SyncRunQuerySet:
        """Adds ``accounts_done`` and ``accounts_linked``: how many accounts were read, of how many that feed a
        journal."""
        done = AccountRun.objects.filter(run=OuterRef("pk")).order_by().values("run")
        linked = Account.objects.filter(connection=OuterRef("connection"), journal__isnull=False).order_by()
        return self.annotate(
            accounts_done=Coalesce(Subquery(done.annotate(n=Count("pk")).values("n")), 0),
            accounts_linked=Coalesce(Subquery(linked.values("connection").annotate(n=Count("pk")).values("n")), 0),
        )


class SyncRun(models.Model):
    """Who read what, when, with which result.

    While it is open it holds the connection: a database constraint lets one run be open at a time. ``lease`` is drawn
    anew whenever a worker takes the run; whoever holds an older number can no longer write.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        WAITING = "waiting", _("Waiting for the bank")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        ABANDONED = "abandoned", _("Abandoned")

    class Trigger(models.TextChoices):
        PERSON = "person", _("by hand")
        CLOCK = "clock", _("by clock")
        LINK = "link", _("after linking")
        EVENT = "event", _("as the bank had news")

    OPEN = (State.QUEUED, State.RUNNING, State.WAITING)
    # Nobody clicked.
    BY_ITSELF = (Trigger.CLOCK, Trigger.EVENT)

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="runs")
    trigger = models.CharField(max_length=10, choices=Trigger.choices)
    person = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    # The person's own address and browser go with a call they asked for; they are forgotten when the run ends.
    user_ip = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    lease = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField()
    retry_at = models.DateTimeField(null=True)

    # Exactly one reason when it is over: a code that the pages turn into a sentence.
    reason = models.CharField(max_length=40, blank=True)
    pages = models.PositiveIntegerField(default=0)
    seen = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)
    # The database has this default too: a server that still runs the version before does not name the column.
    skipped = models.PositiveIntegerField(default=0, db_default=0)
    error_code = models.CharField(max_length=64, blank=True)
    error_message = models.TextField(blank=True)
    error_action = models.CharField(max_length=32, blank=True)
    error_reference = models.CharField(max_length=32, blank=True)

    objects = SyncRunQuerySet.as_manager()

    class Meta:
        ordering = ("-started_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=["connection"],
                condition=Q(state__in=["queued", "running", "waiting"]),
                name="one_open_run_per_connection",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running", "waiting"])
                | (Q(finished_at__isnull=False) & ~Q(reason="")),
                name="finished_run_has_a_reason",
            ),
        )
        indexes = (
            models.Index(fields=["connection", "-started_at"], name="run_newest_first"),
            # What ended of late, for whoever watches.
            models.Index(fields=["finished_at"], name="run_by_end"),
        )

    def __str__(self) -> str:
        return f"{self.connection} {self.started_at:%Y-%m-%d %H:%M} {self.state}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def balances(self) -> str:
        """Whether the accounts' balances "agree" with the bank's or "differ"; "" where one could not be compared."""
        differences = [result.difference for result in self.accounts.all()]
        if any(differences):
            return "differ"
        return "agree" if differences and None not in differences else ""


class AccountRun(models.Model):
    """How one account fared in a run. It is written in the commit that stores the account's lines."""

    run = models.ForeignKey(SyncRun, on_delete=models.CASCADE, related_name="accounts")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(max_length=40)
    seen = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    our_balance = MoneyField(null=True)
    bank_balance = MoneyField(null=True)
    error_code = models.CharField(max_length=64, blank=True)
    error_message = models.TextField(blank=True)
    error_reference = models.CharField(max_length=32, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["run", "account"], name="one_result_per_account_and_run"),)

    def __str__(self) -> str:
        return f"{self.account}: {self.reason}"

    @property
    def difference(self) -> Decimal | None:
        """Our balance less the bank's; None where one of them is not known."""
        if self.our_balance is None or self.bank_balance is None:
            return None
        return self.our_balance - self.bank_balance

    @property
    def balances(self) -> str:
        """Whether the two balances "agree" or "differ"; "" where one of them is not known."""
        if self.difference is None:
            return ""
        return "differ" if self.difference else "agree"
