"""The first connection's code: sent to the company's phone, entered, and then on to the bank."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from companies.access import company_of, company_required
from companies.models import Company
from connections.failures import in_words
from connections.forms import CodeForm
from connections.models import Institution, ProxyRegistration
from connections.services import registrations
from connections.views.bank_page import begin
from connections.views.failures import say
from providers.errors import CodeSpent, CodeWrong, FeedError, RateLimited

SOON = dt.timedelta(minutes=2)
# The bank for which the person agreed, while they look for the code.
AGREED = "agreed_to_connect"
# The only kinds of account they want there; none for all.
AGREED_KINDS = "agreed_account_kinds"


def register(company: Company, phone_number: str) -> bool:
    """Registers the company; gives whether its phone is confirmed, else a code is on its way. Raises ``FeedError``."""
    registration = registrations.register(company, phone_number)
    if registration.status != ProxyRegistration.Status.UNCONFIRMED:
        return True
    try:
        registrations.send_code(company)
    except RateLimited as error:
        # One that was sent a moment ago is still good.
        if error.retry_at is None or error.retry_at > timezone.now() + SOON:
            raise
    return False


def ask_for_code(request: HttpRequest, institution: Institution, *, account_kinds: list[str]) -> HttpResponse:
    """On to the page that asks for the code; the person has agreed to connect this bank."""
    request.session[AGREED], request.session[AGREED_KINDS] = institution.pk, account_kinds
    return redirect("connect_phone", institution.pk)


@require_http_methods(["GET", "POST"])
@company_required
def enter_code(request: HttpRequest, institution_id: int) -> HttpResponse:
    """Asks for the code; the right one leads on to the bank's page."""
    company = company_of(request)
    institution = get_object_or_404(Institution.objects.offered(), pk=institution_id)
    registration = registrations.find(company)
    if registration is None or request.session.get(AGREED) != institution.pk or _is_done(request, registration):
        return redirect("connect_start", institution.pk)
    form = CodeForm(request.POST or None)
    error = None
    if request.method == "POST" and form.is_valid():
        try:
            is_confirmed = registration.status != ProxyRegistration.Status.UNCONFIRMED
            if is_confirmed or confirm_typed(form, company):
                return begin(request, institution, account_kinds=request.session.get(AGREED_KINDS, []))
        except FeedError as failure:
            error = failure
    status = 200 if request.method == "GET" else 502 if error else 422
    context = {"institution": institution, "form": form, "error": error, "registration": registration}
    return render(request, "connections/phone.html", context, status=status)


@require_POST
@company_required
def send_again(request: HttpRequest, institution_id: int) -> HttpResponse:
    """Has another code sent."""
    send_and_say(request)
    return redirect("connect_phone", institution_id)


def confirm_typed(form: CodeForm, company: Company) -> ProxyRegistration | None:
    """Confirms the phone with the code in a valid form; ``None`` for a code that is not good, which its field says.

    Raises ``FeedError`` for everything else.
    """
    try:
        return registrations.confirm(company, form.cleaned_data["code"])
    except (CodeWrong, CodeSpent) as wrong:
        form.add_error("code", in_words(wrong.message, wrong.code))
        return None


def send_and_say(request: HttpRequest) -> None:
    """Has a code sent to the company's phone and says so, or why not, on the next page."""
    try:
        registrations.send_code(company_of(request))
    except FeedError as error:
        say(request, error)
    else:
        messages.success(request, _("A new code is on its way; the one before is no longer good."))


def _is_done(request: HttpRequest, registration: ProxyRegistration) -> bool:
    """Whether there is nothing to ask for any more; a code just entered goes on from where it stopped."""
    return registration.status != ProxyRegistration.Status.UNCONFIRMED and request.method == "GET"
