"""What operators do: written down with who, to whom and why, beside the doing."""

from __future__ import annotations

import datetime as dt

from django.contrib.auth.models import User
from django.utils import timezone

from proxy.models import Client, OperatorEntry

SIGNED_IN = "signed_in"
SIGN_IN_FAILED = "sign_in_failed"
# So many wrong passwords for one name within this time, and the next is not looked at.
FAILURES = 5
WINDOW = dt.timedelta(minutes=15)


def note(operator: str, action: str, *, client: Client | None = None, subject: str = "", why: str = "") -> None:
    """Writes down what ``operator`` (the name they sign in with) did. ``subject`` says in words to what; no secrets."""
    OperatorEntry.objects.create(
        at=timezone.now(),
        operator=operator[:150],
        action=action,
        client=client,
        subject=(subject or (str(client) if client else ""))[:255],
        why=why.strip(),
    )


def note_failed_sign_in(name: str) -> None:
    """Counts a wrong password for an operator's name. Names of nobody are not kept: strangers cannot fill a table."""
    if User.objects.filter(username=name).exists():
        note(name, SIGN_IN_FAILED)


def is_locked_out(name: str) -> bool:
    """Whether so many passwords were wrong for this name of late that no further one is looked at for a while."""
    recent = OperatorEntry.objects.filter(operator=name, at__gt=timezone.now() - WINDOW)
    last_good = recent.filter(action=SIGNED_IN).order_by("-at").values_list("at", flat=True).first()
    failed = recent.filter(action=SIGN_IN_FAILED)
    if last_good is not None:
        failed = failed.filter(at__gt=last_good)
    return failed.count() >= FAILURES
