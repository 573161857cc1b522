"""Blocks, unblocks or disconnects a client, or lets a disconnected one come back; says who did it and why."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from proxy.models import Client
from proxy.services import standing

_CHANGES = {
    "block": (standing.block, "is blocked", "is not active"),
    "unblock": (standing.unblock, "is active again", "is not blocked"),
    "disconnect": (standing.disconnect, "is disconnected", "is disconnected already"),
    "allow-again": (standing.allow_again, "may come back within seven days", "is not disconnected"),
}


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("client", type=uuid.UUID, help="The client id, as the company's page shows it.")
        parser.add_argument("change", choices=list(_CHANGES))
        parser.add_argument("--by", required=True, help="Who decided it.")
        parser.add_argument("--why", required=True, help="A sentence that another operator understands.")

    def handle(self, *args: Any, **options: Any) -> None:
        client = Client.objects.filter(pk=options["client"]).first()
        if client is None:
            raise CommandError(f"There is no client {options['client']}.")
        change, done, undone = _CHANGES[options["change"]]
        if not change(client, by=options["by"], why=options["why"]):
            raise CommandError(f"Nothing was changed: the client {undone}.")
        self.stdout.write(f"The client {client} {done}.")
