"""What the verbs of ``/v1`` read from the proxy's own tables, page by page."""

from __future__ import annotations

import msgspec

from providers.types import EventData, EventPage, InstitutionData, InstitutionPage
from proxy.models import Client, Event, Institution


def institutions(after: int, limit: int) -> InstitutionPage:
    """Changes of the directory after sequence number ``after``, at most ``limit``; from 0 on, all of it."""
    found = list(
        Institution.objects.filter(sequence__gt=after)
        .order_by("sequence")
        .values_list("sequence", "institution_id", "data", "is_removed")[: limit + 1]
    )
    rows = found[:limit]
    return InstitutionPage(
        institutions=tuple(_DECODER.decode(data) for _, _, data, is_removed in rows if not is_removed),
        removed=tuple(institution_id for _, institution_id, _, is_removed in rows if is_removed),
        next_after=rows[-1][0] if rows else after,
        has_more=len(found) > limit,
    )


def events(client: Client, after: int, *, limit: int) -> EventPage:
    """The client's events after id ``after``, oldest first, at most ``limit``."""
    found = list(
        Event.objects.filter(client=client, pk__gt=after)
        .order_by("pk")
        .values_list("pk", "kind", "grant__reference", "at", "detail")[: limit + 1]
    )
    rows = found[:limit]
    return EventPage(
        events=tuple(
            EventData(id=pk, kind=kind, connection=reference or "", at=at, detail=detail)
            for pk, kind, reference, at, detail in rows
        ),
        next_after=rows[-1][0] if rows else after,
        has_more=len(found) > limit,
    )


_DECODER = msgspec.json.Decoder(InstitutionData)
