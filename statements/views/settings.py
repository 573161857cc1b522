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
    """Every journal of the company."""
    mine = Journal.objects.filter(company=company_of(request)).select_related("account__connection__institution")
    return render(request, "statements/journal_settings.html", {"journals": mine})
