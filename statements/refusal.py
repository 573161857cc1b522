"""What a person asked for and the books do not allow."""

from __future__ import annotations


class Refused(Exception):
    """It was not done, and nothing was changed. The message is one sentence for people: why, and what to do."""
