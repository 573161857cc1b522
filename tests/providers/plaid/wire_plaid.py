"""Plaid at the other end of a real socket, saying route by route what a test tells it to."""

from __future__ import annotations

from typing import Any

import msgspec

from tests.providers.plaid import payload
from tests.providers.wire import Answer, Said, Seen, WireServer


class WirePlaid:
    """``on`` sets what a route answers, one after the other, the last one for good; ``calls`` is what it was sent."""

    def __init__(self, wire: WireServer) -> None:
        self.wire = wire
        self.script: dict[str, list[Answer]] = {}
        self.on("/institutions/get_by_id", institution_status("HEALTHY"))
        wire.answer = self._answer

    def on(self, path: str, *answers: Answer | bytes | dict[str, Any]) -> None:
        self.script[path] = [self._said(each) for each in answers]

    def calls(self, path: str) -> list[dict[str, Any]]:
        return [seen.json() for seen in self.wire.seen if seen.path == path]

    def _answer(self, seen: Seen) -> Answer:
        answers = self.script.get(seen.path)
        if answers is None:
            return failure("NOT_FOUND", error_type="INVALID_REQUEST", status=404)
        return answers.pop(0) if len(answers) > 1 else answers[0]

    @staticmethod
    def _said(answer: Answer | bytes | dict[str, Any]) -> Answer:
        if isinstance(answer, dict):
            return Said(body=msgspec.json.encode({"request_id": "q", **answer}))
        return Said(body=answer) if isinstance(answer, bytes) else answer


def failure(code: str, *, error_type: str = "ITEM_ERROR", status: int = 400, **fields: Any) -> Said:
    """An error as Plaid says it."""
    body = {"error_type": error_type, "error_code": code, "error_message": "m", "display_message": None, **fields}
    return Said(status=status, body=msgspec.json.encode({"request_id": "q", **body}))


def page(**changes: Any) -> dict[str, Any]:
    """A page of ``/transactions/sync`` without rows, with some fields changed."""
    empty = {
        "transactions_update_status": "HISTORICAL_UPDATE_COMPLETE",
        "accounts": [],
        "added": [],
        "modified": [],
        "removed": [],
        "next_cursor": "cursor-1",
        "has_more": False,
    }
    return {**empty, **changes}


def item(*, status: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """``/item/get`` of a good Item, with some fields of the Item changed."""
    told = msgspec.json.decode(payload("item"))
    return {"item": {**told["item"], **changes}, "status": told["status"] if status is None else status}


def institution_status(word: str) -> dict[str, Any]:
    """``/institutions/get_by_id`` of a bank whose transactions Plaid can read or not."""
    return {
        "institution": {"institution_id": "ins_1", "name": "B", "status": {"transactions_updates": {"status": word}}}
    }


def session(**fields: Any) -> dict[str, Any]:
    """A visit to the hosted page that is still going on, unless ``fields`` say more."""
    return {"link_session_id": "s", "started_at": "2026-01-01T00:00:00Z", "finished_at": None, **fields}


def approved(handle: str = "public-sandbox-1", institution: str = "ins_1") -> dict[str, Any]:
    """A visit that ended with the bank's approval."""
    added = {"public_token": handle, "accounts": [], "institution": {"institution_id": institution, "name": "B"}}
    return session(finished_at="2026-01-01T00:01:00Z", results={"item_add_results": [added]})


def left(error: dict[str, Any] | None = None) -> dict[str, Any]:
    """A visit that the holder left, with the reason the page gave if there was one."""
    return session(finished_at="2026-01-01T00:01:00Z", exit={"error": error, "metadata": {"status": None}})


def link_token(
    *, url: str = "https://secure.plaid.example/hl/1", expiration: str = "2099-01-01T00:00:00Z"
) -> dict[str, Any]:
    """``/link/token/create``."""
    return {"link_token": "link-sandbox-1", "expiration": expiration, "hosted_link_url": url}


def sessions(*visits: dict[str, Any]) -> dict[str, Any]:
    """``/link/token/get``."""
    return {"link_token": "link-sandbox-1", "created_at": None, "expiration": None, "link_sessions": list(visits)}
