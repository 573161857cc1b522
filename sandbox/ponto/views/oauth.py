"""The OAuth server: the way to the page, tokens, and whose they are."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from sandbox.conditions import clock, faults
from sandbox.conditions.faults import Target
from sandbox.ponto import errors, sharing, tokens
from sandbox.ponto.errors import OAuthError
from sandbox.ponto.models import Onboarding, Visit
from sandbox.ponto.wire import Answer, Call, answers, check_client, exchange

GRANTS = ("authorization_code", "refresh_token", "client_credentials")


@require_safe
def auth(request: HttpRequest) -> HttpResponse:
    """Where an application sends the holder. What is wrong with the address itself is told there and then."""
    asked = {name: request.GET.get(name, "") for name in ("client_id", "redirect_uri", "state", "code_challenge")}
    address = urlsplit(asked["redirect_uri"])
    is_good = (
        asked["client_id"] == settings.PONTO_CLIENT_ID
        and address.scheme in ("http", "https")
        and not address.query
        and request.GET.get("response_type") == "code"
        and request.GET.get("code_challenge_method") == "S256"
        and len(asked["code_challenge"]) == 43
        and len(asked["state"]) >= 8
    )
    if not is_good:
        return HttpResponseBadRequest("invalid_request: the address of this page is not in order")
    details = Onboarding.objects.filter(details_id=request.GET.get("onboarding_details_id", "")).first()
    visit = Visit.objects.create(
        visit_id=tokens.new(),
        redirect_uri=asked["redirect_uri"],
        state=asked["state"],
        challenge=asked["code_challenge"],
        bank_id=details.bank_id if details else "",
        started_at=clock.now(),
    )
    return redirect("ponto:hosted", visit.visit_id)


@csrf_exempt
def token(request: HttpRequest) -> HttpResponse:
    """Tokens for a grant, which may also stand in the query."""
    return exchange(request, "/oauth2/token", respond=lambda: (200, _tokens(request)))


@csrf_exempt
def revoke(request: HttpRequest) -> HttpResponse:
    """Ends a permission."""

    def work() -> Answer:
        check_client(request, own_too=False)
        tokens.revoke(request.POST.get("token", ""), now=clock.now())
        return 200, {}

    return exchange(request, "/oauth2/revoke", respond=work)


def _tokens(request: HttpRequest) -> dict[str, object]:
    asked = {**request.GET.dict(), **request.POST.dict()}
    grant, now = asked.get("grant_type", ""), clock.now()
    if request.method != "POST" or grant not in GRANTS:
        raise OAuthError("unsupported_grant_type", "The grant type is not supported.")
    if check_client(request, own_too=grant == "client_credentials"):
        return tokens.of_organization(sharing.own_integration(now=now), now=now)
    if grant == "client_credentials":
        return tokens.own(now=now)
    if asked.get("client_id") != settings.PONTO_CLIENT_ID:
        raise errors.invalid_grant()
    if grant == "refresh_token":
        shape = faults.happening(Target(route="/oauth2/token"), in_content=True)
        is_strict = isinstance(shape, faults.Shape) and shape.name == "strict_rotation"
        return tokens.refresh(str(asked.get("refresh_token", "")), is_strict=is_strict, now=now)
    return tokens.exchange(
        str(asked.get("code", "")),
        verifier=str(asked.get("code_verifier", "")),
        redirect_uri=str(asked.get("redirect_uri", "")),
        now=now,
    )


def _userinfo(call: Call) -> Answer:
    owner = call.organization()
    return 200, {
        "sub": owner.organization_id,
        "name": owner.name,
        "onboardingComplete": True,
        "paymentsActivated": False,
        "paymentsActivationRequested": False,
    }


userinfo = answers("/userinfo", "organization", GET=_userinfo)
