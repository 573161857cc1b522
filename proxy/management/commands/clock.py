"""What the proxy does by itself: the directory once a day, forgetting once an hour."""

from __future__ import annotations

import logging
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections

from providers.errors import FeedError
from proxy.services import directory, pruning
from proxy.services.adapters import all_adapters

log = logging.getLogger(__name__)

HOUR = 3600
HOURS_BETWEEN_DIRECTORIES = 24


class Command(BaseCommand):
    help = "Takes over the directories daily and prunes hourly, until it is told to stop."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="do all of it once and end")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        stopped = threading.Event()
        if once:
            _directories()
            log.info("pruned: %s", pruning.prune())
            return
        signal.signal(signal.SIGTERM, lambda *_: stopped.set())
        signal.signal(signal.SIGINT, lambda *_: stopped.set())
        until_directory = 0
        while not stopped.is_set():
            if until_directory == 0:
                until_directory = HOURS_BETWEEN_DIRECTORIES if _directories() else 1
            log.info("pruned: %s", pruning.prune())
            until_directory -= 1
            stopped.wait(HOUR)
            close_old_connections()


def _directories() -> bool:
    """Every provider's directory; one that fails is tried again in an hour and holds up no other."""
    all_good = True
    for adapter in all_adapters():
        try:
            directory.synchronize(adapter)
        except FeedError as error:
            log.error("directory of %s: %s", adapter.title, error)
            all_good = False
    return all_good
