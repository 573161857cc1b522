"""Seals what the vault holds with the first of PROXY_SEALING_KEYS, while the proxy goes on."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from foundation.resealing import counts_in_words
from proxy.services import rotation


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--count", action="store_true", help="change nothing, only say how many are on which key")

    def handle(self, *args: Any, count: bool, **options: Any) -> None:
        broken = [] if count else self._rotate()
        self.stdout.write("\n".join(counts_in_words(rotation.by_key())))
        if broken:
            raise CommandError(
                f"These do not open with any of PROXY_SEALING_KEYS, and stay as they are: {', '.join(broken)}."
            )

    def _rotate(self) -> list[str]:
        done = rotation.rotate()
        self.stdout.write(f"sealed anew: {done.connections.done} connections, {done.visits.done} open visits")
        return [
            *(f"connection {pk}" for pk in done.connections.broken),
            *(f"visit {pk}" for pk in done.visits.broken),
        ]
