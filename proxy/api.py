"""The ``/v1`` of the proxy: signed verbs in, neutral types out, every failure in one envelope, all of it described."""

from __future__ import annotations

import logging
from typing import Any

import msgspec
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.renderers import BaseRenderer

from providers.errors import BadRequest, FeedError, NotFound
from providers.types import ErrorEnvelope, encode
from proxy.envelopes import envelope, internal_error
from proxy.views import clients, connections, events, institutions

log = logging.getLogger(__name__)

REF = "#/components/schemas/{name}"
ANSWERS: dict[str, Any] = {**clients.ANSWERS, **connections.ANSWERS, **events.ANSWERS, **institutions.ANSWERS}


class NeutralRenderer(BaseRenderer):
    """Neutral types as they encode themselves."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return encode(data)


class ProxyApi(NinjaAPI):
    """Puts the neutral types into the generated document, as answers of the verbs that give them."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        document = super().get_openapi_schema(**options)
        kinds = [*dict.fromkeys(ANSWERS.values()), ErrorEnvelope]
        references, components = msgspec.json.schema_components(kinds, ref_template=REF)
        by_kind = dict(zip(kinds, references, strict=True))
        document["components"]["schemas"].update(components)
        for path in document["paths"].values():
            for operation in path.values():
                answer = by_kind[ANSWERS[operation["operationId"]]]
                operation["responses"] = {
                    "200": _described("What was asked for.", answer),
                    "default": _described("Why it could not be done.", by_kind[ErrorEnvelope]),
                }
        return document


def _described(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    header = {"description": "The reference of this exchange, for support.", "schema": {"type": "string"}}
    return {
        "description": description,
        "headers": {"Banksync-Reference": header},
        "content": {"application/json": {"schema": schema}},
    }


api = ProxyApi(
    title="banksync proxy",
    version="1",
    description=(
        "Bank connections in one neutral vocabulary. Every answer has a reference. "
        "Every request is signed; only the directory of institutions may be read by anyone."
    ),
    docs_url=None,
    urls_namespace="v1",
    renderer=NeutralRenderer(),
)
api.add_router("", clients.router)
api.add_router("", institutions.router)
api.add_router("", connections.router)
api.add_router("", events.router)


@api.exception_handler(FeedError)
def _feed_error(request: HttpRequest, error: FeedError) -> HttpResponse:
    return envelope(request, error)


@api.exception_handler(Http404)
def _not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return envelope(request, NotFound())


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """The first complaint as one sentence; what was sent is not quoted."""
    first = error.errors[0] if error.errors else {}
    # The place begins with where it stood (body, query), then the parameter's name inside of our code.
    place = [str(part) for part in first.get("loc", ()) if part not in ("body", "query", "path")]
    named = ".".join(place[1:] if len(place) > 1 and place[0] == "body_" else place) or "the request"
    reason = str(first.get("msg", "it is not valid"))
    return envelope(request, BadRequest(f"The request was not understood: {named}: {reason}."))


@api.exception_handler(HttpError)
def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    return envelope(request, BadRequest(f"The request was not understood: {str(error).rstrip('.')}."))


@api.exception_handler(SuspiciousOperation)
def _suspicious(request: HttpRequest, error: SuspiciousOperation) -> HttpResponse:
    return envelope(request, BadRequest("The request was refused: it is too large, or malformed."))


@api.exception_handler(Exception)
def _crash(request: HttpRequest, error: Exception) -> HttpResponse:
    return internal_error(request, error)
