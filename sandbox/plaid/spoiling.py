"""Answers spoiled by armed faults: a connection that is dropped, an amount that is a word, a currency there is not."""

from __future__ import annotations

import socket
from typing import Any

from django.http import HttpRequest, HttpResponse

from sandbox.conditions import faults
from sandbox.conditions.faults import Target
from sandbox.plaid import tokens

GATEWAY_PAGE = (
    "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>"
)


def drop(request: HttpRequest) -> HttpResponse:
    """Closes the connection without an answer under gunicorn; elsewhere promises more than it sends."""
    connection = request.META.get("gunicorn.socket")
    if isinstance(connection, socket.socket):
        connection.shutdown(socket.SHUT_RDWR)
    answer = HttpResponse(b"", content_type="application/json")
    answer["Content-Length"] = "1000"
    return answer


def spoil(answer: dict[str, Any], target: Target) -> None:
    """Lets a fault in content happen to an answer that has transactions, in place."""
    rows = answer.get("added") or answer.get("transactions")
    if not rows:
        return
    match faults.happening(target, in_content=True):
        case faults.UnreadableAmount(word=word):
            rows[0] = {**rows[0], "amount": word}
        case faults.UnknownCurrency(variant=variant, code=code):
            rows[0] = {
                **rows[0],
                "iso_currency_code": code if variant == "unknown" else None,
                "unofficial_currency_code": code if variant == "unofficial" else None,
            }
        case faults.UnknownRemoved():
            stranger = {"transaction_id": tokens.new_id(), "account_id": rows[0]["account_id"]}
            answer["removed"] = [*answer.get("removed", []), stranger]
