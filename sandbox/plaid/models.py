"""What the Plaid simulator remembers: link tokens, visits to their pages, Items and their accounts."""

from __future__ import annotations

import datetime as dt

from django.db import models


class Item(models.Model):
    """A sign-in at one institution. ``days_requested`` is ``None`` until transactions are first asked for.

    ``repaired_at`` is when the holder last signed in again: from then on the sign-in lasts. ``synced_at`` is the look
    that ``/transactions/sync`` last gave: before there is one, nothing is told of updates. ``refreshes`` are the
    seconds at which the bank was asked, oldest first; ``told_at`` and ``told_code`` are of the last message sent.
    """

    item_id = models.CharField(max_length=64, unique=True)
    access_token = models.CharField(max_length=64, unique=True)
    institution_id = models.CharField(max_length=100)
    days_requested = models.PositiveIntegerField(null=True)
    products = models.JSONField(default=list)
    webhook = models.CharField(max_length=500, blank=True)
    linked_at = models.DateTimeField()
    is_login_reset = models.BooleanField(default=False)
    repaired_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    synced_at = models.DateTimeField(null=True)
    refreshes = models.JSONField(default=list)
    told_at = models.DateTimeField(null=True)
    told_code = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"{self.item_id} at {self.institution_id}"


class ItemAccount(models.Model):
    """An account that the holder ticked. ``account_key`` is the world's, ``account_id`` is Plaid's for this Item."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="accounts")
    account_key = models.CharField(max_length=120)
    account_id = models.CharField(max_length=64, unique=True)
    ticked_at = models.DateTimeField()

    class Meta:
        ordering = ["account_key"]
        constraints = [models.UniqueConstraint(fields=["item", "account_key"], name="item_has_account_once")]

    def __str__(self) -> str:
        return self.account_key


class PublicToken(models.Model):
    """What is exchanged, once, for an Item's access token."""

    token = models.CharField(max_length=64, unique=True)
    item = models.ForeignKey(Item, on_delete=models.CASCADE)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"for {self.item_id}"


class LinkToken(models.Model):
    """An allowance to open Plaid's pages. ``item`` is set in update mode: the Item whose sign-in is renewed.

    ``account_filters`` has lists of subtypes by type; empty for every account.
    """

    token = models.CharField(max_length=64, unique=True)
    hosted_id = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    client_name = models.CharField(max_length=100)
    language = models.CharField(max_length=10)
    country_codes = models.JSONField()
    products = models.JSONField()
    webhook = models.CharField(max_length=500, blank=True)
    redirect_uri = models.CharField(max_length=500, blank=True)
    completion_redirect_uri = models.CharField(max_length=2000, blank=True)
    institution_id = models.CharField(max_length=100, blank=True)
    days_requested = models.PositiveIntegerField(null=True)
    item = models.ForeignKey(Item, null=True, on_delete=models.CASCADE)
    is_account_selection = models.BooleanField(default=True)
    account_filters = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"for {self.client_name}"

    def is_expired(self, now: dt.datetime) -> bool:
        return now >= self.expires_at


class LinkSession(models.Model):
    """One visit to a link token's pages. ``exit_error`` is what went wrong last, told if the visitor leaves."""

    link_token = models.ForeignKey(LinkToken, on_delete=models.CASCADE, related_name="sessions")
    session_id = models.CharField(max_length=64, unique=True)
    started_at = models.DateTimeField()
    institution_id = models.CharField(max_length=100, blank=True)
    signed_in_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    exit_error = models.JSONField(null=True)
    public_token = models.ForeignKey(PublicToken, null=True, on_delete=models.SET_NULL)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"visit {self.session_id}"

    @property
    def is_success(self) -> bool:
        return self.public_token is not None
