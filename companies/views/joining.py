"""Taking a place that was offered by e-mail."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from companies.access import SESSION_KEY
from companies.forms_signing_in import JoinForm
from companies.models import Invitation, User
from companies.services import invitations


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Who is new chooses a password; who signs in already does so and accepts with a click."""
    try:
        offered = invitations.find(token)
        if invitations.person_of(offered):
            return _of_somebody_known(request, offered, token=token)
        return _of_somebody_new(request, offered, token=token)
    except invitations.LinkIsDead:
        return render(request, "companies/invitation_dead.html", status=410)


def _of_somebody_known(request: HttpRequest, offered: Invitation, *, token: str) -> HttpResponse:
    is_theirs = request.user.is_authenticated and request.user.email == offered.email
    if request.method == "POST" and is_theirs:
        return _accepted(request, invitations.accept(token), offered=offered)
    context = {"invitation": offered, "is_known": True, "is_theirs": is_theirs}
    return render(request, "companies/invitation.html", context)


def _of_somebody_new(request: HttpRequest, offered: Invitation, *, token: str) -> HttpResponse:
    form = JoinForm(request.POST if request.method == "POST" else None, email=offered.email)
    if request.method == "POST" and not request.user.is_authenticated and form.is_valid():
        user = invitations.accept(token, **form.cleaned_data)
        login(request, user, backend="companies.sessions.PersonBackend")
        return _accepted(request, user, offered=offered)
    context = {"invitation": offered, "form": form}
    return render(request, "companies/invitation.html", context, status=422 if form.errors else 200)


def _accepted(request: HttpRequest, user: User, *, offered: Invitation) -> HttpResponse:
    request.session[SESSION_KEY] = offered.company_id
    messages.success(request, _("You are in the books of %(company)s now.") % {"company": offered.company.name})
    return redirect("dashboard")
