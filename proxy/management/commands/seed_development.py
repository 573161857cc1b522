"""Gives a development proxy the subscription that the app uses by default, and an operator."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from proxy.models import Subscription

CODE = "DEMO-SUBSCRIPTION"
YEARS = 10
# For pretend banks on one's own machine: production refuses this command.
OPERATOR, PASSWORD = "operator", "operator-password-2026"


class Command(BaseCommand):
    help = "Makes the subscription DEMO-SUBSCRIPTION and an operator, once each; refuses in production."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.IS_PRODUCTION:
            raise CommandError("This is production: subscriptions are not made up here.")
        until = dt.date(dt.datetime.now(dt.UTC).year + YEARS, 12, 31)
        _, is_new = Subscription.objects.get_or_create(code=CODE, defaults={"valid_until": until})
        self.stdout.write(f"subscription {CODE}: {'made' if is_new else 'was there'}")
        if not User.objects.filter(username=OPERATOR).exists():
            User.objects.create_superuser(OPERATOR, password=PASSWORD)
        self.stdout.write(f"operator {OPERATOR}, password {PASSWORD}: signs in at {settings.BASE_URL}/admin/")
