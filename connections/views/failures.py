"""Says a failure of the feed on the next page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from connections.failures import in_words
from connections.models import Connection
from connections.services import chatter
from providers.errors import FeedError


def say(request: HttpRequest, error: FeedError) -> None:
    """One message: the sentence and the reference."""
    facts = {"message": in_words(error.message, error.code), "reference": error.reference or "–"}
    messages.error(request, _("%(message)s Reference: %(reference)s") % facts)


def failed(request: HttpRequest, connection: Connection, error: FeedError) -> HttpResponse:
    """Back to the connection, where the failure is said; it stays in the chatter."""
    chatter.write_error(connection, error, person=request.user)  # type: ignore[arg-type]
    say(request, error)
    return redirect("connection", connection.pk)
