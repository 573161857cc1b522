"""Where the buttons of a connection lead."""

from __future__ import annotations

from urllib.parse import urlencode

from django import template
from django.urls import reverse

from connections.models import Connection

register = template.Library()


@register.filter
def connect_again(connection: Connection) -> str:
    """``{{ connection|connect_again }}``: to the bank's first step; one that is not offered is looked for.

    The kinds of account that were asked for are ticked there.
    """
    if connection.institution.is_removed:
        return f"{reverse('connect')}?{urlencode({'q': connection.institution.name})}"
    address = reverse("connect_start", args=[connection.institution_id])
    kinds = urlencode({"kind": connection.account_kinds}, doseq=True)
    return f"{address}?{kinds}" if kinds else address
