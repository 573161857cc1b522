"""The main job, walked through the real pages over HTTP: connect a bank, approve there, fetch, see it agree."""

from __future__ import annotations

from scripts.form_browser import Browser
from scripts.installation import Installation


def do(installation: Installation) -> None:
    """Signs in as the accountant and does the main job."""
    Browser().get(installation.environment["BASE_URL"])
