"""What a person chooses for themselves: name, language, theme, password, and where they are signed in."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from companies.access import CompanyRequest
from companies.forms import ProfileForm
from companies.forms_signing_in import ChangePasswordForm
from companies.models import User
from companies.services import profile as profile_service
from companies.services import signing_in
from companies.way_back import way_back


@require_http_methods(["GET", "POST"])
def profile(request: CompanyRequest) -> HttpResponse:
    """Name, language, theme, developer mode."""
    person = User.objects.get(pk=request.user.pk)
    form = ProfileForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        profile_service.change(form.instance)
        # The answer is in the language that was chosen with it.
        with translation.override(form.instance.language or translation.get_language()):
            messages.success(request, _("Your settings were kept."))
        return redirect("profile")
    return render(request, "companies/profile.html", {"form": form}, status=422 if form.errors else 200)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def change_password(request: CompanyRequest) -> HttpResponse:
    """A new password, from somebody who knows the old one; every other session ends."""
    form = ChangePasswordForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        signing_in.password_was_chosen(request.user)
        update_session_auth_hash(request, request.user)
        messages.success(request, _("Your password was changed. Everywhere else you have to sign in again."))
        return redirect("profile")
    return render(request, "companies/change_password.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
def sign_out_everywhere(request: CompanyRequest) -> HttpResponse:
    """Ends every session but this one."""
    person = User.objects.get(pk=request.user.pk)
    signing_in.sign_out_everywhere(person)
    update_session_auth_hash(request, person)
    messages.success(request, _("You are signed out everywhere but here."))
    return redirect("profile")


@require_POST
def choose_theme(request: CompanyRequest) -> HttpResponse:
    """Light, dark, or as the device has it; as htmx asks, the page has changed itself already."""
    if not profile_service.choose_theme(User.objects.get(pk=request.user.pk), request.POST.get("theme", "")):
        return HttpResponse(_("There is no such theme."), status=400, content_type="text/plain")
    if getattr(request, "htmx", False):
        return HttpResponse(status=204)
    return redirect(way_back(request) or "dashboard")
