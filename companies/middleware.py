"""Asks for the sign-in, puts the company a person works in on every request, and speaks the person's language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.db.models import BigAutoField
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation

from companies import unsent
from companies.access import SESSION_KEY, CompanyRequest
from companies.forms_signing_in import SignInForm
from companies.models import Membership
from foundation import logs
from foundation.prepared import Given, Prepared


class SignInMiddleware(LoginRequiredMiddleware):
    """Sign-in is required everywhere. A form that comes when the session has ended is not lost on the way there."""

    def handle_no_permission(  # type: ignore[override]  # not always a redirect: the door itself is shown too
        self, request: HttpRequest, view_func: Callable[..., Any]
    ) -> HttpResponseBase:
        token = unsent.token_of(request)
        if token:
            return render(request, "companies/login.html", {"form": SignInForm(request), "unsent": token})
        if request.method == "POST":
            # Many addresses only do something: after signing in they could not be looked at.
            return redirect_to_login(_page_before(request))
        return super().handle_no_permission(request, view_func)


def _page_before(request: HttpRequest) -> str:
    """The page that a form was on."""
    before = urlsplit(request.headers.get("Referer", ""))
    return before.path if before.netloc == request.get_host() else reverse("dashboard")


class LanguageMiddleware:
    """Speaks the language that a signed-in person chose; who chose none has what the cookie or the browser asks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: CompanyRequest) -> HttpResponse:
        chosen = request.user.language if request.user.is_authenticated else ""
        if chosen and translation.check_for_language(chosen):
            translation.activate(chosen)
            request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)


class CompanyMiddleware:
    """Sets ``request.membership`` (or None): the one chosen in this session, else the person's first."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: CompanyRequest) -> HttpResponse:
        request.membership = None
        if request.user.is_authenticated:
            chosen = request.session.get(SESSION_KEY)
            memberships = memberships_of(user=request.user.pk)
            request.membership = next((m for m in memberships if m.company_id == chosen), None) or next(
                iter(memberships), None
            )
            request.memberships = memberships
        with logs.about(company=request.membership.company_id if request.membership else None):
            return self.get_response(request)


# What a person belongs to, by the company's name.
memberships_of = Prepared(
    lambda: (
        Membership.objects.filter(user=Given("user", BigAutoField()))
        .select_related("company")
        .order_by("company__name", "pk")
    )
)
