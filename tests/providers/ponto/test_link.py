"""Ponto's page and the permission it gives: opened, come back from, exchanged once, renewed, given back."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import time_machine

from providers.base import HostedRequest, Outcome
from providers.errors import (
    ConsentExpired,
    FeedError,
    InstitutionDown,
    LinkExpired,
    NotSupported,
    ProviderMisconfigured,
    Unreachable,
)
from providers.ponto.adapter import PontoAdapter
from providers.ponto.oauth import Secret
from providers.types import EndUser
from tests.providers.ponto.wire_ponto import (
    CALLBACK,
    WirePonto,
    account,
    config,
    failure,
    listed,
    oauth_failure,
    secret,
    tokens,
)
from tests.providers.wire import HANG_UP

TOKEN = "POST /oauth2/token"
ONBOARDING = "POST /onboarding-details"
OWN = {"access_token": "own-1", "expires_in": 1799, "token_type": "bearer"}


def request(**changes: Any) -> HostedRequest:
    good: dict[str, Any] = {
        "institution": "bank-1",
        "countries": ("BE",),
        "holder": "holder-1",
        "return_url": "https://proxy.example/return/state-1",
        "callback_url": CALLBACK,
        "state": "state-1",
        "language": "fr",
        "history_days": None,
        "user": EndUser(ip="192.0.2.7", agent="Firefox"),
        "webhook_url": "https://proxy.example/webhooks/ponto",
    }
    return HostedRequest(**{**good, **changes})


def opened(ponto: WirePonto, adapter: PontoAdapter) -> str:
    """Opens a page; gives its state."""
    ponto.on(TOKEN, OWN)
    ponto.on(ONBOARDING, {"data": {"type": "onboardingDetails", "id": "details-1"}})
    return adapter.begin(request()).state


def came_back(ponto: WirePonto, adapter: PontoAdapter, *rows: dict[str, Any]) -> Outcome:
    """The browser came back with a code to a permission that holds these accounts."""
    state = opened(ponto, adapter)
    ponto.on(TOKEN, tokens(7))
    ponto.on("POST /oauth2/revoke", {})
    ponto.on("GET /accounts", listed(*rows))
    return adapter.finish(state, answer={"code": "code-7", "state": "state-1"})


# --- opening ---------------------------------------------------------------------------------------------------------
def test_a_page_is_opened_for_one_bank(ponto: WirePonto, adapter: PontoAdapter) -> None:
    ponto.on(TOKEN, OWN)
    ponto.on(ONBOARDING, {"data": {"type": "onboardingDetails", "id": "details-1"}})
    page = adapter.begin(request())
    address = urlsplit(page.url)
    query = dict(parse_qsl(address.query))
    assert page.url.startswith("https://authorize.example/oauth2/auth?")
    assert len(query.pop("code_challenge")) == 43
    assert query == {
        "client_id": "id-1",
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": "offline_access ai",
        "state": "state-1",
        "code_challenge_method": "S256",
        "onboarding_details_id": "details-1",
        "language": "fr",
    }
    assert ponto.calls(ONBOARDING) == [{"initialFinancialInstitutionId": "bank-1", "partnerReference": "holder-1"}]
    assert ponto.seen(ONBOARDING)[0].headers["Authorization"] == "Bearer own-1"
    assert ponto.seen(ONBOARDING)[0].headers["ibanity-idempotency-key"]
    assert ponto.seen(TOKEN)[0].headers["Authorization"] == "Basic " + base64.b64encode(b"id-1:secret-1").decode()
    assert page.expires_at > dt.datetime.now(dt.UTC)
    assert page.state not in repr(page)


def test_the_proxy_s_own_token_is_used_until_it_ends_or_is_refused(ponto: WirePonto, adapter: PontoAdapter) -> None:
    opened(ponto, adapter)
    opened(ponto, adapter)
    assert ponto.forms() == [{"grant_type": "client_credentials"}]
    ponto.on(ONBOARDING, failure("x", status=401), {"data": {"id": "details-2"}})
    assert "details-2" in adapter.begin(request()).url
    assert len(ponto.forms()) == 2
    ponto.on(ONBOARDING, failure("x", status=401))
    with pytest.raises(ProviderMisconfigured):
        adapter.begin(request())


# --- coming back -----------------------------------------------------------------------------------------------------
def test_a_code_is_exchanged_with_what_only_the_opener_knows(ponto: WirePonto, adapter: PontoAdapter) -> None:
    outcome = came_back(ponto, adapter, account("a-1"), account("b-1", institution="bank-2"))
    assert (outcome.status, outcome.institution, outcome.provider_reference) == (
        "connected",
        "bank-1",
        "organization-1",
    )
    kept = Secret.load(outcome.secret)
    assert (kept.access_token, kept.refresh_token, kept.institution) == ("access-7", "refresh-7", "bank-1")
    form = ponto.forms()[-1]
    verifier = form.pop("code_verifier")
    assert form == {
        "grant_type": "authorization_code",
        "code": "code-7",
        "redirect_uri": CALLBACK,
        "client_id": "id-1",
    }
    assert 43 <= len(verifier) <= 128
    assert "access-7" not in repr(outcome)


def test_the_challenge_is_the_verifier_s_digest(ponto: WirePonto, adapter: PontoAdapter) -> None:
    ponto.on(TOKEN, OWN)
    ponto.on(ONBOARDING, {"data": {"id": "details-1"}})
    page = adapter.begin(request())
    ponto.on(TOKEN, tokens())
    ponto.on("GET /accounts", listed(account()))
    adapter.finish(page.state, answer={"code": "c"})
    digest = hashlib.sha256(ponto.forms()[-1]["code_verifier"].encode()).digest()
    challenge = dict(parse_qsl(urlsplit(page.url).query))["code_challenge"]
    assert challenge == base64.urlsafe_b64encode(digest).decode().rstrip("=")


def test_the_bank_that_was_chosen_instead_is_the_connection_s(ponto: WirePonto, adapter: PontoAdapter) -> None:
    assert came_back(ponto, adapter, account("b-1", institution="bank-2")).institution == "bank-2"


def test_a_permission_without_the_bank_is_no_connection(ponto: WirePonto, adapter: PontoAdapter) -> None:
    rows = (account("b-1", institution="bank-2"), account("c-1", institution="bank-3"))
    outcome = came_back(ponto, adapter, *rows)
    assert (outcome.status, type(outcome.error)) == ("failed", NotSupported)
    assert ponto.forms("POST /oauth2/revoke") == [{"token": "refresh-7"}]


def test_a_permission_is_kept_even_if_nothing_can_be_learned_of_it(ponto: WirePonto, adapter: PontoAdapter) -> None:
    ponto.on("GET /userinfo", HANG_UP)
    outcome = came_back(ponto, adapter)
    assert (outcome.status, outcome.institution, outcome.provider_reference) == ("connected", "bank-1", "")


@pytest.mark.parametrize("error", ["access_denied", "user_cancelled"])
def test_a_holder_who_left(ponto: WirePonto, adapter: PontoAdapter, error: str) -> None:
    outcome = adapter.finish(opened(ponto, adapter), answer={"error": error, "error_description": "no"})
    assert outcome == Outcome("cancelled")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("temporarily_unavailable", InstitutionDown),
        ("server_error", InstitutionDown),
        ("invalid_scope", ProviderMisconfigured),
        ("of_next_year", LinkExpired),
    ],
)
def test_a_visit_that_failed(ponto: WirePonto, adapter: PontoAdapter, error: str, kind: type[FeedError]) -> None:
    outcome = adapter.finish(opened(ponto, adapter), answer={"error": error, "error_description": "Because."})
    assert (outcome.status, type(outcome.error)) == ("failed", kind)
    assert outcome.error is not None
    assert outcome.error.provider is not None
    assert (outcome.error.provider.code, outcome.error.provider.message) == (error, "Because.")


@pytest.mark.parametrize("answer", [{"code": "spent"}, {"state": "state-1"}])
def test_a_code_that_is_none_or_was_used(ponto: WirePonto, adapter: PontoAdapter, answer: dict[str, str]) -> None:
    state = opened(ponto, adapter)
    ponto.on(TOKEN, oauth_failure("invalid_grant"))
    outcome = adapter.finish(state, answer=answer)
    assert (outcome.status, type(outcome.error)) == ("failed", LinkExpired)


def test_while_the_holder_is_there_it_waits_and_not_for_ever(ponto: WirePonto, adapter: PontoAdapter) -> None:
    state = opened(ponto, adapter)
    assert adapter.finish(state, answer={}).status == "waiting"
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(hours=3)):
        outcome = adapter.finish(state, answer={})
    assert (outcome.status, type(outcome.error)) == ("failed", LinkExpired)


# --- renewing --------------------------------------------------------------------------------------------------------
def test_a_token_is_renewed_before_it_ends(adapter: PontoAdapter) -> None:
    now = dt.datetime.now(dt.UTC)
    assert not adapter.needs_renewal(secret(expires_at=now + dt.timedelta(minutes=2)))
    assert adapter.needs_renewal(secret(expires_at=now + dt.timedelta(seconds=30)))


def test_each_renewal_brings_another_refresh_token(ponto: WirePonto, adapter: PontoAdapter) -> None:
    ponto.on(TOKEN, tokens(2))
    renewed = Secret.load(adapter.renew(secret()))
    assert (renewed.access_token, renewed.refresh_token) == ("access-2", "refresh-2")
    assert (renewed.institution, renewed.organization) == ("bank-1", "organization-1")
    assert not adapter.needs_renewal(renewed.dump())
    assert ponto.forms() == [
        {"grant_type": "refresh_token", "refresh_token": "refresh-1", "redirect_uri": CALLBACK, "client_id": "id-1"}
    ]


def test_one_that_brings_none_leaves_the_old_one_good(ponto: WirePonto, adapter: PontoAdapter) -> None:
    ponto.on(TOKEN, tokens(2, refresh_token=None))
    assert Secret.load(adapter.renew(secret())).refresh_token == "refresh-1"


def test_a_lost_answer_is_asked_for_again_at_once(ponto: WirePonto, adapter: PontoAdapter) -> None:
    ponto.on(TOKEN, HANG_UP, tokens(2))
    assert Secret.load(adapter.renew(secret())).refresh_token == "refresh-2"
    assert [form["refresh_token"] for form in ponto.forms()] == ["refresh-1", "refresh-1"]
    ponto.on(TOKEN, HANG_UP)
    with pytest.raises(Unreachable):
        adapter.renew(secret())


def test_a_spent_refresh_token_needs_the_holder(ponto: WirePonto, adapter: PontoAdapter) -> None:
    ponto.on(TOKEN, oauth_failure("invalid_grant"))
    with pytest.raises(ConsentExpired) as caught:
        adapter.renew(secret())
    assert caught.value.action == "update_credentials"


# --- updating --------------------------------------------------------------------------------------------------------
BROKEN = {"status": "error", "errors": [{"code": "authorizationInvalid"}]}
REAUTHORIZE = "POST /accounts/a-1/reauthorization-requests"
PAGE = "https://authorize.myponto.com/organizations/o/reauthorization-requests/7"


def reauthorizing(ponto: WirePonto, adapter: PontoAdapter) -> str:
    broken = account("a-1", latest=BROKEN, authorizedAt="2026-01-01T00:00:00.000Z")
    ponto.on("GET /accounts", listed(account("a-0"), broken))
    ponto.on(REAUTHORIZE, {"data": {"id": "7", "links": {"redirect": PAGE}, "attributes": {"sandbox": False}}})
    page = adapter.update(secret(), request())
    assert page.url == PAGE
    return page.state


def test_a_permission_that_ended_at_the_bank_is_renewed_there(ponto: WirePonto, adapter: PontoAdapter) -> None:
    state = reauthorizing(ponto, adapter)
    assert ponto.calls(REAUTHORIZE) == [{"redirectUri": f"{CALLBACK}?state=state-1"}]
    assert adapter.finish(state, answer={}).status == "waiting"
    ponto.on("GET /accounts/a-1", {"data": account("a-1", authorizedAt="2026-02-01T00:00:00.000Z", latest=BROKEN)})
    assert adapter.finish(state, answer={"state": "state-1"}) == Outcome("connected")


def test_nobody_says_that_the_holder_left_the_bank(ponto: WirePonto, adapter: PontoAdapter) -> None:
    state = reauthorizing(ponto, adapter)
    ponto.on("GET /accounts/a-1", {"data": account("a-1", authorizedAt="2026-01-01T00:00:00.000Z", latest=BROKEN)})
    assert adapter.finish(state, answer={"state": "state-1"}) == Outcome("cancelled")


def test_a_visit_at_the_bank_that_outlasted_its_token(ponto: WirePonto, adapter: PontoAdapter) -> None:
    state = reauthorizing(ponto, adapter)
    ponto.on("GET /accounts/a-1", failure("x", status=401))
    assert adapter.finish(state, answer={"state": "state-1"}) == Outcome("connected")


@pytest.mark.parametrize("answer", [listed(account()), listed(), failure("x", status=401)])
def test_otherwise_the_accounts_are_chosen_anew(ponto: WirePonto, adapter: PontoAdapter, answer: Any) -> None:
    ponto.on("GET /accounts", answer)
    ponto.on(TOKEN, OWN)
    ponto.on(ONBOARDING, {"data": {"id": "details-1"}})
    assert adapter.update(secret(), request()).url.startswith("https://authorize.example/")


# --- giving back -----------------------------------------------------------------------------------------------------
def test_the_end_of_one_bank_leaves_the_others(ponto: WirePonto, adapter: PontoAdapter) -> None:
    ponto.on("GET /accounts", listed(account("a-1"), account("a-2"), account("b-1", institution="bank-2")))
    ponto.on("DELETE /accounts/a-1", {"data": {"type": "account", "id": "a-1"}})
    ponto.on("POST /oauth2/revoke", {})
    adapter.revoke(secret())
    assert [seen.path for seen in ponto.wire.seen if seen.method == "DELETE"] == ["/accounts/a-1", "/accounts/a-2"]
    assert ponto.forms("POST /oauth2/revoke") == [{"token": "refresh-1"}]


def test_the_last_bank_takes_the_integration_along(ponto: WirePonto, adapter: PontoAdapter) -> None:
    ponto.on("GET /accounts", listed(account("a-1")))
    ponto.on("DELETE /accounts/a-1", {"data": {"type": "account", "id": "a-1"}})
    ponto.on("DELETE /organizations/organization-1/integration", {"data": {"id": "i"}})
    ponto.on(TOKEN, OWN)
    ponto.on("POST /oauth2/revoke", {})
    adapter.revoke(secret())
    (call,) = ponto.seen("DELETE /organizations/organization-1/integration")
    assert call.headers["Authorization"] == "Bearer own-1"


def test_what_has_ended_already_ends_well(ponto: WirePonto, adapter: PontoAdapter) -> None:
    ponto.on("GET /accounts", failure("x", status=401))
    adapter.revoke(secret())
    assert [seen.method for seen in ponto.wire.seen] == ["GET"]


# --- an integration of one's own -------------------------------------------------------------------------------------
def test_an_own_integration_needs_no_page(ponto: WirePonto) -> None:
    own = PontoAdapter.from_config(config(ponto.wire.url, integration="custom"))
    page = own.begin(request())
    assert page.url == "https://proxy.example/return/state-1"
    ponto.on(TOKEN, tokens(3, refresh_token=None), tokens(4, refresh_token=None))
    ponto.on("GET /accounts", listed(account()))
    outcome = own.finish(page.state, answer={})
    assert (outcome.status, outcome.institution, outcome.provider_reference) == ("connected", "bank-1", "")
    renewed = Secret.load(own.renew(outcome.secret))
    assert (renewed.access_token, renewed.refresh_token) == ("access-4", "")
    assert [form["grant_type"] for form in ponto.forms()] == ["client_credentials"] * 2
    seen = len(ponto.wire.seen)
    own.revoke(outcome.secret)
    assert len(ponto.wire.seen) == seen
