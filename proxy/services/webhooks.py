"""What providers tell by themselves: verified by their adapter, and put into the feed of whose connection it is."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from proxy.models import Grant
from proxy.services import events
from proxy.services.adapters import adapter

log = logging.getLogger(__name__)


def receive(provider: str, headers: Mapping[str, str], *, body: bytes, url: str) -> int:
    """Takes a message in; gives the number of events that are new. ``url`` is the public address it was sent to.

    What is told of a connection that nobody has here, or no longer, is no event. Raises ``NotFound`` for a provider
    this proxy does not work with, ``WebhookRefused``, or what the provider says when it is asked for its keys.
    """
    count = 0
    for told in adapter(provider).webhook(headers, body, url=url):
        named = Grant.objects.filter(provider=provider, provider_reference=told.provider_reference)
        grants = named.filter(status=Grant.Status.ACTIVE).exclude(provider_reference="")
        new = [grant for grant in grants if events.record_told(told, grant=grant)]
        log.info("%s told %s: %s new events", provider, told.kind, len(new))
        count += len(new)
    return count
