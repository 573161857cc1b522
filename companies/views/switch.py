"""Working in another of one's companies."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from companies.access import SESSION_KEY
from companies.models import Membership


@require_POST
def switch_company(request: HttpRequest, company_id: int) -> HttpResponse:
    """Switches to a company this person belongs to; another one does not exist for them."""
    if not Membership.objects.filter(user=request.user.pk, company_id=company_id).exists():
        raise Http404
    request.session[SESSION_KEY] = company_id
    return redirect("dashboard")
