"""Who may read counts about a site: whoever holds the token, or sits on the same machine."""

from __future__ import annotations

import ipaddress
import secrets

from django.conf import settings
from django.http import HttpRequest

# What web servers add to a request that they pass on, one or another of them.
PASSED_ON = ("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-IP", "Forwarded", "Via")


def may_look(request: HttpRequest) -> bool:
    """Whether the request carries ``METRICS_TOKEN`` as bearer token; without a token set, whether it is from here.

    A request that a web server passed on comes from that server, which may well be here: it never counts as such, by
    whichever of the usual headers one sees that it was passed on.
    """
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return secrets.compare_digest(given.encode(), settings.METRICS_TOKEN.encode())
    is_passed_on = any(name in request.headers for name in PASSED_ON)
    return not is_passed_on and _is_here(request.META.get("REMOTE_ADDR", ""))


def _is_here(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
