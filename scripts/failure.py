"""The ways a script can fail that a person can do something about; each is told in its own words."""

from __future__ import annotations

import requests

from scripts.form_browser import PageProblem
from scripts.installation import AlreadyRunning
from scripts.manage import CommandFailed
from scripts.ports import PortProblem
from scripts.stack import ProgramDied
from scripts.waiting import WaitedTooLong

FAILURES = (
    AlreadyRunning,
    CommandFailed,
    PageProblem,
    PortProblem,
    ProgramDied,
    WaitedTooLong,
    requests.RequestException,
)


def sentence(error: Exception) -> str:
    """What went wrong, the reason as the last line."""
    if isinstance(error, requests.RequestException):
        return f"The app did not answer: {error}"
    return str(error)
