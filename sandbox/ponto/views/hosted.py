"""The pages a person clicks through: choose a bank, sign in, tick accounts, approve or cancel. No script needed."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from sandbox.conditions import clock
from sandbox.ponto import sharing, tokens, webhooks
from sandbox.ponto.models import SharedAccount, Visit
from sandbox.ponto.render import money
from sandbox.world import accounts, directory
from sandbox.world.accounts import Account
from sandbox.world.ledger import ledger

SHOWN_AT_MOST = 8
REFUSED = "wrong"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def hosted(request: HttpRequest, visit_id: str) -> HttpResponse:
    """The one address of a visit: shows its next step, takes what is done there."""
    visit = get_object_or_404(Visit.objects.select_related("organization", "renews"), visit_id=visit_id)
    if visit.finished_at is not None:
        return render(request, "ponto/expired.html", status=410)
    if request.method == "POST":
        return _act(request, visit)
    if not visit.bank_id:
        return _choose_page(request, visit)
    if visit.organization is None:
        return _page(request, visit, template="ponto/sign_in.html")
    return _consent_page(request, visit)


def _act(request: HttpRequest, visit: Visit) -> HttpResponse:
    """What a button says; one that does not belong to the step shows the step again."""
    action = request.POST.get("action", "")
    if action == "cancel":
        return _leave(visit)
    if action == "choose" and visit.renews is None:
        bank = directory.find(request.POST.get("institution", ""))
        if bank is None or sharing.COUNTRIES.isdisjoint(bank.countries):
            raise Http404("no such bank")
        visit.bank_id = bank.id
        visit.save(update_fields=["bank_id"])
    elif action == "sign_in" and visit.bank_id:
        return _sign_in(request, visit)
    elif action == "approve" and visit.organization is not None:
        return _approve(request, visit)
    return redirect("ponto:hosted", visit.visit_id)


def _sign_in(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Anybody with any password but “wrong”. Nothing of what was typed is kept but the name of the organization."""
    user, password = request.POST.get("user", "").strip()[:150], request.POST.get("password", "")
    if not user or not password:
        return _page(request, visit, template="ponto/sign_in.html", problem="Fill in a user name and a password.")
    visit.exit_error = "temporarily_unavailable" if _bank(visit).scenario.is_down else ""
    visit.save(update_fields=["exit_error"])
    if visit.exit_error:
        return _page(request, visit, template="ponto/down.html")
    if password.strip().lower() == REFUSED:
        problem = "The user name or the password is not right. Try again."
        return _page(request, visit, template="ponto/sign_in.html", problem=problem, user=user)
    visit.organization = visit.renews.organization if visit.renews else sharing.organization(user)
    visit.save(update_fields=["organization"])
    return redirect("ponto:hosted", visit.visit_id)


def _approve(request: HttpRequest, visit: Visit) -> HttpResponse:
    owner, now = visit.organization, clock.now()
    if owner is None:
        raise Http404("nobody has signed in")
    if visit.renews is not None:
        sharing.renew(owner, visit.bank_id, now=now)
        visit.finished_at = now
        visit.save(update_fields=["finished_at"])
        webhooks.tell("account.reauthorized", owner, now=now, row=visit.renews)
        return HttpResponseRedirect(visit.redirect_uri)
    ticked = set(request.POST.getlist("account")).intersection(account.key for account in _offered(visit))
    if not ticked:
        return _consent_page(request, visit, problem="Tick at least one account, or cancel.", ticked=[])
    sharing.share(owner, ticked, approved_at=visit.bank_id, now=now)
    visit.finished_at, visit.code = now, tokens.new()
    visit.save(update_fields=["finished_at", "code"])
    webhooks.tell("integration.accountAdded", owner, now=now)
    return _back(visit, code=visit.code)


def _leave(visit: Visit) -> HttpResponse:
    visit.finished_at = clock.now()
    visit.save(update_fields=["finished_at"])
    if visit.renews is not None:
        # Nothing says there that the holder left.
        return HttpResponseRedirect(visit.redirect_uri)
    return _back(visit, error=visit.exit_error or "access_denied", error_description="The visit was ended.")


def _back(visit: Visit, **answer: str) -> HttpResponse:
    return HttpResponseRedirect(f"{visit.redirect_uri}?{urlencode({**answer, 'state': visit.state})}")


def _choose_page(request: HttpRequest, visit: Visit) -> HttpResponse:
    query = request.GET.get("q", "").strip()
    found = directory.search(query, countries=sharing.COUNTRIES, limit=SHOWN_AT_MOST)
    return _page(request, visit, template="ponto/choose.html", query=query, found=found)


def _consent_page(
    request: HttpRequest, visit: Visit, *, ticked: list[str] | None = None, problem: str = ""
) -> HttpResponse:
    """The accounts of the chosen bank, and those of other banks that are shared already: these stay ticked too."""
    offered = _offered(visit)
    if ticked is None:
        ticked = [account.key for account in offered]
    rows = [_row(account, is_ticked=account.key in ticked) for account in offered]
    return _page(request, visit, template="ponto/consent.html", rows=rows, problem=problem)


def _offered(visit: Visit) -> list[Account]:
    here = list(accounts.accounts_of(visit.bank_id))
    shared = SharedAccount.objects.filter(organization=visit.organization)
    others = [accounts.account(row.account_key) for row in shared if row.bank_id != visit.bank_id]
    return here + others


def _row(account: Account, *, is_ticked: bool) -> dict[str, Any]:
    balance = money(ledger(account.key).booked(clock.now()), account.exponent)
    return {"account": account, "balance": f"{balance:,}".replace("-", "−"), "is_ticked": is_ticked}


def _bank(visit: Visit) -> directory.Institution:
    found = directory.find(visit.bank_id)
    if found is None:
        raise Http404("no such bank")
    return found


def _page(request: HttpRequest, visit: Visit, *, template: str, **context: Any) -> HttpResponse:
    bank = _bank(visit) if visit.bank_id else None
    return render(request, template, {"visit": visit, "bank": bank, **context})
