"""Messages come in and are read, newest first; the phone forgets old ones."""

from __future__ import annotations

from sandbox.phone.models import TextMessage

KEPT = 500


def receive(number: str, text: str) -> TextMessage:
    """Keeps a message to a number (E.164), and only the latest ``KEPT`` of all."""
    message = TextMessage.objects.create(number=number, text=text)
    TextMessage.objects.filter(pk__lte=message.pk - KEPT).delete()
    return message


def latest(number: str = "", *, limit: int = 50) -> list[TextMessage]:
    """The newest messages first: to one number, or to all."""
    found = TextMessage.objects.order_by("-pk")
    return list((found.filter(number=number) if number else found)[:limit])
