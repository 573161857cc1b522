"""Makes a company and its administrator: the first step of an installation, before anyone can sign in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from companies.management import passwords
from companies.services import founding


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True, help="The company's name.")
        parser.add_argument("--currency", default="EUR", help="The one a new journal starts with; EUR otherwise.")
        parser.add_argument("--admin-email", required=True, help="Who signs in first.")
        passwords.add_argument(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            company, admitted = founding.found(
                options["name"],
                currency=options["currency"],
                admin_email=options["admin_email"],
                password=passwords.chosen(options),
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"{company} is made, with {admitted.user.email} as its administrator.")
        passwords.tell(admitted, out=self.stdout)
        self.stdout.write(f"Sign in at {settings.BASE_URL}/login/")
