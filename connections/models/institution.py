"""The directory of banks, as the proxy hands it on."""

from __future__ import annotations

import functools
import operator
import unicodedata
from collections.abc import Iterable
from typing import Any

from django.db import models

LONGEST_KEY = 600
# A bank's key is its country, a space, and from the fourth letter on its folded name.
NAME_BEGINS = 4

# Letters with a stroke or joined ones: Unicode knows no accent in them, but people type them without.
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})


def fold(text: str) -> str:
    """Text as it is compared in searches: no accents, one case. The same in Python and in both databases."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(char for char in plain if not unicodedata.combining(char)).casefold().translate(_PLAIN)


def bank_key(name: str, country: str) -> str:
    """What is the same for all providers' rows of one bank: its country and its folded name."""
    return f"{country:2} {' '.join(fold(name).split())}"[:LONGEST_KEY]


def enclosed(countries: Iterable[str]) -> str:
    """Country codes as one text in which both databases find any of them: ``,BE,NL,``."""
    return f",{','.join(countries)},"


class InstitutionQuerySet(models.QuerySet["Institution"]):
    def offered(self) -> InstitutionQuerySet:
        """Those that a new connection can be made to."""
        return self.filter(is_removed=False)

    def in_countries(self, codes: Iterable[str]) -> InstitutionQuerySet:
        """Those that work in one of these countries at least."""
        anywhere = (models.Q(country_codes__contains=enclosed([code])) for code in codes)
        return self.filter(functools.reduce(operator.or_, anywhere, models.Q()))


class Institution(models.Model):
    """A bank as one provider knows it. The same bank at another provider is another row."""

    identifier = models.CharField(max_length=255, unique=True)
    provider = models.CharField(max_length=50)
    name = models.CharField(max_length=255)
    # Name and BIC as a search compares them.
    folded = models.CharField(max_length=600)
    # Rows of several providers that are the same bank share it; see ``bank_key``.
    bank = models.CharField(max_length=LONGEST_KEY, default="")
    # The first is the one shown; the text of all of them is what is asked for those of a country.
    country = models.CharField(max_length=2)
    countries = models.JSONField(default=list)
    country_codes = models.CharField(max_length=1000, default="")
    bic = models.CharField(max_length=11, blank=True)
    website = models.CharField(max_length=500, blank=True)
    is_beta = models.BooleanField(default=False)
    is_available = models.BooleanField(default=True)
    is_removed = models.BooleanField(default=False)
    capabilities: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)

    objects = InstitutionQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=["country", "name"], name="institution_by_country"),
            models.Index(fields=["bank"], name="institution_by_bank"),
        )

    def __str__(self) -> str:
        return self.name

    def make_findable(self) -> None:
        """Sets what searches compare, out of what the directory says. Before every write that does not do it itself."""
        self.folded = fold(f"{self.name} {self.bic}")
        self.bank = bank_key(self.name, self.country)
        self.country_codes = enclosed(self.countries or [self.country])

    @property
    def history_days(self) -> int | None:
        """How far back this bank can be read, if the provider says."""
        return self.capabilities.get("history_days")

    @property
    def consent_days(self) -> int | None:
        """How long a permission lasts, if it ends by itself."""
        return self.capabilities.get("consent_days")

    @property
    def refreshes_per_day(self) -> int | None:
        """How often the bank may be read in a day, if that is limited."""
        return self.capabilities.get("refreshes_per_day")

    @property
    def is_unattended(self) -> bool:
        """Whether the bank can be read while nobody is there."""
        return self.capabilities.get("unattended") is not False

    @property
    def choosable_kinds(self) -> list[str]:
        """The kinds of account that can be asked for one by one; none where all come together, or there is one."""
        kinds: list[str] = self.capabilities.get("account_kinds") or []
        return kinds if self.capabilities.get("can_narrow") and len(kinds) > 1 else []

    @property
    def initials(self) -> str:
        """Two letters that stand in for a logo."""
        words = [word for word in self.name.split() if word[:1].isalnum()]
        return "".join(word[0] for word in words[:2]).upper() or "?"


class DirectoryCursor(models.Model):
    """Up to which change the directory has been read, and how much is in it. One row."""

    after = models.BigIntegerField(default=0)
    read_at = models.DateTimeField(null=True)
    # Different banks, in all and by country; one of two countries counts in both. To count them looks at every row.
    banks = models.PositiveIntegerField(default=0)
    banks_by_country: models.JSONField[dict[str, int], dict[str, int]] = models.JSONField(default=dict)

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="one_directory_cursor"),)

    def __str__(self) -> str:
        return f"directory up to {self.after}"
