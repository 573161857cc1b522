"""Ways a code reaches a phone; a setting names the one in use."""

from __future__ import annotations

import logging

from django.conf import settings

from providers.errors import NotSupported

log = logging.getLogger(__name__)


def log_code(phone_number: str, code: str) -> None:
    """For development: the code stands in the log. In production it raises ``NotSupported`` and logs no code."""
    if settings.IS_PRODUCTION:
        log.error("no way to send codes is set up: set PROXY_PHONE_CODE_SENDER")
        raise NotSupported("This proxy cannot send codes: its operator must set PROXY_PHONE_CODE_SENDER.")
    log.info("the code for the number that ends in %s is %s", phone_number[-2:], code)
