"""Makes the demo company with its accountant and its administrator, once, and prints how to sign in as JSON."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from companies.models import Company, Membership
from companies.services.people import add_person

# For pretend banks on one's own machine: the site refuses this command in production.
PASSWORD = "demo-password-2026"  # noqa: S105
PEOPLE = (
    ("accountant@demo.example", "Anna", "Accountant", Membership.Role.ACCOUNTANT),
    ("admin@demo.example", "Adam", "Admin", Membership.Role.ADMIN),
)


class Command(BaseCommand):
    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.IS_PRODUCTION:
            raise CommandError("The demo company has a password that everyone knows: it is not made in production.")
        company, _created = Company.objects.get_or_create(name="Demo Company", defaults={"currency": "EUR"})
        for email, first_name, last_name, role in PEOPLE:
            add_person(company, email, password=PASSWORD, role=role, first_name=first_name, last_name=last_name)
        people = [{"email": email, "password": PASSWORD, "role": str(role)} for email, _f, _l, role in PEOPLE]
        self.stdout.write(json.dumps({"company": company.name, "people": people}))
