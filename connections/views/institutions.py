"""Supported institutions: every bank there is, for anyone, without signing in."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import InvalidPage, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import conditional_page, require_safe

from connections import countries, queries
from connections.search import LIMIT, search, with_ways
from connections.search_words import shown

PAGE = 50
SECONDS = 3600


@login_not_required
@require_safe
@conditional_page
def institution_index(request: HttpRequest) -> HttpResponse:
    """All countries with their numbers of banks, and the search, of all of them or of one country."""
    text, country = request.GET.get("q", "").strip(), countries.code_of(request.GET.get("country", ""))
    if shown(text) != text:
        # An account number was pasted: what stands in an address is written down on the way.
        return redirect("institutions")
    context: dict[str, Any] = {"q": text, "country": country, "countries": countries.choices(), "limit": LIMIT}
    context["bank_count"] = queries.number_of_institutions()
    context["banks"] = search(text, country) if text else []
    return _cached(request, render(request, "connections/institution_index.html", context))


@login_not_required
@require_safe
@conditional_page
def institution_list(request: HttpRequest, country: str) -> HttpResponse:
    """The banks of one country by name, a page at a time. A page that is not there is not found."""
    code = countries.code_of(country)
    if not code:
        raise Http404
    if country != country.lower():
        return redirect("institutions_of", country.lower(), permanent=True)
    paginator = Paginator(queries.banks_of(code), PAGE)
    try:
        page = paginator.page(request.GET.get("page", "1"))
    except InvalidPage as error:
        raise Http404 from error
    if not page.object_list:
        raise Http404
    context = {
        "country": countries.Country(code, countries.name_of(code), paginator.count),
        "countries": countries.choices(),
        "page": page,
        "banks": with_ways(list(page.object_list)),
    }
    return _cached(request, render(request, "connections/institution_list.html", context))


def _cached(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The same for everybody who has not signed in and reads the same language."""
    is_anyone = not request.user.is_authenticated
    patch_cache_control(response, public=is_anyone, private=not is_anyone, max_age=SECONDS)
    return response
