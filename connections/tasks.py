"""The connections app's part of the clock."""

from __future__ import annotations

import logging

from celery import shared_task

from connections.services import directory
from providers.errors import FeedError

log = logging.getLogger(__name__)


@shared_task
def update_directory() -> None:
    """Reads what changed in the directory of banks. A failure is tried again at the next turn of the clock."""
    try:
        directory.update()
    except FeedError as error:
        log.warning("the directory of banks was not read: %s (reference %s)", error, error.reference)
