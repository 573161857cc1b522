"""The verb about what happened."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Query, Router

from providers.types import EventPage
from proxy import auth, queries

router = Router(tags=["events"])
ANSWERS = {"events": EventPage}


@router.get("/events", operation_id="events", auth=auth.Active())
def events(request: HttpRequest, after: int = Query(0, ge=0), limit: int = Query(500, ge=1, le=1000)) -> EventPage:
    """What happened to the caller's connections after an id, oldest first."""
    return queries.events(auth.caller(request), after, limit=limit)
