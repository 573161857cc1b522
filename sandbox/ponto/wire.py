"""Ponto's wire: what every route does with a request before its own work, and with the answer after it.

Tokens are checked, errors get their status and shape, armed faults happen, and amounts go out as JSON numbers that
were never binary fractions.
"""

from __future__ import annotations

import base64
import datetime as dt
import hmac
import uuid
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from sandbox.conditions import answers as answers_of_faults
from sandbox.conditions import clock, faults
from sandbox.conditions.faults import Target
from sandbox.ponto import errors, signatures, spoiling, tokens
from sandbox.ponto.errors import OAuthError, PontoError
from sandbox.ponto.models import AccessToken, Organization

# Who may ask: an organization's token, the application's own, either or nobody at all.
Who = Literal["organization", "application", "anyone"]
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_KIND = "application/vnd.api+json"
_HEADER = "ibanity-request-id"


class Call(NamedTuple):
    """One call: when it came, where the caller found the sandbox, and what its token opens."""

    request: HttpRequest
    now: dt.datetime
    base_url: str
    token: AccessToken | None

    def organization(self) -> Organization:
        """Whose token it is. Raises 403 for the application's own."""
        if self.token is None or self.token.authorization is None:
            raise errors.forbidden()
        return self.token.authorization.organization

    def attributes(self, kind: str) -> dict[str, Any]:
        """The attributes of the resource in the body. Raises 400 for a body without one of this kind."""
        try:
            data = msgspec.json.decode(self.request.body, type=dict[str, Any])["data"]
            if data["type"] == kind and isinstance(data["attributes"], dict):
                found: dict[str, Any] = data["attributes"]
                return found
        except (msgspec.DecodeError, KeyError, TypeError):
            pass
        raise PontoError(400, "validationError", detail=f"a resource of type {kind} is expected", pointer="/data/type")


Answer = tuple[int, dict[str, Any] | None]


def answers(route: str, who: Who, **methods: Callable[..., Answer]) -> Callable[..., HttpResponse]:
    """A view that lets the function of the request's method give status and body."""

    def view(request: HttpRequest, **names: str) -> HttpResponse:
        work = methods.get(str(request.method))

        def respond() -> Answer:
            if work is None:
                raise PontoError(405, "methodNotAllowed", detail="The method is not allowed here.")
            return work(_call(request, who), **names)

        return exchange(request, route, account_id=names.get("account_id", ""), respond=respond)

    return view


def exchange(request: HttpRequest, route: str, *, respond: Callable[[], Answer], account_id: str = "") -> HttpResponse:
    """The answer to a request, with the fault that is armed for it; every one has an id."""
    target = Target(route=route, account_id=account_id)
    try:
        fault = faults.happening(target, in_content=False)
        response = _instead(fault, request) or _sent(fault, request, answer=respond(), target=target)
    except PontoError as error:
        response = _json(error.status, error.body())
    except OAuthError as error:
        response = _json(error.status, error.body())
    response[_HEADER] = str(uuid.uuid4())
    return response


def base_url(request: HttpRequest) -> str:
    """Where the caller found this API: the links in its answers lead there."""
    return f"{request.scheme}://{request.get_host()}/ponto"


def check_client(request: HttpRequest, *, own_too: bool) -> bool:
    """Checks the Basic credentials of the OAuth server; ``True`` for those of an integration of one's own."""
    kind, _, text = request.headers.get("Authorization", "").partition(" ")
    try:
        given = base64.b64decode(text, validate=True).decode() if kind == "Basic" else ""
    except (ValueError, UnicodeDecodeError):
        given = ""
    pairs = [(f"{settings.PONTO_CLIENT_ID}:{settings.PONTO_CLIENT_SECRET}", False)]
    if own_too:
        pairs.append((f"{settings.PONTO_CUSTOM_CLIENT_ID}:{settings.PONTO_CUSTOM_CLIENT_SECRET}", True))
    for expected, is_own in pairs:
        if hmac.compare_digest(given.encode(), expected.encode()):
            return is_own
    raise OAuthError("invalid_client", "Client authentication failed.", status=401)


def no_such_route(request: HttpRequest, path: str) -> HttpResponse:
    """Ponto's answer for a path that is none of its own."""
    error = errors.not_found("route")
    return _json(error.status, error.body())


def _call(request: HttpRequest, who: Who) -> Call:
    now = clock.now()
    signatures.check(request)
    kind, _, text = request.headers.get("Authorization", "").partition(" ")
    token = tokens.find(text, now=now) if kind == "Bearer" else None
    if token is None and who != "anyone":
        raise errors.unauthorized()
    if who == "application" and token is not None and token.authorization is not None:
        raise errors.forbidden()
    return Call(request, now, base_url(request), token)


def _instead(fault: faults.AnyFault | None, request: HttpRequest) -> HttpResponse | None:
    """What a fault answers with in the place of the route's work; ``None`` when the work is to be done."""
    match fault:
        case None | faults.BrokenJson() | faults.Drop(after_work=True):
            return None
        case faults.Slow() | faults.Html() | faults.Drop():
            return answers_of_faults.instead(fault, request)
        case faults.RateLimit():
            raise errors.rate_limit()
        case faults.Mutation():
            raise errors.not_found("transaction")
        case faults.ProviderError(error_type="oauth"):
            raise OAuthError(fault.error_code, fault.error_message, status=fault.status)
        case faults.ProviderError():
            raise PontoError(fault.status, fault.error_code, detail=fault.error_message)
        case _:
            raise errors.internal()


def _sent(fault: faults.AnyFault | None, request: HttpRequest, *, answer: Answer, target: Target) -> HttpResponse:
    status, body = answer
    if body is None:
        return answers_of_faults.let_through(fault, request, answer=HttpResponse(status=status))
    spoiling.spoil(body, target)
    return answers_of_faults.let_through(fault, request, answer=_json(status, body))


def _json(status: int, body: dict[str, Any]) -> HttpResponse:
    return HttpResponse(_ENCODER.encode(body), content_type=_KIND, status=status)
