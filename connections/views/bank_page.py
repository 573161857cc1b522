"""The way to the bank's page and back, the same for a new connection and for one that signs in again."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse

from connections.models import LinkAttempt


def to_bank(request: HttpRequest, attempt: LinkAttempt) -> HttpResponse:
    """On to the bank's page; the script is told both addresses and opens the page in a window of its own."""
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse({"bank": attempt.hosted_url, "waiting": reverse("attempt", args=[attempt.pk])})
    return redirect(attempt.hosted_url)


def return_address() -> str:
    """The address of the way back, with ``{attempt}`` where its id goes."""
    stand_in = UUID(int=0)
    path = reverse("attempt_return", args=[stand_in]).replace(str(stand_in), "{attempt}")
    return f"{settings.BASE_URL}{path}"
