"""Where the bank's page sends the browser back to; from here it goes on to the app.

A visit has an address of its own, ``/return/<state>``; a provider that knows one registered address only sends the
browser to ``/return/<provider>?state=<state>``.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe

from proxy.services import flows


@require_safe
def returned(request: HttpRequest, place: str) -> HttpResponse:
    """Notes the return, and what the address says, and sends the browser on to the app that opened the page."""
    answer = {name: str(value) for name, value in request.GET.items()}
    state = answer.get("state", "") if place in settings.PROVIDERS else place
    return_url = flows.came_back(state, answer)
    if return_url is None:
        return HttpResponse(
            "This page is not known here. Close it and start again from your books.",
            status=404,
            content_type="text/plain; charset=utf-8",
        )
    return HttpResponseRedirect(return_url)
