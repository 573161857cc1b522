"""Waiting for something another process does, with an end."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")


class WaitedTooLong(Exception):
    """What was waited for did not come; the message says what it was."""


def until(condition: Callable[[], Answer], seconds: float, *, what: str, every: float = 0.05) -> Answer:
    """Asks until the answer is true and gives that answer. Raises ``WaitedTooLong`` after so many seconds.

    There is nothing to block on in another program's state, so it is asked again and again.
    """
    end = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() >= end:
            raise WaitedTooLong(f"waited {seconds:g} s for {what}")
        time.sleep(every)
