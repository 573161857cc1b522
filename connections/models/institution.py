"""The directory of banks, as the proxy hands it on."""

from __future__ import annotations

import unicodedata
from typing import Any

from django.db import models


def fold(text: str) -> str:
    """Text as it is compared in searches: no accents, one case. The same in Python and in both databases."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(char for char in plain if not unicodedata.combining(char)).casefold()


class InstitutionQuerySet(models.QuerySet["Institution"]):
    def offered(self) -> InstitutionQuerySet:
        """Those that a new connection can be made to."""
        return self.filter(is_removed=False)


class Institution(models.Model):
    """A bank as one provider knows it. The same bank at another provider is another row."""

    identifier = models.CharField(max_length=255, unique=True)
    provider = models.CharField(max_length=50)
    name = models.CharField(max_length=255)
    folded = models.CharField(max_length=600)
    # The first is the one shown; the folded list of all of them is what a search compares.
    country = models.CharField(max_length=2)
    countries = models.JSONField(default=list)
    bic = models.CharField(max_length=11, blank=True)
    website = models.CharField(max_length=500, blank=True)
    is_beta = models.BooleanField(default=False)
    is_available = models.BooleanField(default=True)
    is_removed = models.BooleanField(default=False)
    capabilities: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)

    objects = InstitutionQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=["country", "name"], name="institution_by_country"),)

    def __str__(self) -> str:
        return self.name

    @property
    def history_days(self) -> int | None:
        """How far back this bank can be read, if the provider says."""
        return self.capabilities.get("history_days")

    @property
    def initials(self) -> str:
        """Two letters that stand in for a logo."""
        words = [word for word in self.name.split() if word[:1].isalnum()]
        return "".join(word[0] for word in words[:2]).upper() or "?"


class DirectoryCursor(models.Model):
    """Up to which change the directory has been read. One row."""

    after = models.BigIntegerField(default=0)
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="one_directory_cursor"),)

    def __str__(self) -> str:
        return f"directory up to {self.after}"
