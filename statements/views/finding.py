"""What the pages are about, found for whoever asks: of the company they work in, or not at all."""

from __future__ import annotations

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from companies.access import company_of
from statements.models import Journal


def my_journal(request: HttpRequest, journal_id: int, *related: str) -> Journal:
    """The journal, with these rows beside it, if it is of the company this person works in."""
    mine = Journal.objects.filter(company=company_of(request))
    return get_object_or_404(mine.select_related(*related) if related else mine, pk=journal_id)
