"""Working in another of one's companies."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from companies.access import SESSION_KEY, CompanyRequest
from companies.models import Company
from companies.way_back import way_back


@require_POST
def switch_company(request: CompanyRequest, company_id: int) -> HttpResponse:
    """Switches to a company this person belongs to, and to the page ``next``; another one does not exist for them."""
    company = get_object_or_404(Company.objects.for_user(request.user), pk=company_id)
    request.session[SESSION_KEY] = company.pk
    return redirect(way_back(request) or "dashboard")
