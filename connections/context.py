"""What the frame of every page shows of the connections: the banners."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from connections.banners import Banner, banners_for


def banners(request: HttpRequest) -> dict[str, Any]:
    """Template context of the banners; nothing is asked for a page, or a part of one, that shows none."""
    membership = getattr(request, "membership", None)
    return {"banners": SimpleLazyObject(lambda: _shown(request, banners_for(membership.company)) if membership else [])}


def _shown(request: HttpRequest, banners: list[Banner]) -> list[Banner]:
    """Whoever chooses journals at this moment need not be told to."""
    is_choosing = request.resolver_match is not None and request.resolver_match.url_name in _CHOOSING
    return [banner for banner in banners if not (is_choosing and banner.kind == "unlinked")]


_CHOOSING = {"link_accounts", "link_done"}
