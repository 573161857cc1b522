"""Ponto at the other end of a real socket, saying route by route what a test tells it to."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from providers.ponto.oauth import Secret
from tests.providers.wire import Answer, Said, Seen, WireServer

CALLBACK = "https://proxy.example/return/ponto"


class WirePonto:
    """``on`` sets what ``METHOD /path`` answers, one after the other, the last one for good; ``calls`` was sent."""

    def __init__(self, wire: WireServer) -> None:
        self.wire = wire
        self.script: dict[str, list[Answer]] = {}
        wire.answer = self._answer
        self.on("GET /financial-institutions/bank-1", {"data": bank("bank-1", "First Bank")})
        self.on("GET /financial-institutions/bank-2", {"data": bank("bank-2", "Second Bank")})
        self.on("GET /userinfo", {"sub": "organization-1", "name": "Acme"})

    def on(self, route: str, *answers: Answer | bytes | dict[str, Any]) -> None:
        self.script[route] = [self._said(each) for each in answers]

    def seen(self, route: str) -> list[Seen]:
        return [seen for seen in self.wire.seen if f"{seen.method} {seen.path}" == route]

    def calls(self, route: str) -> list[dict[str, Any]]:
        """The attributes that were sent."""
        return [seen.json()["data"]["attributes"] for seen in self.seen(route)]

    def forms(self, route: str = "POST /oauth2/token") -> list[dict[str, str]]:
        return [dict(parse_qsl(seen.body.decode())) for seen in self.seen(route)]

    def _answer(self, seen: Seen) -> Answer:
        answers = self.script.get(f"{seen.method} {seen.path}")
        if answers is None:
            return failure("resourceNotFound", status=404)
        return answers.pop(0) if len(answers) > 1 else answers[0]

    @staticmethod
    def _said(answer: Answer | bytes | dict[str, Any]) -> Answer:
        if isinstance(answer, dict):
            return Said(body=msgspec.json.encode(answer))
        return Said(body=answer) if isinstance(answer, bytes) else answer


def config(url: str, **changes: str) -> dict[str, str]:
    """What the proxy is set up with."""
    good = {
        "url": url,
        "client_id": "id-1",
        "client_secret": "secret-1",
        "page": "https://authorize.example/oauth2/auth",
        "callback": CALLBACK,
        "keys_url": f"{url}/webhooks/keys",
        "issuer": "https://api.ibanity.com",
        "application_id": "application-1",
    }
    return {**good, **changes}


def secret(**changes: Any) -> str:
    """What the vault keeps of a connection to the first bank."""
    good: dict[str, Any] = {
        "access_token": "access-1",
        "expires_at": dt.datetime(2099, 1, 1, tzinfo=dt.UTC),
        "institution": "bank-1",
        "organization": "organization-1",
        "refresh_token": "refresh-1",
    }
    return Secret(**{**good, **changes}).dump()


def failure(code: str, *, status: int = 400, **fields: Any) -> Said:
    """An error as the API says it."""
    headers = {"Content-Type": "application/vnd.api+json", "ibanity-request-id": "request-1"}
    body = msgspec.json.encode({"errors": [{"code": code, "detail": "It is so.", **fields}]})
    return Said(status=status, body=body, headers=headers)


def oauth_failure(error: str, *, status: int = 400) -> Said:
    """An error as the OAuth server says it."""
    told = {"error": error, "error_description": "It is so.", "error_hint": "Look."}
    return Said(status=status, body=msgspec.json.encode(told))


def tokens(number: int = 1, **changes: Any) -> dict[str, Any]:
    """The answer of the token endpoint."""
    good = {
        "access_token": f"access-{number}",
        "expires_in": 1799,
        "refresh_token": f"refresh-{number}",
        "scope": "offline_access ai pi",
        "token_type": "bearer",
    }
    return {**good, **changes}


def bank(institution: str, name: str, zone: str | None = "Europe/Brussels") -> dict[str, Any]:
    attributes = {"name": name, "country": "BE", "timeZone": zone}
    return {"type": "financialInstitution", "id": institution, "attributes": attributes}


def account(
    account_id: str = "a-1",
    *,
    institution: str = "bank-1",
    synchronized_at: str | None = "2026-01-01T02:00:00.000Z",
    latest: dict[str, Any] | None = None,
    **attributes: Any,
) -> dict[str, Any]:
    """An account of a bank, with the attributes of its latest synchronization."""
    good = {"currency": "EUR", "referenceType": "IBAN", "reference": "BE53586671384412", "currentBalance": 10.5}
    return {
        "type": "account",
        "id": account_id,
        "attributes": {**good, **attributes},
        "meta": {
            "synchronizedAt": synchronized_at,
            "latestSynchronization": {"id": "s-0", "attributes": latest or {"status": "success", "errors": []}},
        },
        "relationships": {"financialInstitution": {"data": {"type": "financialInstitution", "id": institution}}},
    }


def listed(*rows: dict[str, Any], following: str = "") -> dict[str, Any]:
    """A page of a list."""
    return {"data": list(rows), "links": {"next": following} if following else {}, "meta": {"paging": {"after": None}}}


def transaction(transaction_id: str, day: str = "2026-03-02", **attributes: Any) -> dict[str, Any]:
    good = {"executionDate": f"{day}T00:00:00.000Z", "amount": -1.5, "currency": "EUR"}
    return {"type": "transaction", "id": transaction_id, "attributes": {**good, **attributes}}


def synchronization(status: str, *codes: str, synchronization_id: str = "s-1") -> dict[str, Any]:
    told = {"status": status, "errors": [{"code": code} for code in codes]}
    return {"data": {"type": "synchronization", "id": synchronization_id, "attributes": told}}
