"""Signing in, also where it does not go well: too many wrong passwords, a forgotten one, a session that has ended."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm
from django.contrib.auth.views import LoginView, PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_http_methods

from companies import locks, tasks, unsent
from companies.access import company_required
from companies.forms_signing_in import ForgottenForm, NewPasswordForm, SignInForm
from companies.services import signing_in


class SignIn(LoginView):
    """The door. Whoever was sending a form when their session ended comes back to it."""

    template_name = "companies/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"unsent": self.request.POST.get(unsent.FIELD, "")}

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        kept = unsent.read(self.request.POST.get(unsent.FIELD, ""))
        if kept is None:
            return response
        self.request.session[unsent.SESSION_KEY] = kept
        return redirect("unsent")


@require_GET
@company_required
def not_sent(request: HttpRequest) -> HttpResponse:
    """What was not sent, because the session had ended: it can be sent now."""
    found = unsent.of_session(request)
    if found is None:
        return redirect("dashboard")
    return render(request, "companies/not_sent.html", {"unsent": found})


def locked(request: HttpRequest, response: HttpResponse | None, credentials: dict[str, Any] | None) -> HttpResponse:
    """In the place of a sign-in form that is closed for a while: until when, and what to do meanwhile."""
    context = {"ends_at": locks.ends_at(request, credentials)}
    return render(request, "companies/locked.html", context, status=429)


@login_not_required
@require_http_methods(["GET", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Asks for a link to choose a new password. The answer is the same for an address that nobody signs in with."""
    form = ForgottenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        tasks.send_reset_link.delay(form.cleaned_data["email"], get_language() or "")
        return redirect("password_reset_done")
    return render(request, "companies/forgotten.html", {"form": form}, status=422 if form.errors else 200)


@login_not_required
@require_GET
def forgotten_sent(request: HttpRequest) -> HttpResponse:
    """What happens next."""
    return render(request, "companies/forgotten_sent.html")


class ChooseNewPassword(PasswordResetConfirmView):
    """The page behind the link of the mail; afterwards whoever was locked out may sign in at once."""

    template_name = "companies/new_password.html"
    form_class = NewPasswordForm

    def form_valid(self, form: SetPasswordForm) -> HttpResponse:
        response = super().form_valid(form)
        signing_in.password_was_chosen(form.user)
        return response


@login_not_required
@require_GET
def password_chosen(request: HttpRequest) -> HttpResponse:
    """The new password is there; one signs in with it."""
    return render(request, "companies/password_chosen.html")
