"""Gives a development proxy the subscription that the app uses by default."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from proxy.models import Subscription

CODE = "DEMO-SUBSCRIPTION"
YEARS = 10


class Command(BaseCommand):
    help = "Creates the subscription DEMO-SUBSCRIPTION; refuses in production. Running it again changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.IS_PRODUCTION:
            raise CommandError("This is production: subscriptions are not made up here.")
        until = dt.date(dt.datetime.now(dt.UTC).year + YEARS, 12, 31)
        _, is_new = Subscription.objects.get_or_create(code=CODE, defaults={"valid_until": until})
        self.stdout.write(f"subscription {CODE}: {'made' if is_new else 'was there'}")
