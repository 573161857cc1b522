"""The directory of banks, kept as the proxy has it."""

from __future__ import annotations

import logging
from collections import Counter

import msgspec
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from connections.models import DirectoryCursor, Institution
from connections.search_index import index
from providers import signing
from providers.client import ProxyClient
from providers.types import InstitutionData, InstitutionPage

log = logging.getLogger(__name__)

PAGE = 1000
_WRITTEN = (
    "provider",
    "name",
    "folded",
    "bank",
    "country",
    "countries",
    "country_codes",
    "bic",
    "website",
    "is_beta",
    "is_available",
    "is_removed",
    "capabilities",
)


def update() -> int:
    """Reads what changed in the proxy's directory since the last time; gives how many rows that were.

    The directory is the same for everyone and is read without a client of one's own, so that a company can look for
    its bank before it registers. Each page is stored together with the cursor after it. Raises ``FeedError``.
    """
    client = ProxyClient(settings.PROXY_URL, "", private_key=signing.generate_private_key())
    count = 0
    while True:
        cursor, _made = DirectoryCursor.objects.get_or_create(pk=1)
        page = client.institutions(cursor.after, limit=PAGE)
        store(page)
        count += len(page.institutions) + len(page.removed)
        if not page.has_more:
            count_banks()
            log.info("directory of banks: %d changes", count)
            return count


@transaction.atomic
def store(page: InstitutionPage) -> None:
    """Keeps one page of changes together with the cursor after it."""
    rows = Institution.objects.bulk_create(
        [_row(data) for data in page.institutions],
        update_conflicts=True,
        unique_fields=["identifier"],
        update_fields=list(_WRITTEN),
    )
    index().keep(rows)
    Institution.objects.filter(identifier__in=page.removed).update(is_removed=True)
    DirectoryCursor.objects.filter(pk=1).update(after=page.next_after, read_at=timezone.now())


def count_banks() -> None:
    """Keeps how many banks the directory has, in all and by country: too many pages say so to count each time."""
    rows = Institution.objects.offered().values_list("bank", "country_codes").distinct()
    banks = {(bank, country) for bank, codes in rows for country in codes.strip(",").split(",")}
    DirectoryCursor.objects.update_or_create(
        pk=1,
        defaults={
            "banks": len({bank for bank, _country in banks}),
            "banks_by_country": Counter(country for _bank, country in banks),
        },
    )


def _row(data: InstitutionData) -> Institution:
    institution = Institution(
        identifier=data.id,
        provider=data.provider,
        name=data.name,
        country=data.countries[0] if data.countries else "",
        countries=list(data.countries),
        bic=data.bic,
        website=data.website[:500],
        is_beta=data.is_beta,
        is_available=data.is_available,
        is_removed=False,
        capabilities=msgspec.to_builtins(data.capabilities),
    )
    institution.make_findable()
    return institution
