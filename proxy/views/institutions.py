"""The verb about the directory."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Query, Router

from providers.types import InstitutionPage
from proxy import queries

router = Router(tags=["institutions"])
ANSWERS = {"institutions": InstitutionPage}


# Open to anyone: which banks there are is no secret, and a company looks for its bank before it registers.
@router.get("/institutions", operation_id="institutions", auth=None)
def institutions(
    request: HttpRequest, after: int = Query(0, ge=0), limit: int = Query(1000, ge=1, le=5000)
) -> InstitutionPage:
    """The directory's changes after a number, oldest first; from 0 on, all of it."""
    return queries.institutions(after, limit)
