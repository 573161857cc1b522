"""Signed requests: every verb of ``/v1`` names how much of its caller it asks."""

from __future__ import annotations

from django.http import HttpRequest

from foundation import logs
from providers.signing import IncomingRequest
from proxy.models import Client
from proxy.services import callers, clients


class Signed:
    """Any registered client, blocked or not: to learn how it stands, and to end what it has."""

    openapi_security_schema = {
        "type": "apiKey",
        "in": "header",
        "name": "Signature",
        "description": "HTTP Message Signatures (RFC 9421), Ed25519, label “banksync”, over @method, @path, @query and "
        "content-digest (sha-256), with created, nonce, keyid (the client id) and alg.",
    }

    def __call__(self, request: HttpRequest) -> Client:
        client = callers.identify(incoming(request))
        logs.add(client=client.client_id)
        request.caller = client  # type: ignore[attr-defined]
        return client


class Active(Signed):
    """A client that is neither blocked nor disconnected."""

    def __call__(self, request: HttpRequest) -> Client:
        client = super().__call__(request)
        clients.require_active(client)
        return client


class Subscribed(Active):
    """An active client whose subscription is good today."""

    def __call__(self, request: HttpRequest) -> Client:
        client = super().__call__(request)
        clients.require_subscription(client)
        return client


def caller(request: HttpRequest) -> Client:
    """The client whose signature was checked. For views behind one of the classes above."""
    client: Client = request.caller  # type: ignore[attr-defined]
    return client


def incoming(request: HttpRequest) -> IncomingRequest:
    """The request as it was signed: its address still encoded, its body's own bytes."""
    return IncomingRequest(
        method=request.method or "",
        # Signed are path and query only; the host may be another one inside than outside.
        url=f"http://proxy{request.get_full_path()}",
        headers=dict(request.headers),
        body=request.body,
    )
