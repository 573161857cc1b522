"""Signing in where it does not go well: too many wrong passwords."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from companies import locks


def locked(request: HttpRequest, response: HttpResponse | None, credentials: dict[str, Any] | None) -> HttpResponse:
    """In the place of a sign-in form that is closed for a while: until when, and what to do meanwhile."""
    context = {"ends_at": locks.ends_at(request, credentials)}
    return render(request, "companies/locked.html", context, status=429)
