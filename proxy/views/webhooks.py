"""Where providers send what they tell by themselves."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from providers.errors import FeedError
from proxy.envelopes import envelope
from proxy.services import webhooks


@csrf_exempt  # it is the provider's signature that says who sent it
@require_POST
def webhook(request: HttpRequest, provider: str) -> HttpResponse:
    """200 once it is kept, 400 for what is not the provider's; a 5xx has it sent again.

    A signature may cover the address: the public one, not the one behind somebody's gateway.
    """
    try:
        webhooks.receive(
            provider, request.headers, body=request.body, url=f"{settings.BASE_URL}{request.get_full_path()}"
        )
    except FeedError as error:
        return envelope(request, error)
    return JsonResponse({})
