"""The pages a person clicks through: choose a bank, sign in, tick accounts, approve or cancel. No script needed."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from sandbox.conditions import clock
from sandbox.plaid import links
from sandbox.plaid.models import LinkSession, LinkToken
from sandbox.plaid.render import money
from sandbox.world import directory
from sandbox.world.accounts import Account
from sandbox.world.ledger import ledger

SHOWN_AT_MOST = 8


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def hosted(request: HttpRequest, hosted_id: str) -> HttpResponse:
    """The one address of a visit: shows its next step, takes what is done there."""
    link = get_object_or_404(LinkToken, hosted_id=hosted_id)
    now = clock.now()
    if link.is_expired(now):
        return render(request, "plaid/expired.html", {"link": link}, status=410)
    session = links.visit(link, now=now)
    if request.method == "POST":
        return _act(request, session)
    return _show(request, session)


@never_cache
def finished(request: HttpRequest, hosted_id: str) -> HttpResponse:
    """Where a visit ends that has nowhere to go back to."""
    link = get_object_or_404(LinkToken, hosted_id=hosted_id)
    return render(request, "plaid/finished.html", {"link": link, "last": link.sessions.last()})


def _show(request: HttpRequest, session: LinkSession) -> HttpResponse:
    if not session.institution_id:
        return _choose_page(request, session)
    if session.signed_in_at is None:
        return _page(request, session, template="plaid/sign_in.html")
    return _consent_page(request, session)


def _act(request: HttpRequest, session: LinkSession) -> HttpResponse:
    """What a button says; one that does not belong to the step shows the step again."""
    action = request.POST.get("action", "")
    now = clock.now()
    if action == "cancel":
        links.leave(session, now=now)
        return _go_back(session.link_token)
    if action == "choose" and not session.link_token.item:
        bank = directory.find(request.POST.get("institution", ""))
        if bank is None:
            raise Http404("no such bank")
        links.choose(session, bank)
    elif action == "sign_in" and session.institution_id:
        return _sign_in(request, session)
    elif action == "approve" and session.signed_in_at:
        return _approve(request, session)
    return redirect("plaid:hosted", session.link_token.hosted_id)


def _sign_in(request: HttpRequest, session: LinkSession) -> HttpResponse:
    user = request.POST.get("user", "").strip()
    if not user or not request.POST.get("password"):
        return _page(request, session, template="plaid/sign_in.html", problem="Fill in a user name and a password.")
    refusal = links.sign_in(session, password=request.POST["password"], now=clock.now())
    if refusal is None:
        return redirect("plaid:hosted", session.link_token.hosted_id)
    if refusal.error_code == "INSTITUTION_DOWN":
        return _page(request, session, template="plaid/down.html")
    if refusal.error_code == "NO_ACCOUNTS":
        return _page(request, session, template="plaid/no_accounts.html")
    problem = "The user name or the password is not right. Try again."
    return _page(request, session, template="plaid/sign_in.html", problem=problem, user=user)


def _approve(request: HttpRequest, session: LinkSession) -> HttpResponse:
    known = [account.key for account in links.accounts_of(session)]
    ticked = [key for key in request.POST.getlist("account") if key in known]
    if session.link_token.is_account_selection and not ticked:
        return _consent_page(request, session, problem="Tick at least one account, or cancel.", ticked=[])
    links.approve(session, ticked, now=clock.now())
    return _go_back(session.link_token)


def _choose_page(request: HttpRequest, session: LinkSession) -> HttpResponse:
    query = request.GET.get("q", "").strip()
    countries = frozenset(session.link_token.country_codes)
    found = directory.search(query, countries=countries, limit=SHOWN_AT_MOST)
    return _page(request, session, template="plaid/choose.html", query=query, found=found)


def _consent_page(
    request: HttpRequest, session: LinkSession, *, ticked: list[str] | None = None, problem: str = ""
) -> HttpResponse:
    item = session.link_token.item
    if ticked is None:
        seen = links.accounts_of(session)
        ticked = list(item.accounts.values_list("account_key", flat=True)) if item else [one.key for one in seen]
    rows = [_row(account, is_ticked=account.key in ticked) for account in links.accounts_of(session)]
    return _page(request, session, template="plaid/consent.html", rows=rows, problem=problem)


def _row(account: Account, *, is_ticked: bool) -> dict[str, Any]:
    balance = money(ledger(account.key).booked(clock.now()), account.exponent)
    return {"account": account, "balance": f"{balance:,}".replace("-", "−"), "is_ticked": is_ticked}


def _page(request: HttpRequest, session: LinkSession, *, template: str, **context: Any) -> HttpResponse:
    bank = links.bank_of(session) if session.institution_id else None
    return render(request, template, {"link": session.link_token, "bank": bank, **context})


def _go_back(link: LinkToken) -> HttpResponse:
    """To where the visitor came from. The address carries no token: the caller asks ``/link/token/get``."""
    if link.completion_redirect_uri:
        return HttpResponseRedirect(link.completion_redirect_uri)
    return redirect("plaid:finished", link.hosted_id)
