"""The mails that leave when the clock looks after connections."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.core import mail

from connections.services import mailing


def mails_after(look: Callable[[dt.datetime], int], now: dt.datetime) -> list[Any]:
    """What the clock's task does with ``look``, at a moment of our choosing; gives the mails that left with it."""
    before = len(mail.outbox)
    look(now)
    mailing.send_all(now)
    return mail.outbox[before:]
