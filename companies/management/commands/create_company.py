"""Makes a company and its administrator: the first step of an installation, before anyone can sign in."""

from __future__ import annotations

import sys
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from companies.services import founding


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True, help="The company's name.")
        parser.add_argument("--currency", default="EUR", help="The one a new journal starts with; EUR otherwise.")
        parser.add_argument("--admin-email", required=True, help="Who signs in first and lets the others in.")
        parser.add_argument(
            "--password-from-stdin",
            action="store_true",
            help="Read the administrator's password from standard input; otherwise one is made up and printed once.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        password = sys.stdin.readline().rstrip("\r\n") if options["password_from_stdin"] else None
        try:
            founded = founding.found(
                options["name"], currency=options["currency"], admin_email=options["admin_email"], password=password
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"{founded.company} is made, with {founded.admin.email} as its administrator.")
        if founded.made_password:
            self.stdout.write(f"Their password, which is shown this once: {founded.made_password}")
        self.stdout.write(f"Sign in at {settings.BASE_URL}/login/")
