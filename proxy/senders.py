"""Ways a text message reaches a phone; ``PROXY_MESSAGES`` names the one in use."""

from __future__ import annotations

import logging
from urllib.parse import urlencode, urlsplit

from django.conf import settings

from providers.errors import FeedError, MessageNotSent
from providers.http import ProviderHttp
from providers.types import encode

log = logging.getLogger(__name__)

TIMEOUT = (5.0, 15.0)


def send(phone_number: str, text: str) -> None:
    """Sends a message to a number (E.164). Raises ``MessageNotSent``."""
    _WAYS[settings.MESSAGES](phone_number, text)


def _to_log(phone_number: str, text: str) -> None:
    """For development without a sandbox: the message stands in the log. A start in production is refused with it."""
    log.info("to the number that ends in %s: %s", phone_number[-2:], text)


def _to_gateway(phone_number: str, text: str) -> None:
    """One POST to the gateway, in the words it was set up with. It is not sent again: a person may ask for another."""
    gateway = settings.MESSAGE_GATEWAY
    fields = {**settings.MESSAGE_FIELDS, gateway["to_field"]: phone_number, gateway["text_field"]: text}
    is_form = gateway["format"] == "form"
    kind = "application/x-www-form-urlencoded" if is_form else "application/json"
    body = urlencode(fields).encode() if is_form else encode(fields)
    parts = urlsplit(gateway["url"])
    headers = {gateway["token_header"]: gateway["token"]} if gateway["token"] else {}
    door = ProviderHttp(
        f"{parts.scheme}://{parts.netloc}",
        title="The message gateway",
        headers=headers,
        timeout=TIMEOUT,
        is_json_only=False,
    )
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    try:
        answer = door.send("POST", path, body=body, is_read=False, headers={"Content-Type": kind})
    except FeedError as error:
        raise MessageNotSent() from error
    if answer.status >= 300:
        # The answer may repeat the message, and with it the code: its status alone is written down.
        log.error("the message gateway refused a message with HTTP %s", answer.status)
        raise MessageNotSent()


_WAYS = {"log": _to_log, "sandbox": _to_gateway, "gateway": _to_gateway}
