"""Ponto's errors: those of the API in JSON:API, those of the OAuth server as RFC 6749 has them."""

from __future__ import annotations

from typing import Any


class PontoError(Exception):
    """An error of the API."""

    def __init__(self, status: int, code: str, *, detail: str, pointer: str = "", resource: str = "") -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.pointer = pointer
        self.resource = resource

    def body(self) -> dict[str, Any]:
        """The answer's body."""
        told: dict[str, Any] = {"code": self.code, "detail": self.detail}
        if self.pointer:
            told["source"] = {"pointer": self.pointer}
        if self.resource:
            told["meta"] = {"resource": self.resource}
        return {"errors": [told]}


class OAuthError(Exception):
    """An error of the OAuth server."""

    def __init__(self, error: str, description: str, *, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status

    def body(self) -> dict[str, Any]:
        """The answer's body."""
        hint = "See the documentation of the authorization server."
        return {"error": self.error, "error_description": self.description, "error_hint": hint}


def not_found(resource: str) -> PontoError:
    return PontoError(404, "resourceNotFound", detail="The requested resource cannot be found.", resource=resource)


def unauthorized() -> PontoError:
    return PontoError(401, "unauthorized", detail="The access token is missing, invalid or expired.")


def forbidden() -> PontoError:
    return PontoError(403, "forbidden", detail="The access token does not allow this.")


def invalid(attribute: str, detail: str) -> PontoError:
    return PontoError(400, "validationError", detail=detail, pointer=f"/data/attributes/{attribute}")


def recently_synchronized() -> PontoError:
    detail = "The account was synchronized recently: wait before synchronizing it again."
    return PontoError(400, "accountRecentlySynchronized", detail=detail, resource="account")


def rate_limit() -> PontoError:
    return PontoError(429, "tooManyRequests", detail="Too many requests.")


def internal() -> PontoError:
    return PontoError(500, "internalServerError", detail="An unexpected error occurred.")


def invalid_grant() -> OAuthError:
    return OAuthError(
        "invalid_grant",
        "The provided authorization grant or refresh token is invalid, expired, revoked, or was issued to another "
        "client.",
    )
