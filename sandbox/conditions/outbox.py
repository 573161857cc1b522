"""The sandbox's only door out: messages that pretend providers send to whoever gave them an address.

They are sent beside the request that caused them, since who receives one may ask the sandbox back before it answers.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping

import requests

log = logging.getLogger(__name__)

# Seconds before each attempt; real providers go on for a day.
PAUSES = (0.0, 0.5, 2.0, 10.0)
TIMEOUT = 10


def send(url: str, *, body: bytes, headers: Mapping[str, str]) -> threading.Thread:
    """Posts ``body`` until it is taken with a 2xx, a few times at most. The thread is there to be waited for."""
    thread = threading.Thread(target=_deliver, args=(url, body, dict(headers)), daemon=True)
    thread.start()
    return thread


def _deliver(url: str, body: bytes, headers: dict[str, str]) -> None:
    for pause in PAUSES:
        # Waiting is what this does: nothing will ever set the event.
        threading.Event().wait(pause)
        try:
            status = requests.post(url, data=body, headers=headers, timeout=TIMEOUT, allow_redirects=False).status_code
        except requests.RequestException as error:
            log.info("a message was not taken: %s", type(error).__name__)
            continue
        log.info("a message was answered with %s", status)
        if 200 <= status < 300:
            return
