"""A clock that this process shares with the programs it starts, and that can be moved to any moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import time_machine

_PROGRAMS = Path(__file__).parent / "moved_time"


class MovedClock:
    """Time goes on as ever, from the moment it was last moved to."""

    def __init__(self, traveller: time_machine.Traveller, file: Path, *, ahead: float) -> None:
        self._traveller = traveller
        self._file = file
        self._ahead = ahead
        self._tell()

    @property
    def environment(self) -> dict[str, str]:
        """What a program must be started with to live by this clock."""
        return {
            "PYTHONPATH": str(_PROGRAMS),
            "SECONDS_AHEAD": str(self._file),
            "GUNICORN_CMD_ARGS": "--config python:sitecustomize",
        }

    def move_to(self, moment: dt.datetime) -> None:
        """It is this moment now, here and, with their next request, in the programs."""
        seconds = (moment - dt.datetime.now(dt.UTC)).total_seconds()
        self._traveller.shift(seconds)
        self._ahead += seconds
        self._tell()

    def _tell(self) -> None:
        whole = self._file.with_suffix(".new")
        whole.write_text(repr(self._ahead))
        whole.replace(self._file)


@contextmanager
def moved_clock(start: dt.datetime, folder: Path) -> Iterator[MovedClock]:
    """A clock that begins at ``start``; at the end it is what it is everywhere else."""
    ahead = (start - dt.datetime.now(dt.UTC)).total_seconds()
    with time_machine.travel(start, tick=True) as traveller:
        yield MovedClock(traveller, folder / "seconds-ahead", ahead=ahead)
