"""Says a failure of the feed on the next page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from connections.failures import in_words
from providers.errors import FeedError


def say(request: HttpRequest, error: FeedError) -> None:
    """One message: the sentence and the reference."""
    facts = {"message": in_words(error.message, error.code), "reference": error.reference or "–"}
    messages.error(request, _("%(message)s Reference: %(reference)s") % facts)
