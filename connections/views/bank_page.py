"""The way to the bank's page and back, the same for a new connection and for one that signs in again."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language

from companies.access import company_of
from connections.end_user import end_user_of
from connections.models import Institution, LinkAttempt
from connections.services import attempts


def begin(request: HttpRequest, institution: Institution, *, account_kinds: Sequence[str]) -> HttpResponse:
    """Opens the bank's page for a new connection and goes there. Raises ``FeedError``."""
    attempt = attempts.begin(
        company_of(request),
        institution,
        person=request.user,  # type: ignore[arg-type]  # sign-in is required
        language=(get_language() or "en")[:2],
        end_user=end_user_of(request),
        return_url_for=return_address(),
        account_kinds=account_kinds,
    )
    return to_bank(request, attempt)


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
