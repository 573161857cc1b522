"""Salt Edge's wire: what every route does with a request before its own work, and with the answer after it.

Keys and signature are checked, errors get their status and a request id, armed faults happen, and amounts go out as
JSON numbers that were never binary fractions.
"""

from __future__ import annotations

import datetime as dt
import hmac
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict

from sandbox.conditions import answers, clock, faults
from sandbox.conditions.faults import Target
from sandbox.saltedge import errors, numbers, signing, spoiling
from sandbox.saltedge.errors import SaltEdgeError
from sandbox.saltedge.models import Connection

Body = TypeVar("Body", bound=msgspec.Struct)
Row = TypeVar("Row")
_ENCODER = msgspec.json.Encoder(decimal_format="number")
PER_PAGE = 100
LARGEST_PAGE = 1000
NOT_HERE = (
    "<html><head><title>404</title></head><body><h1>The page you were looking for doesn't exist.</h1></body></html>"
)


class Call(NamedTuple):
    """One call: when it came, where the caller found the sandbox, what the address and the body say."""

    now: dt.datetime
    base_url: str
    path: str
    query: QueryDict
    sent: dict[str, Any]

    def data(self, kind: type[Body]) -> Body:
        """``data`` of the body. Raises ``WrongRequestFormat``."""
        try:
            return msgspec.convert(self.sent.get("data", {}), kind)
        except msgspec.ValidationError as error:
            raise errors.wrong_format(str(error)) from error

    def page(
        self, rows: Sequence[Row], *, ids: Sequence[str], render: Callable[[Row], dict[str, Any]]
    ) -> dict[str, Any]:
        """The page of ``rows`` that is asked for: from the id ``from_id`` on, this one included.

        ``ids`` are those of the rows and ascend. Raises ``ValueOutOfRange``.
        """
        wanted = self.query.get("per_page", str(PER_PAGE))
        if not wanted.isdigit() or not 1 <= int(wanted) <= LARGEST_PAGE:
            raise SaltEdgeError("ValueOutOfRange", f"per_page must be between 1 and {LARGEST_PAGE}.")
        first = self.query.get("from_id", "")
        start = sum(numbers.order(number) < numbers.order(first) for number in ids) if first else 0
        end = start + int(wanted)
        following = ids[end] if end < len(ids) else None
        query = self.query.copy()
        query["from_id"] = following or ""
        next_page = f"/api/v6{self.path}?{query.urlencode()}" if following else None
        return {
            "data": [render(row) for row in rows[start:end]],
            "meta": {"next_id": following, "next_page": next_page},
        }


Work = Callable[..., dict[str, Any]]


def methods(**works: Work) -> Callable[..., HttpResponse]:
    """A view of functions, one for each method: ``methods(GET=listed, POST=made)``."""

    def view(request: HttpRequest, **ids: str) -> HttpResponse:
        work = works.get(str(request.method))
        return no_such_route(request) if work is None else _respond(request, work, ids=ids)

    return view


def no_such_route(request: HttpRequest, path: str = "") -> HttpResponse:
    """For a path that is none of its own, Salt Edge answers with a page."""
    return HttpResponse(NOT_HERE, content_type="text/html", status=404)


def _respond(request: HttpRequest, work: Work, *, ids: dict[str, str]) -> HttpResponse:
    path = request.path.partition("/api/v6")[2]
    sent: dict[str, Any] = {}
    try:
        sent = _parsed(request.body)
        base_url = settings.BASE_URL or f"{request.scheme}://{request.get_host()}"
        call = Call(clock.now(), base_url, path, request.GET, sent)
        target = _target(path, call, ids=ids)
        fault = faults.happening(target, in_content=False)
        instead = _instead(fault, request)
        if instead is not None:
            return instead
        _check_keys(request)
        signing.check(request)
        answer = work(call, **ids)
    except SaltEdgeError as error:
        content = _ENCODER.encode(error.body(numbers.request_id(), request=sent))
        return HttpResponse(content, content_type="application/json", status=error.status)
    spoiling.spoil(answer, target)
    response = HttpResponse(_ENCODER.encode(answer), content_type="application/json")
    return answers.let_through(fault, request, answer=response)


def _parsed(content: bytes) -> dict[str, Any]:
    if not content:
        return {}
    try:
        return msgspec.json.decode(content, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise errors.not_json() from error


def _route(path: str, ids: dict[str, str]) -> str:
    """The path without the ids in it, which is what armed faults name: ``/connections/*/refresh``."""
    for number in ids.values():
        path = path.replace(f"/{number}", "/*")
    return path


def _target(path: str, call: Call, *, ids: dict[str, str]) -> Target:
    """What armed faults are matched with: ids as the caller says them."""
    number = ids.get("connection_id") or call.query.get("connection_id", "")
    known = Connection.objects.filter(connection_id=number).first() if number else None
    return Target(
        route=_route(path, ids),
        institution_id=known.provider_code if known else "",
        item_id=number,
        account_id=call.query.get("account_id", ""),
    )


def _check_keys(request: HttpRequest) -> None:
    for header, expected in (("App-id", settings.SALTEDGE_APP_ID), ("Secret", settings.SALTEDGE_SECRET)):
        given = request.headers.get(header)
        if not given:
            raise errors.missing_key(header)
        if not hmac.compare_digest(given.encode(), expected.encode()):
            raise errors.unknown_key()


def _instead(fault: faults.AnyFault | None, request: HttpRequest) -> HttpResponse | None:
    """What a fault answers with in the place of the route's work; ``None`` when the work is to be done.

    Raises the error that the fault is.
    """
    match fault:
        case None | faults.BrokenJson() | faults.Drop(after_work=True):
            return None
        case faults.Slow() | faults.Html() | faults.Drop():
            return answers.instead(fault, request)
        case faults.RateLimit():
            raise errors.rate_limit()
        case faults.ProviderError():
            is_flat = fault.error_type == "flat"
            raise SaltEdgeError(fault.error_code, fault.error_message, status=fault.status, is_flat=is_flat)
        case _:
            raise errors.internal()
