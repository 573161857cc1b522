"""Ctrl-C and a polite kill end a script alike: through its ``with`` blocks, so that what it started is stopped."""

from __future__ import annotations

import signal
from types import FrameType


def stop_on_signals() -> None:
    """From now on SIGINT, SIGTERM and SIGHUP raise ``KeyboardInterrupt``.

    SIGINT too: a shell that starts a script in the background has it ignored.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
