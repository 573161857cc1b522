"""The one shape of every failure, with the reference of its exchange."""

from __future__ import annotations

import logging

from django.http import HttpRequest, HttpResponse

from providers.errors import FeedError
from providers.types import ErrorEnvelope, encode

log = logging.getLogger(__name__)


class Internal(FeedError):
    """The proxy itself failed; the log has the reason under the same reference."""

    code = "internal"
    message = "The proxy made a mistake. Its operator finds the reason under this reference."
    action = "contact_support"
    http_status = 500


def envelope(request: HttpRequest, error: FeedError) -> HttpResponse:
    """The answer that carries this error, with its HTTP status."""
    told = error.data(reference=reference(request))
    provider = error.provider.code if error.provider else ""
    log.warning("%s %s %s %s", told.reference, error.code, provider, error.message)
    body = encode(ErrorEnvelope(error=told))
    return HttpResponse(body, status=error.http_status, content_type="application/json")


def internal_error(request: HttpRequest, error: BaseException) -> HttpResponse:
    """The answer to an error nobody foresaw: the traceback goes to the log, a sentence to the caller."""
    log.error("%s crashed", reference(request), exc_info=error)
    return envelope(request, Internal())


def reference(request: HttpRequest) -> str:
    """The reference that the middleware gave to this exchange."""
    return str(getattr(request, "reference", ""))
