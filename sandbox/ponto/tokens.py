"""Codes, access tokens and refresh tokens: how they are had, spent and refused."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import secrets
from typing import Any

from django.db import transaction

from sandbox.ponto import errors
from sandbox.ponto.models import AccessToken, Authorization, RefreshToken, Visit

ACCESS_LIFE = dt.timedelta(seconds=1799)
CODE_LIFE = dt.timedelta(minutes=10)
# A refresh token that was spent is taken again for so long, as long as nobody has used what came of it: its answer
# may have been lost.
GRACE = dt.timedelta(seconds=60)
SCOPE = "offline_access ai"


def new() -> str:
    return secrets.token_urlsafe(32)


@transaction.atomic
def exchange(code: str, *, verifier: str, redirect_uri: str, now: dt.datetime) -> dict[str, Any]:
    """The tokens for a code, once. Raises ``invalid_grant``."""
    visit = (
        Visit.objects.select_for_update(of=("self",)).select_related("organization").filter(code=code).first()
        if code
        else None
    )
    if visit is None or visit.code_used_at is not None or visit.organization is None or visit.finished_at is None:
        raise errors.invalid_grant()
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    is_good = hmac.compare_digest(digest, visit.challenge) and redirect_uri == visit.redirect_uri
    if not is_good or now >= visit.finished_at + CODE_LIFE:
        raise errors.invalid_grant()
    visit.code_used_at = now
    visit.save(update_fields=["code_used_at"])
    return _issue(Authorization.objects.create(organization=visit.organization, created_at=now), None, now=now)


@transaction.atomic
def refresh(token: str, *, is_strict: bool, now: dt.datetime) -> dict[str, Any]:
    """Other tokens for a refresh token, which is spent with it. Raises ``invalid_grant``.

    ``is_strict`` gives no grace to one that is spent already.
    """
    rows = RefreshToken.objects.select_for_update(of=("self",)).select_related("authorization__organization")
    found = rows.filter(token=token).first()
    if found is None or found.is_void or found.authorization.revoked_at is not None:
        raise errors.invalid_grant()
    if found.spent_at is not None:
        has_followed = found.successors.exclude(used_at=None).exists()
        if is_strict or has_followed or now >= found.spent_at + GRACE:
            raise errors.invalid_grant()
        found.successors.update(is_void=True)
    found.spent_at = found.spent_at or now
    found.used_at = found.used_at or now
    found.save(update_fields=["spent_at", "used_at"])
    return _issue(found.authorization, found, now=now)


def own(*, now: dt.datetime) -> dict[str, Any]:
    """A token of the application itself."""
    return _access(None, None, now=now)


def of_organization(authorization: Authorization, *, now: dt.datetime) -> dict[str, Any]:
    """A token for one organization's own integration; nothing renews it."""
    return _access(authorization, None, now=now)


def find(token: str, *, now: dt.datetime) -> AccessToken:
    """The access token with this text, while it is good; using it is noted. Raises 401."""
    rows = AccessToken.objects.select_related("authorization__organization", "refresh_token")
    found = rows.filter(token=token).first() if token else None
    if found is None or now >= found.expires_at:
        raise errors.unauthorized()
    if found.authorization is not None and found.authorization.revoked_at is not None:
        raise errors.unauthorized()
    if found.refresh_token is not None:
        if found.refresh_token.is_void:
            raise errors.unauthorized()
        RefreshToken.objects.filter(pk=found.refresh_token.pk, used_at=None).update(used_at=now)
    return found


def revoke(token: str, *, now: dt.datetime) -> None:
    """Ends the permission of a refresh token; an unknown one is fine."""
    Authorization.objects.filter(refresh_tokens__token=token, revoked_at=None).update(revoked_at=now)


def _issue(authorization: Authorization, replaced: RefreshToken | None, *, now: dt.datetime) -> dict[str, Any]:
    refresh_token = RefreshToken.objects.create(
        token=new(), authorization=authorization, replaces=replaced, created_at=now
    )
    return {**_access(authorization, refresh_token, now=now), "refresh_token": refresh_token.token}


def _access(
    authorization: Authorization | None, refresh_token: RefreshToken | None, *, now: dt.datetime
) -> dict[str, Any]:
    made = AccessToken.objects.create(
        token=new(), authorization=authorization, refresh_token=refresh_token, expires_at=now + ACCESS_LIFE
    )
    return {
        "access_token": made.token,
        "expires_in": int(ACCESS_LIFE.total_seconds()),
        "scope": SCOPE,
        "token_type": "bearer",
    }
