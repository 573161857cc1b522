"""Salt Edge at the other end of a real socket, saying route by route what a test tells it to."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from tests.providers.saltedge import payload
from tests.providers.wire import Answer, Said, Seen, WireServer

ROOT = "/api/v6"


class WireSaltEdge:
    """``on`` sets what a route answers, one after the other, the last one for good; a route is ``GET /accounts``."""

    def __init__(self, wire: WireServer) -> None:
        self.wire = wire
        self.script: dict[str, list[Answer]] = {}
        wire.answer = self._answer

    def on(self, route: str, *answers: Answer | bytes | dict[str, Any]) -> None:
        self.script[route] = [self._said(each) for each in answers]

    def calls(self, route: str) -> list[dict[str, Any]]:
        """What a route was sent: ``data`` of each body."""
        return [seen.json()["data"] for seen in self.wire.seen if _route(seen) == route]

    def queries(self, route: str) -> list[dict[str, str]]:
        """What a route was asked in its address."""
        found = [seen for seen in self.wire.seen if _route(seen) == route]
        return [dict(parse_qsl(urlsplit(seen.target).query)) for seen in found]

    def _answer(self, seen: Seen) -> Answer:
        answers = self.script.get(_route(seen))
        if answers is None:
            return failure("RouteNotFound", status=404)
        return answers.pop(0) if len(answers) > 1 else answers[0]

    @staticmethod
    def _said(answer: Answer | bytes | dict[str, Any]) -> Answer:
        if isinstance(answer, dict):
            return Said(body=msgspec.json.encode(answer))
        return Said(body=answer) if isinstance(answer, bytes) else answer


def _route(seen: Seen) -> str:
    return f"{seen.method} {seen.path.removeprefix(ROOT)}"


def failure(name: str, *, status: int = 400, **beside: Any) -> Said:
    """An error as Salt Edge says it."""
    error = {"class": name, "message": "m", "documentation_url": "https://docs.saltedge.com", "request_id": "q"}
    return Said(status=status, body=msgspec.json.encode({"error": error, "request": {}, **beside}))


def connection(*, attempt: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """A good connection, with some fields of it and of its last attempt changed."""
    told: dict[str, Any] = msgspec.json.decode(payload("connection"))["data"]
    return {"data": {**told, "last_attempt": {**told["last_attempt"], **(attempt or {})}, **changes}}


def listed(*rows: dict[str, Any], next_id: str | None = None) -> dict[str, Any]:
    """A page of a list."""
    return {"data": list(rows), "meta": {"next_id": next_id, "next_page": None}}


def row(number: str, **changes: Any) -> dict[str, Any]:
    """A posted transaction."""
    good = {
        "id": number,
        "account_id": "333",
        "duplicated": False,
        "mode": "normal",
        "status": "posted",
        "made_on": "2026-02-27",
        "amount": -1,
        "currency_code": "EUR",
        "description": "d",
        "extra": {},
        "updated_at": "2026-02-28T00:00:00Z",
    }
    merged = {**good, **changes}
    return {key: value for key, value in merged.items() if value is not ...}
