"""Is everything in, and does it agree?"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from companies.access import company_of, company_required
from connections.queries import number_of_institutions
from statements import queries


@require_GET
@company_required
def dashboard(request: HttpRequest) -> HttpResponse:
    """One card per journal."""
    company = company_of(request)
    context = {"cards": queries.journal_cards(company), "bank_count": number_of_institutions()}
    return render(request, "statements/dashboard.html", context)
