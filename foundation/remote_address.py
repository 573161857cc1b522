"""Whom a request comes from, behind web servers that pass it on."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class RemoteAddressMiddleware:
    """Sets ``REMOTE_ADDR`` to the caller's own address, as the outermost of ``PROXIES_IN_FRONT`` web servers saw it.

    Each of them adds one address at the end of X-Forwarded-For; what stands before those was sent by the caller, who
    may write there what they like. Without web servers in front the header is not looked at.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        count = settings.PROXIES_IN_FRONT
        passed_on = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
        if count and len(passed_on) >= count and _is_address(passed_on[-count]):
            request.META["REMOTE_ADDR"] = passed_on[-count]
        return self.get_response(request)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
