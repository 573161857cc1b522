"""Renewing one connection's permission by the link in a mail: without signing in, and with nothing else to see."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from connections.end_user import end_user_of
from connections.models import LinkAttempt
from connections.services import renewals
from connections.services.renewals import LinkRefused
from providers.errors import FeedError


@never_cache
@login_not_required
@require_http_methods(["GET", "POST"])
def renew(request: HttpRequest, token: str) -> HttpResponse:
    """The bank, the company and the day on which the permission ends; a button leads to the bank's page."""
    now = timezone.now()
    error = None
    try:
        link = renewals.find(token, now)
        if request.method == "POST":
            attempt = renewals.begin(
                link,
                now,
                language=(get_language() or "en")[:2],
                end_user=end_user_of(request),
                return_url_for=_return_address(),
            )
            return redirect(attempt.hosted_url)
    except LinkRefused:
        return render(request, "connections/renewal_refused.html", status=410)
    except FeedError as failure:
        error = failure
    context = {"connection": link.connection, "company": link.connection.company, "error": error}
    return render(request, "connections/renewal.html", context, status=502 if error else 200)


@never_cache
@login_not_required
@require_GET
def come_back(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """Where the bank's page ends for somebody who came by a link: thanks, or that nothing was renewed."""
    walks = LinkAttempt.objects.filter(renewal_link__isnull=False).select_related("institution", "connection", "person")
    attempt = get_object_or_404(walks.select_related("company"), pk=attempt_id)
    error = None
    try:
        renewals.come_back(attempt)
    except FeedError as failure:
        error = failure
    return render(request, "connections/renewal_done.html", {"attempt": attempt, "error": error})


def _return_address() -> str:
    stand_in = UUID(int=0)
    path = reverse("renewal_return", args=[stand_in]).replace(str(stand_in), "{attempt}")
    return f"{settings.BASE_URL}{path}"
