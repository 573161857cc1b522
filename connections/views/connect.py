"""Connect bank: find it, agree, and go to its page and back."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from companies.access import company_of, company_required
from connections import countries, customers, queries
from connections.choosing import why_best
from connections.end_user import country_of
from connections.forms import StartForm
from connections.models import Institution, LinkAttempt
from connections.search import LIMIT, search_here_first
from connections.search_words import shown
from connections.services import attempts, registrations
from connections.views import phone
from connections.views.bank_page import begin
from providers.errors import FeedError

Status = LinkAttempt.Status


@require_http_methods(["GET", "POST"])
@company_required
def choose_bank(request: HttpRequest) -> HttpResponse:
    """Step 1: the search box and what it finds. As htmx asks, only the results.

    The box sends a POST, since people also paste an account number there and servers write addresses down. What
    stands in the address afterwards is safe to be read by others.
    """
    asked = request.POST if request.method == "POST" else request.GET
    text, country = asked.get("q", ""), countries.code_of(asked.get("country", ""))
    if "country" not in asked:
        country = queries.likely_country(company_of(request)) or country_of(request)
    is_htmx = bool(getattr(request, "htmx", False))
    address = f"{reverse('connect')}?{urlencode({'q': shown(text), 'country': country})}"
    if not is_htmx and (request.method == "POST" or shown(text) != text.strip()):
        return redirect(address)
    banks, is_elsewhere = search_here_first(text, country)
    context = {
        "q": text,
        "address_text": shown(text),
        "country": country,
        "banks": banks,
        "is_elsewhere": is_elsewhere,
        "limit": LIMIT,
    }
    if is_htmx:
        response = render(request, "connections/_bank_results.html", context)
        response["HX-Replace-Url"] = address
        return response
    context |= {"bank_count": queries.number_of_institutions(), "countries": countries.choices()}
    return render(request, "connections/choose_bank.html", context)


@require_http_methods(["GET", "POST"])
@company_required
def start(request: HttpRequest, institution_id: int) -> HttpResponse:
    """Step 1, the chosen bank: its facts, the phone number once, the agreement; then on to the bank's page.

    The first time, a code that is sent to the phone stands between.

    A plain form is sent on to the bank's page in this window. The script asks for JSON instead, opens the page in a
    window of its own, and shows the waiting page here.
    """
    company = company_of(request)
    institution = get_object_or_404(Institution.objects.offered(), pk=institution_id)
    is_confirmed = registrations.is_confirmed(company)
    form = StartForm(
        request.POST or None,
        company=company,
        is_confirmed=is_confirmed,
        account_kinds=institution.choosable_kinds,
        initial={"account_kinds": request.GET.getlist("kind")},
    )
    error = None
    if request.method == "POST" and form.is_valid():
        try:
            if not is_confirmed and not phone.register(company, str(form.cleaned_data["phone_number"])):
                return phone.ask_for_code(request, institution, account_kinds=form.cleaned_data["account_kinds"])
            return begin(request, institution, account_kinds=form.cleaned_data["account_kinds"])
        except FeedError as failure:
            error = failure
    status = 200 if request.method == "GET" else 502 if error else 422
    ways = queries.ways_to(institution)
    context = {
        "institution": institution,
        "ways": ways,
        "why_best": why_best(ways),
        # One provider may have several banks of one name: then their own pages tell them apart.
        "are_namesakes": len({way.provider for way in ways}) < len(ways),
        "for_others": customers.banks_for_others(institution),
        "form": form,
        "is_confirmed": is_confirmed,
        "error": error,
        "already": queries.connected_already(company, institution),
    }
    return render(request, "connections/start.html", context, status=status)


@require_GET
@company_required
def waiting(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """Step 2: the bank's page is open elsewhere; here is how it stands. As htmx asks, only the card.

    Each look asks the proxy, so that the connection is found even when the way back from the bank was lost.
    """
    attempt = _my_attempt(request, attempt_id)
    error = _settle(attempt)
    if attempt.status in {Status.CONNECTED, Status.LINKED}:
        return _go_on(request, attempt)
    already = queries.connected_already(company_of(request), attempt.institution) if attempt.error_code else []
    context = {"attempt": attempt, "error": error, "already": already}
    template = "connections/_waiting_card.html" if getattr(request, "htmx", False) else "connections/waiting.html"
    return render(request, template, context)


@require_GET
@company_required
def come_back(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """Where the bank's page ends: it closes itself if it is a window of its own, and leads on if it is not."""
    attempt = _my_attempt(request, attempt_id)
    error = _settle(attempt)
    response = render(request, "connections/come_back.html", {"attempt": attempt, "error": error})
    # The window was opened by ours; it must still know that to be allowed to close itself.
    response["Cross-Origin-Opener-Policy"] = "unsafe-none"
    return response


@require_POST
@company_required
def cancel(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """The person gave up waiting."""
    attempt = attempts.cancel(_my_attempt(request, attempt_id))
    return redirect("connection", attempt.connection_id) if attempt.is_update else redirect("connect")


def _my_attempt(request: HttpRequest, attempt_id: UUID) -> LinkAttempt:
    mine = LinkAttempt.objects.for_user(request.user).filter(company=company_of(request))  # type: ignore[arg-type]
    return get_object_or_404(mine.select_related("institution", "company"), pk=attempt_id)


def _settle(attempt: LinkAttempt) -> FeedError | None:
    try:
        attempts.settle(attempt)
    except FeedError as error:
        return error
    return None


def _go_on(request: HttpRequest, attempt: LinkAttempt) -> HttpResponse:
    target = reverse("updated" if attempt.is_update else "link_accounts", args=[attempt.pk])
    if getattr(request, "htmx", False):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = target
        return response
    return redirect(target)
