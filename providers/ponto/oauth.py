"""Ponto's permissions: what opens the data of an organization, for half an hour, and what another one is had with.

OAuth 2 with PKCE (RFC 6749, RFC 7636). A refresh token is good once: each renewal brings another one.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import secrets
from typing import Annotated, Self

import msgspec
from msgspec import Meta, Struct

# A token is renewed so long before it ends that the question it is for arrives in time.
MARGIN = dt.timedelta(seconds=60)
SCOPE = "offline_access ai"


class Tokens(Struct):
    """The answer of the token endpoint. ``refresh_token`` is missing where there is no account holder."""

    access_token: Annotated[str, Meta(min_length=1)]
    expires_in: Annotated[int, Meta(ge=0, le=10 * 365 * 86400)] = 1799
    refresh_token: str | None = None

    def expires_at(self, now: dt.datetime) -> dt.datetime:
        return now + dt.timedelta(seconds=self.expires_in)


class UserInfo(Struct):
    """Whose accounts a permission is about; ``sub`` is the organization's id."""

    sub: Annotated[str, Meta(min_length=1, max_length=255)]


class Secret(Struct, frozen=True):
    """What the vault keeps of a connection.

    ``institution`` is Ponto's id of the bank whose accounts it shows: the permission may hold accounts of others too.
    ``organization`` is whose they are. Without ``refresh_token`` another access token is had with the proxy's own
    credentials.
    """

    access_token: str
    expires_at: dt.datetime
    institution: str
    organization: str = ""
    refresh_token: str = ""

    def dump(self) -> str:
        return msgspec.json.encode(self).decode()

    @classmethod
    def load(cls, text: str) -> Self:
        return msgspec.json.decode(text, type=cls)

    def has_ended(self, now: dt.datetime) -> bool:
        return now >= self.expires_at - MARGIN

    def renewed(self, tokens: Tokens, *, now: dt.datetime) -> Self:
        """With the tokens of a renewal; one that brings no other refresh token leaves the old one good."""
        return msgspec.structs.replace(
            self,
            access_token=tokens.access_token,
            expires_at=tokens.expires_at(now),
            refresh_token=tokens.refresh_token or self.refresh_token,
        )


def new_verifier() -> str:
    """The secret of one visit, of which only the digest travels through the browser."""
    return secrets.token_urlsafe(48)


def challenge(verifier: str) -> str:
    """The digest of a verifier, as ``S256`` has it."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def basic(client_id: str, client_secret: str) -> str:
    """The Authorization header with the proxy's own credentials."""
    return "Basic " + base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
