"""A bank's file that was taken into a journal, or that waits for a person to say so."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from companies.models import User
from foundation.money import MoneyField
from statements.models.journal import Journal


class ImportFileQuerySet(models.QuerySet["ImportFile"]):
    def for_user(self, user: User) -> ImportFileQuerySet:
        """The files of the companies this person belongs to."""
        return self.filter(journal__company__memberships__user=user)

    def taken(self) -> ImportFileQuerySet:
        """Those that were taken into their journals."""
        return self.filter(imported_at__isnull=False)


class ImportFile(models.Model):
    """Who brought which file when, and what became of its entries.

    ``content`` is held only until the file is taken in: a person looks at the preview in between.
    """

    journal = models.ForeignKey(Journal, on_delete=models.CASCADE, related_name="import_files")
    person = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    file_name = models.CharField(_("file"), max_length=255)
    sha256 = models.CharField(max_length=64)
    format = models.CharField(_("format"), max_length=12)
    content = models.BinaryField(null=True)
    # How to read a CSV file, once a person has said so.
    mapping: models.JSONField[dict[str, Any] | None, dict[str, Any] | None] = models.JSONField(null=True)
    uploaded_at = models.DateTimeField(auto_now_add=True)
    imported_at = models.DateTimeField(null=True)

    seen = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    # Not booked yet by the bank, and rows that are no entries: neither becomes a line.
    pending = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0)
    # The closing balance the file gives, and what the books said of that day after the import.
    closing_day = models.DateField(null=True)
    closing_balance = MoneyField(null=True)
    our_balance = MoneyField(null=True)

    objects = ImportFileQuerySet.as_manager()

    class Meta:
        ordering = ("-uploaded_at", "-id")
        constraints = (
            models.CheckConstraint(
                condition=Q(imported_at__isnull=False) | Q(content__isnull=False), name="waiting_file_has_its_content"
            ),
        )
        indexes = (models.Index(fields=["journal", "sha256"], name="file_by_content"),)

    def __str__(self) -> str:
        return self.file_name
