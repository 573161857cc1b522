"""The directory of institutions: the providers' own, kept whole, with every change numbered."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max

from providers.base import Adapter
from providers.errors import InvalidResponse
from providers.types import InstitutionData, encode
from proxy.models import Institution

log = logging.getLogger(__name__)

BATCH = 1000
# A directory that lost more than this share at once is a fault of the provider, not a change.
LARGEST_LOSS = 0.5


@dataclass(frozen=True)
class Counts:
    """What a synchronization did."""

    seen: int
    changed: int
    removed: int


def synchronize(adapter: Adapter) -> Counts:
    """Takes over the provider's directory: new and changed rows get new sequence numbers, vanished ones are marked.

    All pages are read before anything is written. Raises what the adapter raises, and ``InvalidResponse`` when more
    than half of the directory vanished; then nothing has changed.
    """
    told: dict[str, str] = {}
    for page in adapter.institutions():
        told.update((institution.id, _text(institution)) for institution in page)
    counts = _store(adapter.name, told)
    log.info("directory of %s: %s seen, %s changed, %s removed", adapter.title, *_tuple(counts))
    return counts


@transaction.atomic
def _store(provider: str, told: dict[str, str]) -> Counts:
    known = {
        institution_id: (data, is_removed)
        for institution_id, data, is_removed in Institution.objects.filter(provider=provider).values_list(
            "institution_id", "data", "is_removed"
        )
    }
    listed = [institution_id for institution_id, (_, is_removed) in known.items() if not is_removed]
    vanished = [institution_id for institution_id in listed if institution_id not in told]
    if len(vanished) > LARGEST_LOSS * len(listed):
        raise InvalidResponse(f"{len(vanished)} of {len(listed)} institutions vanished at once: nothing was changed.")
    changed = [institution_id for institution_id, data in told.items() if known.get(institution_id) != (data, False)]
    # Two synchronizations at once would give the same numbers; the column is unique, so the second one fails whole.
    sequence = Institution.objects.aggregate(last=Max("sequence"))["last"] or 0
    rows = [
        Institution(
            provider=provider,
            institution_id=institution_id,
            data=told.get(institution_id) or known[institution_id][0],
            is_removed=institution_id not in told,
            sequence=sequence + number,
        )
        for number, institution_id in enumerate([*changed, *vanished], start=1)
    ]
    Institution.objects.bulk_create(
        rows,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["institution_id"],
        update_fields=["data", "is_removed", "sequence"],
    )
    return Counts(seen=len(told), changed=len(changed), removed=len(vanished))


def _text(institution: InstitutionData) -> str:
    return encode(institution).decode()


def _tuple(counts: Counts) -> tuple[int, int, int]:
    return counts.seen, counts.changed, counts.removed
