"""Takes in connections of an older system from a CSV: they are shown, and new ones go on with their journals."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from companies.models import Company
from statements.services import legacy
from statements.services.legacy_list import COLUMNS, ListRefused, read


class Command(BaseCommand):
    help = f"{__doc__} Its first line names the columns: {', '.join(COLUMNS)}."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="The CSV in UTF-8; - reads it from the standard input.")
        parser.add_argument("--company", required=True, help="The name of the company whose connections these are.")

    def handle(self, *args: Any, **options: Any) -> None:
        company = Company.objects.filter(name__iexact=options["company"].strip()).first()
        if company is None:
            raise CommandError(f"There is no company named “{options['company']}”.")
        try:
            taken = legacy.take_in(company, read(_text(options["file"]), today=timezone.localdate()))
        except ListRefused as refusal:
            raise CommandError("\n".join(["Nothing was changed.", *refusal.problems])) from refusal
        self.stdout.write(
            f"{taken.connections} connections, {taken.accounts} accounts and {taken.journals} journals were made; "
            f"{taken.known} accounts were there."
        )


def _text(name: str) -> str:
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror}.") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CommandError(f"{name} is not UTF-8: save it as CSV UTF-8.") from error
