"""A reference on every answer, with a line in the log; no failure of ``/v1`` without its envelope; the audit."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from foundation import logs
from providers.errors import BadRequest, FeedError, NotFound
from proxy import figures
from proxy.envelopes import Internal, envelope
from proxy.models import AuditEntry
from proxy.references import new_reference

log = logging.getLogger(__name__)

HEADER = "Banksync-Reference"
PREFIX = "/v1/"


class ReferenceMiddleware:
    """Outermost, so that also what Django itself answers (404, 405, 400, 500) is named and put into the envelope."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.reference = new_reference()  # type: ignore[attr-defined]
        with logs.about(reference=request.reference):  # type: ignore[attr-defined]
            return self._answered(request)

    def _answered(self, request: HttpRequest) -> HttpResponse:
        started = time.monotonic()
        response = self.get_response(request)
        if request.path.startswith(PREFIX):
            response = _enveloped(request, response)
            _audit(request, response.status_code)
        response[HEADER] = request.reference  # type: ignore[attr-defined]
        seconds = time.monotonic() - started
        figures.note_request(request, response.status_code, seconds=seconds)
        log.info(
            "%s %s %s %s %.0f ms",
            response[HEADER],
            request.method,
            _named(request),
            response.status_code,
            seconds * 1000,
        )
        return response


def _enveloped(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if response.status_code < 400 or response.get("Content-Type", "").startswith("application/json"):
        return response
    return envelope(request, _error(response.status_code))


def _error(status: int) -> FeedError:
    """What Django's own answer of this status says, as one of ours."""
    if status == 404:
        return NotFound("The proxy has nothing at this address.")
    if status >= 500:
        return Internal()
    refused = BadRequest(f"The request was not understood (HTTP {status}).")
    refused.http_status = status
    return refused


def _audit(request: HttpRequest, status_code: int) -> None:
    """One row for each request of a known client; strangers leave a line in the log only, and cannot fill a table."""
    client = getattr(request, "caller", None)
    if client is None:
        return
    AuditEntry.objects.create(
        at=timezone.now(),
        client=client,
        verb=f"{request.method} {_named(request)}"[:200],
        reference=request.reference,  # type: ignore[attr-defined]
        status_code=status_code,
    )


def _named(request: HttpRequest) -> str:
    """The address without its secret parts: no query, and not what a return address ends with."""
    return "/return/…" if request.path.startswith("/return/") else request.path
