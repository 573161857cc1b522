"""The page about a company's access to the proxy: why it is refused, and the way back."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from companies.access import company_of, company_required
from connections.forms import CodeForm
from connections.models import ProxyRegistration
from connections.services import registrations
from connections.views.failures import say
from connections.views.phone import confirm_typed, send_and_say
from providers.errors import FeedError


@require_GET
@company_required
def access(request: HttpRequest) -> HttpResponse:
    """How the proxy stands to this company, and what to do about it."""
    return _page(request, CodeForm())


@require_POST
@company_required
def send_code(request: HttpRequest) -> HttpResponse:
    """Has a code sent to the company's phone."""
    send_and_say(request)
    return redirect("access")


@require_POST
@company_required
def confirm(request: HttpRequest) -> HttpResponse:
    """The code that arrived: with it the proxy works for the company again."""
    form = CodeForm(request.POST)
    if form.is_valid():
        try:
            registration = confirm_typed(form, company_of(request))
        except FeedError as error:
            say(request, error)
            return redirect("access")
        if registration is not None:
            return _went_on(request, registration)
    return _page(request, form, status=422)


@require_POST
@company_required
def check(request: HttpRequest) -> HttpResponse:
    """Asks the proxy again."""
    try:
        works = registrations.check(company_of(request))
    except FeedError as error:
        say(request, error)
        return redirect("access")
    if not works:
        messages.warning(request, _("Nothing has changed at the proxy."))
        return redirect("access")
    messages.success(request, _("The proxy works for this company."))
    return redirect("connection_list")


@require_POST
@company_required
def reconnect(request: HttpRequest) -> HttpResponse:
    """Comes back with a new key, if the proxy's operator lets the company."""
    try:
        registration = registrations.reconnect(company_of(request))
        if registration.status == ProxyRegistration.Status.BLOCKED:
            registrations.send_code(company_of(request))
            messages.success(request, _("The company is connected with a new key. A code was sent to its phone."))
            return redirect("access")
    except FeedError as error:
        say(request, error)
        return redirect("access")
    return _went_on(request, registration)


def _went_on(request: HttpRequest, registration: ProxyRegistration) -> HttpResponse:
    if registration.status != ProxyRegistration.Status.ACTIVE:
        # The code was right, and something else stands in the way, such as a subscription that has ended.
        return redirect("access")
    messages.success(request, _("The proxy works for this company again. What waited is fetched within minutes."))
    return redirect("connection_list")


def _page(request: HttpRequest, form: CodeForm, *, status: int = 200) -> HttpResponse:
    return render(
        request,
        "connections/access.html",
        {"registration": registrations.find(company_of(request)), "form": form, "proxy_url": settings.PROXY_URL},
        status=status,
    )
