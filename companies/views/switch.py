"""Working in another of one's companies."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from companies.access import SESSION_KEY, CompanyRequest
from companies.models import Company


@require_POST
def switch_company(request: CompanyRequest, company_id: int) -> HttpResponse:
    """Switches to a company this person belongs to, and to the page ``next``; another one does not exist for them."""
    company = get_object_or_404(Company.objects.for_user(request.user), pk=company_id)
    request.session[SESSION_KEY] = company.pk
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return redirect(wanted if is_ours else "dashboard")
