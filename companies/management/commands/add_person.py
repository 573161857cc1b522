"""Gives a person a place in a company, as its accountant or its administrator."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from companies.management import passwords
from companies.models import Company, Membership
from companies.services import people


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--company", required=True, help="The company's name.")
        parser.add_argument("--email", required=True, help="What the person signs in with.")
        parser.add_argument("--role", choices=Membership.Role.values, default=Membership.Role.ACCOUNTANT.value)
        passwords.add_argument(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        company = Company.objects.filter(name__iexact=options["company"].strip()).first()
        if company is None:
            raise CommandError(f"There is no company named “{options['company']}”.")
        try:
            admitted = people.admit(company, options["email"], role=options["role"], password=passwords.chosen(options))
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        place = Membership.objects.get(company=company, user=admitted.user)
        self.stdout.write(f"{admitted.user.email} is in {company} as {place.get_role_display()}.")
        passwords.tell(admitted, out=self.stdout)
        self.stdout.write(f"Sign in at {settings.BASE_URL}/login/")
