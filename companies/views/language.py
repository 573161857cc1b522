"""The language a person reads, chosen on any page."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import check_for_language
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from companies.services.people import speak


@require_POST
@login_not_required
def choose_language(request: HttpRequest) -> HttpResponseBase:
    """Keeps the choice: in this browser for everybody, and with the person who has signed in."""
    language = request.POST.get("language", "")
    if request.user.is_authenticated and check_for_language(language):
        speak(request.user, language)
    return set_language(request)
