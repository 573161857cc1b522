"""Answers that armed faults give in any provider's place: a gateway's page, and a line that is cut."""

from __future__ import annotations

import socket

from django.http import HttpRequest, HttpResponse

GATEWAY_PAGE = (
    "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>"
)


def drop(request: HttpRequest) -> HttpResponse:
    """Closes the connection without an answer under gunicorn; elsewhere promises more than it sends."""
    connection = request.META.get("gunicorn.socket")
    if isinstance(connection, socket.socket):
        connection.shutdown(socket.SHUT_RDWR)
    answer = HttpResponse(b"", content_type="application/json")
    answer["Content-Length"] = "1000"
    return answer
