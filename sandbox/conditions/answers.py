"""Answers that armed faults give in any provider's place: a gateway's page, and a line that is cut."""

from __future__ import annotations

import socket
import threading

from django.http import HttpRequest, HttpResponse

from sandbox.conditions import faults

GATEWAY_PAGE = (
    "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>"
)


def instead(fault: faults.Slow | faults.Html | faults.Drop, request: HttpRequest) -> HttpResponse | None:
    """What a fault that is no provider's own answers with; ``None`` for one that only takes its time."""
    match fault:
        case faults.Slow(seconds=seconds):
            # Waiting is what this fault is: nothing will ever set the event.
            threading.Event().wait(seconds)
            return None
        case faults.Html():
            return HttpResponse(GATEWAY_PAGE, content_type="text/html", status=502)
        case faults.Drop():
            return drop(request)


def let_through(fault: faults.AnyFault | None, request: HttpRequest, *, answer: HttpResponse) -> HttpResponse:
    """The answer of a route's work, as far as a fault lets it through."""
    if isinstance(fault, faults.Drop):
        return drop(request)
    if isinstance(fault, faults.BrokenJson):
        answer.content = answer.content[: len(answer.content) * 2 // 3]
    return answer


def drop(request: HttpRequest) -> HttpResponse:
    """Closes the connection without an answer under gunicorn; elsewhere promises more than it sends."""
    connection = request.META.get("gunicorn.socket")
    if isinstance(connection, socket.socket):
        connection.shutdown(socket.SHUT_RDWR)
    answer = HttpResponse(b"", content_type="application/json")
    answer["Content-Length"] = "1000"
    return answer
