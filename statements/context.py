"""What the frame shows of the books: how much waits for a decision."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from companies.access import company_of
from statements import queries


def review_count(request: HttpRequest) -> dict[str, Any]:
    """Template context of the frame. Counted only where a template shows it; a partial page costs nothing."""
    if getattr(request, "membership", None) is None:
        return {"review_count": 0}
    return {"review_count": SimpleLazyObject(lambda: sum(waiting_of(request).values()))}


def waiting_of(request: HttpRequest) -> dict[int, int]:
    """How many items wait for a decision, by journal: asked for once, for the page and for the frame around it."""
    found: dict[int, int] | None = getattr(request, "waiting_by_journal", None)
    if found is None:
        found = request.waiting_by_journal = queries.waiting_by_journal(company_of(request))  # type: ignore[attr-defined]
    return found
