"""The widget a person clicks through: choose a bank, sign in, tick accounts, approve or cancel. No script needed."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from sandbox.conditions import clock
from sandbox.saltedge import banks, connections, sessions
from sandbox.saltedge.errors import SaltEdgeError
from sandbox.saltedge.models import Session
from sandbox.saltedge.render import money
from sandbox.world import directory
from sandbox.world.accounts import Account
from sandbox.world.ledger import ledger

SHOWN_AT_MOST = 8


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def connect(request: HttpRequest) -> HttpResponse:
    """The one address of a visit: shows its next step, takes what is done there. It is good for one visit."""
    known = Session.objects.select_related("customer", "connection", "made")
    session = get_object_or_404(known, token=request.GET.get("token", ""))
    if session.is_over(clock.now()):
        return render(request, "saltedge/expired.html", status=410)
    if request.method == "POST":
        return _act(request, session)
    return _show(request, session)


def finished(request: HttpRequest) -> HttpResponse:
    """Where a visit ends that has nowhere to go back to."""
    return render(request, "saltedge/finished.html")


def _show(request: HttpRequest, session: Session) -> HttpResponse:
    if not session.provider_code:
        return _choose_page(request, session)
    if session.signed_in_at is None:
        return _page(request, session, template="saltedge/sign_in.html")
    return _consent_page(request, session)


def _act(request: HttpRequest, session: Session) -> HttpResponse:
    """What a button says; one that does not belong to the step shows the step again."""
    action = request.POST.get("action", "")
    if action == "cancel":
        sessions.leave(session, now=clock.now())
        return _go_back(session)
    if action == "choose" and session.connection is None:
        try:
            sessions.choose(session, request.POST.get("provider", ""))
        except SaltEdgeError as error:
            raise Http404("no such bank") from error
    elif action == "sign_in" and session.provider_code:
        return _sign_in(request, session)
    elif action == "approve" and session.signed_in_at:
        return _approve(request, session)
    return _again(session)


def _sign_in(request: HttpRequest, session: Session) -> HttpResponse:
    user = request.POST.get("user", "").strip()
    if not user or not request.POST.get("password"):
        return _page(request, session, template="saltedge/sign_in.html", problem="Fill in a user name and a password.")
    refusal = sessions.sign_in(session, password=request.POST["password"], now=clock.now())
    if not refusal:
        return _again(session)
    if refusal == "ProviderUnavailable":
        return _page(request, session, template="saltedge/down.html")
    problem = "The user name or the password is not right. Try again."
    return _page(request, session, template="saltedge/sign_in.html", problem=problem, user=user)


def _approve(request: HttpRequest, session: Session) -> HttpResponse:
    known = [account.key for account in sessions.accounts_of(session)]
    ticked = [key for key in request.POST.getlist("account") if key in known]
    if not ticked:
        return _consent_page(request, session, problem="Tick at least one account, or cancel.", ticked=[])
    sessions.approve(session, ticked, now=clock.now())
    return _go_back(session)


def _choose_page(request: HttpRequest, session: Session) -> HttpResponse:
    query = request.GET.get("q", "").strip()
    countries = frozenset(bank.country for bank in banks.directory())
    found = directory.search(query, countries=countries, limit=SHOWN_AT_MOST)
    shown = [{"bank": bank, "code": f"{bank.id}_{bank.country.lower()}"} for bank in found]
    return _page(request, session, template="saltedge/choose.html", query=query, found=shown)


def _consent_page(
    request: HttpRequest, session: Session, *, ticked: list[str] | None = None, problem: str = ""
) -> HttpResponse:
    seen = sessions.accounts_of(session)
    if ticked is None:
        ticked = session.connection.account_keys if session.connection else [one.key for one in seen]
    rows = [_row(account, is_ticked=account.key in ticked) for account in seen]
    return _page(request, session, template="saltedge/consent.html", rows=rows, problem=problem)


def _row(account: Account, *, is_ticked: bool) -> dict[str, Any]:
    balance = money(ledger(account.key).booked(clock.now()), account.exponent)
    return {"account": account, "balance": f"{balance:,}".replace("-", "−"), "is_ticked": is_ticked}


def _page(request: HttpRequest, session: Session, *, template: str, **context: Any) -> HttpResponse:
    bank = banks.of_code(session.provider_code).institution if session.provider_code else None
    days = bank.scenario.consent_days or connections.USUAL_CONSENT_DAYS if bank else None
    return render(request, template, {"session": session, "bank": bank, "days": days, **context})


def _again(session: Session) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('saltedge:connect')}?token={session.token}")


def _go_back(session: Session) -> HttpResponse:
    """To where the visitor came from."""
    return HttpResponseRedirect(sessions.back(session) if session.return_to else reverse("saltedge:finished"))
