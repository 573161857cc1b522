"""The language a person reads, chosen on any page."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import check_for_language
from django.views.decorators.http import require_http_methods
from django.views.i18n import set_language

from companies.services.people import speak


@require_http_methods(["GET", "POST"])
@login_not_required
def choose_language(request: HttpRequest) -> HttpResponseBase:
    """Keeps the choice: in this browser for everybody, and with the person who has signed in.

    The menu of a page posts here. A page that is kept in caches holds no form, and links here to one instead.
    """
    if request.method == "GET":
        return render(request, "companies/language.html", {"back_to": request.GET.get("next", "")})
    language = request.POST.get("language", "")
    if request.user.is_authenticated and check_for_language(language):
        speak(request.user, language)
    return set_language(request)
