"""Settings of the company one works in, and of oneself in one's companies."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from companies.access import CompanyRequest, company_of, company_required, is_admin
from companies.forms import CompanyForm, NotificationsForm
from companies.models import Company
from companies.services import people
from companies.services import settings as company_service


@require_GET
@company_required
def settings(request: HttpRequest) -> HttpResponse:
    """The first of the settings pages."""
    return redirect("company_settings")


@require_http_methods(["GET", "POST"])
@company_required
def company_settings(request: CompanyRequest) -> HttpResponse:
    """What holds for all books of the company: an accountant reads it, an administrator changes it."""
    company = Company.objects.get(pk=company_of(request).pk)
    if not is_admin(request):
        if request.method == "POST":
            raise PermissionDenied
        return render(request, "companies/settings_read.html", {"shown": company})
    form = CompanyForm(request.POST or None, instance=company)
    if request.method == "POST" and form.is_valid():
        company_service.change(form.instance, person=request.user)
        messages.success(request, _("The company was changed."))
        return redirect("company_settings")
    return render(request, "companies/settings.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@company_required
def notifications(request: CompanyRequest) -> HttpResponse:
    """From which of one's companies mail comes."""
    form = NotificationsForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and form.is_valid():
        people.set_notified(request.user, companies={company.pk for company in form.cleaned_data["companies"]})
        messages.success(request, _("Your choice was kept."))
        return redirect("notifications")
    return render(request, "companies/notifications.html", {"form": form}, status=422 if form.errors else 200)
