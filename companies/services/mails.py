"""Mail to people: a subject, a text and a page of the same words, in the reader's language."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation


def send(address: str, template: str, *, context: dict[str, Any], language: str = "") -> None:
    """Sends ``mail/<template>.subject.txt``, ``.txt`` and ``.html`` to one address.

    ``language`` is a code of ``settings.LANGUAGES``; "" is the language of the installation. The templates also get
    ``base_url``, without a slash at its end. Raises ``OSError`` (``SMTPException`` is one) when the mail did not leave.
    """
    with translation.override(language or settings.LANGUAGE_CODE):
        given = {"base_url": settings.BASE_URL, **context}
        subject = " ".join(render_to_string(f"mail/{template}.subject.txt", given).split())
        message = EmailMultiAlternatives(subject, render_to_string(f"mail/{template}.txt", given), to=[address])
        message.attach_alternative(render_to_string(f"mail/{template}.html", given), "text/html")
    message.send()
