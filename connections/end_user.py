"""Who sits at the browser, as banks want to be told."""

from __future__ import annotations

import re

from django.http import HttpRequest

from providers.types import EndUser


def end_user_of(request: HttpRequest) -> EndUser:
    """The person's own address and browser. The web server in front has put the true address in place."""
    return EndUser(ip=request.META.get("REMOTE_ADDR", ""), agent=request.META.get("HTTP_USER_AGENT", "")[:300])


def country_of(request: HttpRequest) -> str:
    """The country (two letters) of the first language with one that the browser asks for; "" when there is none.

    American English says nothing: many a browser elsewhere speaks it because it came so.
    """
    asked = re.findall(r"([A-Za-z]{2,3})-([A-Za-z]{2})\b", request.headers.get("Accept-Language", "")[:200])
    regions = [region.upper() for language, region in asked if (language.lower(), region.upper()) != ("en", "US")]
    return regions[0] if regions else ""
