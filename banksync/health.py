"""What a load balancer and a watchman ask: is this process alive, can it serve, and do the feeds run?"""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, JsonResponse
from django.utils import timezone

from connections import vigil
from foundation.watchmen import may_look


def live(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> JsonResponse:
    """The database answers too; 503 when it does not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "the database does not answer"}, status=503)
    return JsonResponse({"status": "ok"})


def feeds(request: HttpRequest) -> JsonResponse:
    """Whether the clock ticks and every automatic connection is fetched; 503 when not, with counts and nothing else.

    It is computed from what stands in the database when it is asked: it tells the truth also when no worker runs.
    """
    if not may_look(request):
        raise Http404
    seen = vigil.look(timezone.now())
    return JsonResponse(seen.told(), status=200 if seen.is_well else 503)
