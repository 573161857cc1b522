"""The codes that arrive on the sandbox's pretend phone, for whoever walks the pages without a phone of their own."""

from __future__ import annotations

import re

import requests

from providers.client import ProxyClient
from scripts.waiting import until

NUMBER = "+32470123456"
SECONDS = 20
TIMEOUT = (5, 30)
_CODE = re.compile(r"\b\d{6}\b")


def register(client: ProxyClient, sandbox_url: str, *, name: str = "Acme") -> None:
    """Makes a client of a development proxy known there, and confirms its phone with the code that arrives."""
    client.register("DEMO-SUBSCRIPTION", NUMBER, name=name)
    client.send_phone_code()
    client.confirm_phone_code(code_for(NUMBER, sandbox_url))


def code_for(number: str, sandbox_url: str, *, verify: bool | str = True) -> str:
    """The newest code sent to a number (E.164); waits for it. Raises ``WaitedTooLong``.

    ``verify`` is a certificate to trust.
    """
    return until(
        lambda: newest_code(number, sandbox_url, verify=verify), SECONDS, what="a code on the pretend phone", every=0.1
    )


def newest_code(number: str, sandbox_url: str, *, verify: bool | str = True) -> str:
    """The same without waiting; "" where none has arrived."""
    with requests.Session() as session:
        # The machine's own proxies and certificates are not for a program that was just started on it.
        session.trust_env = False
        answer = session.get(f"{sandbox_url}/control/phone", params={"to": number}, timeout=TIMEOUT, verify=verify)
    answer.raise_for_status()
    codes = (_CODE.search(message["text"]) for message in answer.json()["messages"])
    return next((found.group() for found in codes if found), "")
