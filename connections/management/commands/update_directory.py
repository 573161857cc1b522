"""Reads what changed in the proxy's directory of banks, now instead of tonight."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from connections.services import directory
from providers.errors import FeedError


class Command(BaseCommand):
    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            count = directory.update()
        except FeedError as error:
            raise CommandError(f"{error.message} (reference {error.reference or 'none'})") from error
        self.stdout.write(f"{count} changes in the directory of banks")
