"""Who may see what: a page is for members of a company, and what is another company's does not exist."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from companies.models import Company, Membership, User

SESSION_KEY = "company"


class CompanyRequest(HttpRequest):
    """A request of a person who has signed in, as the company middleware hands it on."""

    user: User
    membership: Membership | None
    memberships: list[Membership]
    htmx: Any


def company_of(request: HttpRequest) -> Company:
    """The company this request works in. Raises ``PermissionDenied`` for a person without one."""
    membership: Membership | None = getattr(request, "membership", None)
    if membership is None:
        raise PermissionDenied
    return membership.company


def is_admin(request: HttpRequest) -> bool:
    """Whether this person is an administrator of the company they work in."""
    membership: Membership | None = getattr(request, "membership", None)
    return membership is not None and membership.role == Membership.Role.ADMIN


def company_required(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """For views that show a company's data: a person who belongs to none is told so, in a page with a way out."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if getattr(request, "membership", None) is None:
            return render(request, "companies/no_company.html", status=403)
        return view(request, *args, **kwargs)

    return guarded


def admin_required(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """For views that only an administrator of the company may use."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not is_admin(request):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return company_required(guarded)
