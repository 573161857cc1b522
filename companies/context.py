"""What every page's frame shows: the company, the others to switch to, the role."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """Template context of the frame around every page."""
    membership = getattr(request, "membership", None)
    return {
        "company": membership.company if membership else None,
        "membership": membership,
        "memberships": getattr(request, "memberships", []),
    }
