"""Where the bank's page sends the browser back to; from here it goes on to the app."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe

from proxy.services import flows


@require_safe
def returned(request: HttpRequest, state: str) -> HttpResponse:
    """Notes the return and sends the browser on to the app that opened the page."""
    return_url = flows.came_back(state)
    if return_url is None:
        return HttpResponse(
            "This page is not known here. Close it and start again from your books.",
            status=404,
            content_type="text/plain; charset=utf-8",
        )
    return HttpResponseRedirect(return_url)
