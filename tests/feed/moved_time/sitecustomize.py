"""Python runs this before anything else in a program that has this folder on its path: it lives in a moved time.

How far ahead that is of the machine's own time stands in a file, which ``tests.feed.moved_clock`` writes. A server
reads it before each request: this module is its configuration too.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import time_machine

_FILE = Path(os.environ["SECONDS_AHEAD"])


class _Follower:
    """Keeps this process as far ahead as the file says."""

    def __init__(self) -> None:
        self._ahead = float(_FILE.read_text())
        self._traveller = time_machine.travel(time.time() + self._ahead, tick=True).start()

    def follow(self) -> None:
        ahead = float(_FILE.read_text())
        if ahead != self._ahead:
            self._traveller.shift(ahead - self._ahead)
            self._ahead = ahead


_follower = _Follower()


def pre_request(worker: Any, request: Any) -> None:
    """Gunicorn calls this before each request."""
    _follower.follow()
