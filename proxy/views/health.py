"""Whether this process lives, and whether it can serve."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse


def live(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "live"})


def ready(request: HttpRequest) -> JsonResponse:
    """The process answers and so does its database; 503 if not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM proxy_client LIMIT 1")
    except DatabaseError:
        return JsonResponse({"status": "the database does not answer, or is not migrated"}, status=503)
    return JsonResponse({"status": "ready"})
