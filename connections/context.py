"""What the frame of every page shows of the connections: the banners."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from connections.banners import banners_for


def banners(request: HttpRequest) -> dict[str, Any]:
    """Template context of the banners; nothing is asked for a page, or a part of one, that shows none."""
    membership = getattr(request, "membership", None)
    return {"banners": SimpleLazyObject(lambda: banners_for(membership.company) if membership else [])}
