"""Who sits at the browser, as banks want to be told."""

from __future__ import annotations

from django.http import HttpRequest

from providers.types import EndUser


def end_user_of(request: HttpRequest) -> EndUser:
    """The person's own address and browser. The web server in front has put the true address in place."""
    return EndUser(ip=request.META.get("REMOTE_ADDR", ""), agent=request.META.get("HTTP_USER_AGENT", "")[:300])
