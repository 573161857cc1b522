"""Seals the companies' keys for the proxy with the first of SEALING_KEYS, while the app goes on."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from connections.services import rotation
from foundation.resealing import counts_in_words


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--count", action="store_true", help="change nothing, only say how many are on which key")

    def handle(self, *args: Any, count: bool, **options: Any) -> None:
        broken = [] if count else self._rotate()
        self.stdout.write("\n".join(counts_in_words(rotation.by_key())))
        if broken:
            listed = ", ".join(str(pk) for pk in broken)
            raise CommandError(f"These registrations do not open with any of SEALING_KEYS, and stay: {listed}.")

    def _rotate(self) -> list[Any]:
        done = rotation.rotate()
        self.stdout.write(f"sealed anew: {done.done} registrations")
        return done.broken
