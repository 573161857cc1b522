"""A running pretend Ponto, an organization that shares accounts with an application, and its wire in short."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec
import pytest
from django.test import Client

REDIRECT = "https://app.example/return/ponto"
VERIFIER = "v" * 43
BASIC = "Basic " + base64.b64encode(b"sandbox-client-id:sandbox-secret").decode()


@pytest.fixture(autouse=True)
def _no_messages(settings: Any) -> None:
    """Nobody listens where the messages would go."""
    settings.PONTO_WEBHOOK_URL = ""


class Ponto:
    """Ponto's routes, called without a network."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def ask(
        self,
        method: str,
        path: str,
        *,
        token: str = "",
        body: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, dict[str, Any]]:
        """Status and body of an answer."""
        sent = {**(headers or {}), **({"Authorization": f"Bearer {token}"} if token else {})}
        content = msgspec.json.encode(body) if body is not None else b""
        address, _, query = path.partition("?")
        response = self._client.generic(
            method,
            f"/ponto{address}",
            content,
            content_type="application/vnd.api+json",
            headers=sent,
            query_params=dict(parse_qsl(query)),
        )
        assert response["ibanity-request-id"]
        return response.status_code, read(response.content)

    def get(self, path: str, token: str = "") -> dict[str, Any]:
        status, body = self.ask("GET", path, token=token)
        assert status == 200, body
        return body

    def error(self, method: str, path: str, *, token: str = "", body: dict[str, Any] | None = None) -> tuple[int, str]:
        """Status and code of an answer that has to be an error."""
        status, told = self.ask(method, path, token=token, body=body)
        return status, str(told["errors"][0]["code"])

    def tokens(self, **form: str) -> tuple[int, dict[str, Any]]:
        response = self._client.post("/ponto/oauth2/token", data=form, headers={"Authorization": BASIC})
        return response.status_code, read(response.content)

    def renew(self, refresh_token: str) -> tuple[int, dict[str, Any]]:
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token, "client_id": "sandbox-client-id"}
        return self.tokens(**form)

    def own_token(self) -> str:
        return str(self.tokens(grant_type="client_credentials")[1]["access_token"])

    def walk(self, bank_name: str, *buttons: dict[str, Any], user: str = "anna") -> dict[str, str]:
        """A visit that presses these buttons one after the other; gives what the browser comes back with."""
        query = {
            "client_id": "sandbox-client-id",
            "redirect_uri": REDIRECT,
            "response_type": "code",
            "state": "state-of-eight",
            "code_challenge": base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode()[:43],
            "code_challenge_method": "S256",
            "onboarding_details_id": self.onboarded(bank_name),
        }
        page = self._client.get("/ponto/oauth2/auth", query_params=query)["Location"]
        self._client.post(page, {"action": "sign_in", "user": user, "password": "right"})
        for pressed in buttons:
            answer = self._client.post(page, pressed)
        assert answer["Location"].startswith(REDIRECT), answer.content
        return dict(parse_qsl(urlsplit(answer["Location"]).query))

    def onboarded(self, bank_name: str) -> str:
        attributes = {"initialFinancialInstitutionId": self.bank(bank_name)}
        body = {"data": {"type": "onboardingDetails", "attributes": attributes}}
        status, told = self.ask("POST", "/onboarding-details", token=self.own_token(), body=body)
        assert status == 201
        return str(told["data"]["id"])

    def bank(self, name: str) -> str:
        """Ponto's id of a bank."""
        found = self.get(f"/financial-institutions?filter[name][eq]={name}")["data"]
        return str(found[0]["id"])

    def exchange(self, code: str, *, verifier: str = VERIFIER, redirect: str = REDIRECT) -> tuple[int, dict[str, Any]]:
        return self.tokens(
            grant_type="authorization_code",
            code=code,
            code_verifier=verifier,
            redirect_uri=redirect,
            client_id="sandbox-client-id",
        )


def read(content: bytes) -> dict[str, Any]:
    """The JSON of an answer, amounts as the text said them."""
    found: dict[str, Any] = msgspec.json.Decoder(float_hook=Decimal).decode(content)
    return found


def approve(*keys: str) -> dict[str, Any]:
    """The button that approves, with these accounts ticked."""
    return {"action": "approve", "account": list(keys)}


@pytest.fixture
def ponto(client: Client, db: None) -> Ponto:
    return Ponto(client)


@pytest.fixture
def shared(ponto: Ponto) -> Callable[..., dict[str, Any]]:
    """The tokens of a permission: ``shared("Quiet Bank", "quiet_bank.1")``."""

    def make(bank_name: str, *keys: str) -> dict[str, Any]:
        answer = ponto.walk(bank_name, approve(*keys))
        status, told = ponto.exchange(answer["code"])
        assert status == 200
        return told

    return make
