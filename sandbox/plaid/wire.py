"""Plaid's wire: what every route does with a request before its own work, and with the answer after it.

The keys are checked, missing and unknown fields are named, errors get their status and a request id, armed faults
happen, and amounts go out as JSON numbers that were never binary fractions.
"""

from __future__ import annotations

import datetime as dt
import hmac
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from sandbox.conditions import answers as answers_of_faults
from sandbox.conditions import clock, faults
from sandbox.conditions.faults import Target
from sandbox.plaid import errors, spoiling, tokens
from sandbox.plaid.errors import PlaidError
from sandbox.plaid.models import Item
from sandbox.plaid.requests import Request

Body = TypeVar("Body", bound=Request)
_ENCODER = msgspec.json.Encoder(decimal_format="number")


class Call(NamedTuple):
    """One call: when it came, its request id, where the caller found the sandbox, and the Item its token is for."""

    now: dt.datetime
    request_id: str
    base_url: str
    known_item: Item | None

    def item(self) -> Item:
        """The Item of the call's access token. Raises ``INVALID_ACCESS_TOKEN`` or ``ITEM_NOT_FOUND``."""
        if self.known_item is None:
            raise errors.invalid_access_token()
        if self.known_item.removed_at is not None:
            raise errors.item_not_found()
        return self.known_item


def answers(
    route: str, kind: type[Body]
) -> Callable[[Callable[[Call, Body], dict[str, Any]]], Callable[..., HttpResponse]]:
    """Makes a view of a function that takes a call and its body and gives the answer, without its request id."""

    def decorate(work: Callable[[Call, Body], dict[str, Any]]) -> Callable[..., HttpResponse]:
        def view(request: HttpRequest) -> HttpResponse:
            return _respond(request, route, kind=kind, work=work)

        view.__name__ = work.__name__
        return view

    return decorate


def no_such_route(request: HttpRequest, path: str) -> HttpResponse:
    """Plaid's answer for a path that is none of its own."""
    return _error(errors.not_found(), tokens.request_id())


def _respond(
    request: HttpRequest, route: str, *, kind: type[Body], work: Callable[[Call, Body], dict[str, Any]]
) -> HttpResponse:
    request_id = tokens.request_id()
    try:
        if request.method != "POST":
            raise errors.not_found()
        sent = _parsed(request.body)
        call = Call(clock.now(), request_id, settings.BASE_URL or f"http://{request.get_host()}", _item(sent))
        target = _target(route, sent, item=call.known_item)
        fault = faults.happening(target, in_content=False)
        instead = _instead(fault, request, route=route)
        if instead is not None:
            return instead
        _check_keys(request, sent)
        answer = work(call, _body(sent, kind))
    except PlaidError as error:
        return _error(error, request_id)
    spoiling.spoil(answer, target)
    content = _ENCODER.encode({**answer, "request_id": request_id})
    response = HttpResponse(content, content_type="application/json")
    return answers_of_faults.let_through(fault, request, answer=response)


def _parsed(content: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(content, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise errors.invalid_body() from error


def _item(sent: dict[str, Any]) -> Item | None:
    token = sent.get("access_token")
    return Item.objects.filter(access_token=token).first() if isinstance(token, str) and token else None


def _target(route: str, sent: dict[str, Any], *, item: Item | None) -> Target:
    """What armed faults are matched with: ids as the caller says them."""
    options = sent.get("options")
    account_id = options.get("account_id") if isinstance(options, dict) else None
    institution_id = f"ins_{item.institution_id}" if item else sent.get("institution_id")
    return Target(
        route=route,
        institution_id=institution_id if isinstance(institution_id, str) else "",
        item_id=item.item_id if item else "",
        account_id=account_id if isinstance(account_id, str) else "",
    )


def _check_keys(request: HttpRequest, sent: dict[str, Any]) -> None:
    for name, header, expected in (
        ("client_id", "PLAID-CLIENT-ID", settings.PLAID_CLIENT_ID),
        ("secret", "PLAID-SECRET", settings.PLAID_SECRET),
    ):
        given = request.headers.get(header) or sent.get(name)
        if not given:
            raise errors.missing_fields([name])
        if not hmac.compare_digest(str(given).encode(), expected.encode()):
            raise errors.invalid_api_keys()


def _body(sent: dict[str, Any], kind: type[Body]) -> Body:
    fields = msgspec.structs.fields(kind)
    missing = [field.name for field in fields if field.required and sent.get(field.name) is None]
    if missing:
        raise errors.missing_fields(missing)
    unknown = set(sent).difference((field.name for field in fields), kind.IGNORED)
    if unknown:
        raise errors.unknown_fields(sorted(unknown))
    known = {name: value for name, value in sent.items() if name not in kind.IGNORED}
    try:
        return msgspec.convert(known, kind)
    except msgspec.ValidationError as error:
        raise errors.invalid_field(str(error)) from error


def _instead(fault: faults.AnyFault | None, request: HttpRequest, *, route: str) -> HttpResponse | None:
    """What a fault answers with in the place of the route's work; ``None`` when the work is to be done.

    Raises the error that the fault is.
    """
    match fault:
        case None | faults.BrokenJson() | faults.Drop(after_work=True):
            return None
        case faults.Slow() | faults.Html() | faults.Drop():
            return answers_of_faults.instead(fault, request)
        case faults.RateLimit():
            raise errors.rate_limit(route)
        case faults.Mutation():
            raise errors.mutation()
        case faults.ProviderError():
            raise PlaidError(
                fault.error_type,
                fault.error_code,
                message=fault.error_message,
                display=fault.display_message,
                status=fault.status,
            )
        case _:
            raise errors.internal()


def _error(error: PlaidError, request_id: str) -> HttpResponse:
    content = _ENCODER.encode(error.body(request_id))
    return HttpResponse(content, content_type="application/json", status=error.status)
