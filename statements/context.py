"""What the frame shows of the books: how much waits for a decision."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from statements import queries


def review_count(request: HttpRequest) -> dict[str, Any]:
    """Template context of the frame. Counted only where a template shows it; a partial page costs nothing."""
    membership = getattr(request, "membership", None)
    if membership is None:
        return {"review_count": 0}
    return {"review_count": SimpleLazyObject(lambda: queries.review_count(membership.company))}
