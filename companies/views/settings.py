"""Company settings: name, currency, and up to which day everything is locked."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from companies.access import admin_required, company_of
from companies.forms import CompanyForm
from companies.models import Company
from companies.services import settings


@require_http_methods(["GET", "POST"])
@admin_required
def company_settings(request: HttpRequest) -> HttpResponse:
    """Shows and keeps the settings of the company one works in."""
    company = Company.objects.get(pk=company_of(request).pk)
    form = CompanyForm(request.POST or None, instance=company)
    if request.method == "POST" and form.is_valid():
        settings.change(form.instance, person=request.user)  # type: ignore[arg-type]  # sign-in is required
        messages.success(request, _("The company was changed."))
        return redirect("company_settings")
    return render(request, "companies/settings.html", {"form": form}, status=422 if form.errors else 200)
