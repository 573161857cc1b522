"""What somebody was sending when their session had ended: it goes through the sign-in page and can then be sent.

Nothing of it is stored before somebody has signed in: the sign-in page itself carries it, signed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.http import HttpRequest
from django.urls import Resolver404, resolve

FIELD = SESSION_KEY = "unsent"
MAX_AGE = 24 * 60 * 60
# What nobody has typed, and what is longer than anybody types.
MOST_LETTERS = 100_000
# A form with any of these is filled in anew: what it holds is secret, or was good once.
_SECRET = ("password", "code")


@dataclass(frozen=True)
class Unsent:
    """A form as it was sent: the path of its address, and what each field held."""

    path: str
    fields: list[tuple[str, str]]


def token_of(request: HttpRequest) -> str:
    """The form that a request brings, as text that only this server can have written; "" for none that can be kept."""
    is_page = request.method == "POST" and "text/html" in request.headers.get("Accept", "")
    if not is_page or request.headers.get("HX-Request") or request.FILES or _has_secrets(request):
        return ""
    fields = [(name, value) for name, values in request.POST.lists() for value in map(str, values)]
    fields = [field for field in fields if field[0] != "csrfmiddlewaretoken"]
    if sum(len(name) + len(value) for name, value in fields) > MOST_LETTERS:
        return ""
    return signing.dumps([request.path, fields], salt=FIELD, compress=True)


def read(token: str) -> list[Any] | None:
    """What ``token_of`` wrote, as it can be kept in a session; None for what it did not write, or too long ago."""
    try:
        kept: list[Any] = signing.loads(token, salt=FIELD, max_age=MAX_AGE)
    except signing.BadSignature:
        return None
    return kept


def of_session(request: HttpRequest) -> Unsent | None:
    """What is still to be sent by the person who has signed in."""
    kept = request.session.get(SESSION_KEY)
    if not kept:
        return None
    path, fields = kept
    try:
        resolve(path)
    except Resolver404:
        return None
    return Unsent(path, [(str(name), str(value)) for name, value in fields])


def _has_secrets(request: HttpRequest) -> bool:
    return any(word in name.lower() for name in request.POST for word in _SECRET)
