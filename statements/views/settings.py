"""The journals among the settings: what holds for each, and the way to change it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from companies.access import company_of, company_required
from statements.models import Journal


@require_GET
@company_required
def journal_settings(request: HttpRequest) -> HttpResponse:
    """Every journal of the company; those that are archived by themselves."""
    mine = Journal.objects.filter(company=company_of(request)).select_related("account__connection__institution")
    context = {
        "journals": [journal for journal in mine if journal.archived_at is None],
        "archived": [journal for journal in mine if journal.archived_at is not None],
    }
    return render(request, "statements/journal_settings.html", context)
