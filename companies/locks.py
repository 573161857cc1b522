"""Sign-ins that are refused for a while because too many went wrong before."""

from __future__ import annotations

import datetime as dt
from typing import Any

from axes.models import AccessAttempt
from axes.utils import reset
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from companies.models import User


def address_typed(request: HttpRequest | None, credentials: dict[str, Any] | None) -> str | None:
    """The e-mail address that failures are counted under: as it was typed, in small letters."""
    given = credentials or (request.POST if request is not None else {})
    typed = given.get("username")
    return None if typed is None else str(typed).strip().lower()


def ends_at(request: HttpRequest, credentials: dict[str, Any] | None) -> dt.datetime:
    """From when on this place may try again for this address."""
    attempts = AccessAttempt.objects.filter(
        username=address_typed(request, credentials), ip_address=request.META.get("REMOTE_ADDR") or None
    )
    last = attempts.order_by("-attempt_time").values_list("attempt_time", flat=True).first()
    ends: dt.datetime = (last or timezone.now()) + settings.AXES_COOLOFF_TIME
    return ends


def lift(user: User) -> None:
    """Lets somebody try again at once who has shown in another way that the address is theirs."""
    reset(username=user.email)
