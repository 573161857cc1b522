"""Makes a subscription, or renews it: what an installation's SUBSCRIPTION_CODE must be known as."""

from __future__ import annotations

import argparse
import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from proxy.services import subscriptions


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--code", required=True, help="What the installation has as SUBSCRIPTION_CODE.")
        parser.add_argument("--valid-until", required=True, type=_day, help="The last day, such as 2026-12-31.")
        parser.add_argument("--trial", action="store_true", help="A trial, with which no bank can be connected.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            subscription, is_new = subscriptions.grant(
                options["code"], options["valid_until"], is_trial=options["trial"]
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        kind = "trial" if subscription.is_trial else "subscription"
        self.stdout.write(f"The {kind} is {'made' if is_new else 'renewed'}, valid until {subscription.valid_until}.")


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"“{text}” is not a day: write it as 2026-12-31") from error
