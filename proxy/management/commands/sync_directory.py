"""Takes over the providers' directories of institutions now."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from providers.errors import FeedError
from proxy.services import directory
from proxy.services.adapters import all_adapters


class Command(BaseCommand):
    help = "Takes over every provider's directory of institutions: new, changed and vanished ones."

    def handle(self, *args: Any, **options: Any) -> None:
        for adapter in all_adapters():
            try:
                counts = directory.synchronize(adapter)
            except FeedError as error:
                raise CommandError(f"{adapter.title}: {error}") from error
            self.stdout.write(
                f"{adapter.title}: {counts.seen} institutions, {counts.changed} changed, {counts.removed} removed"
            )
