"""Ponto's page: how it is opened, and what the browser comes back with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlencode

import msgspec
from msgspec import Meta, Struct

from providers.base import HostedRequest
from providers.ponto import oauth

# Ponto's page has no end of its own; a first visit there means to sign up, which takes a while.
PAGE_LIFE = dt.timedelta(hours=2)
# A reauthorization is looked after with the access token of the moment it was opened at.
REAUTHORIZATION_LIFE = dt.timedelta(minutes=25)
# What the holder's leaving is called: RFC 6749 has the first, OpenID Connect servers say the others too.
LEFT = frozenset({"access_denied", "user_cancelled", "consent_required", "login_required"})
LANGUAGES = frozenset({"en", "fr", "nl", "de"})

Kind = Literal["authorization", "reauthorization", "none"]


class State(Struct, frozen=True):
    """What is kept of an opened page until it ends.

    ``authorization`` gives a new permission, ``reauthorization`` renews that of ``account`` at its bank, with
    ``access_token`` and since ``authorized_at``; ``none`` needs no page, since the proxy may read the accounts anyway.
    """

    kind: Kind
    institution: str
    expires_at: dt.datetime
    verifier: str = ""
    redirect_uri: str = ""
    account: str = ""
    access_token: str = ""
    authorized_at: dt.datetime | None = None

    def dump(self) -> str:
        return msgspec.json.encode(self).decode()

    @classmethod
    def load(cls, text: str) -> Self:
        return msgspec.json.decode(text, type=cls)


class Identity(Struct):
    """A resource of which only the id is read."""

    id: Annotated[str, Meta(min_length=1, max_length=255)]


class Created(Struct):
    """The answer to making something."""

    data: Identity


class Links(Struct):
    redirect: Annotated[str, Meta(min_length=1)]


class Reauthorization(Struct):
    links: Links


class CreatedReauthorization(Struct):
    """The answer to asking for a reauthorization; its links stand inside of ``data``."""

    data: Reauthorization


def onboarding_body(request: HostedRequest) -> dict[str, Any]:
    """What Ponto's page should know before the holder comes: which bank it is about, and nothing of the holder."""
    attributes = {"initialFinancialInstitutionId": request.institution, "partnerReference": request.holder}
    return {"data": {"type": "onboardingDetails", "attributes": attributes}}


def reauthorization_body(request: HostedRequest) -> dict[str, Any]:
    """What asks for a page where the holder renews the permission of one account at its bank."""
    # Nothing comes back from there but the browser: the address itself says which visit it was.
    address = f"{request.callback_url}?{urlencode({'state': request.state})}"
    return {"data": {"type": "reauthorizationRequest", "attributes": {"redirectUri": address}}}


def authorization_url(page: str, request: HostedRequest, *, client_id: str, onboarding: str, verifier: str) -> str:
    """The address of Ponto's page. https://documentation.ibanity.com/ponto-connect/api#authorization"""
    query = {
        "client_id": client_id,
        "redirect_uri": request.callback_url,
        "response_type": "code",
        "scope": oauth.SCOPE,
        "state": request.state,
        "code_challenge": oauth.challenge(verifier),
        "code_challenge_method": "S256",
        "onboarding_details_id": onboarding,
        "language": request.language if request.language in LANGUAGES else "en",
    }
    return f"{page}?{urlencode(query)}"


def has_left(answer: Mapping[str, str]) -> bool:
    """Whether the browser came back because the holder did not want to go on."""
    return answer.get("error", "") in LEFT
