"""Secrets that change with each renewal: one caller at a time, saved before used, and none lost with a lost answer."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from django.db import connection
from django.utils import timezone

from foundation import resealing
from foundation.sealing import needs_resealing, seal, unseal
from providers.client import ProxyClient
from providers.errors import ConsentExpired, FeedError, NotReady, Unreachable
from providers.ponto.oauth import Secret
from providers.types import InstitutionData, encode
from proxy.models import Client, Flow, Grant, Institution
from proxy.services import adapters, rotation, vault
from tests.providers.ponto.wire_ponto import (
    WirePonto,
    account,
    config,
    failure,
    listed,
    oauth_failure,
    secret,
    tokens,
)
from tests.providers.wire import HANG_UP, Answer, Said, Seen, serving
from tests.proxy.conftest import RETURN_URL, USER, LiveServer, Phone, make_subscription, unregistered

TOKEN = "POST /oauth2/token"
NEW = "the new sealing key"
OVER = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


@pytest.fixture
def ponto(settings: Any) -> Iterator[WirePonto]:
    """Ponto as far as the proxy can tell."""
    with serving() as wire:
        settings.PROVIDERS = {"ponto": config(wire.url)}
        adapters.adapter.cache_clear()
        yield WirePonto(wire)
        adapters.adapter.cache_clear()


@pytest.fixture
def proxy(
    live_server: LiveServer, transactional_db: None, settings: Any, ponto: WirePonto, phone: Phone
) -> ProxyClient:
    """A registered client of a running proxy that works with Ponto."""
    settings.BASE_URL = live_server.url
    made = unregistered(live_server.url)
    made.register(make_subscription().code, "+32470123456", name="Acme")
    made.send_phone_code()
    made.confirm_phone_code(phone.code)
    told = InstitutionData(id="ponto:bank-1", provider="ponto", name="First Bank", countries=("BE",))
    Institution.objects.create(provider="ponto", institution_id=told.id, data=encode(told).decode(), sequence=1)
    return made


def connected(proxy: ProxyClient, **changes: Any) -> str:
    """The reference of a connection whose access token has ended, unless ``changes`` say otherwise."""
    client = Client.objects.get(pk=proxy.client_id)
    kept = secret(**{"expires_at": OVER, **changes})
    grant = vault.keep(client, kept, provider="ponto", institution="ponto:bank-1", provider_reference="organization-1")
    return grant.reference


def kept() -> Secret:
    """What the vault holds of the one connection."""
    grant = Grant.objects.get()
    return Secret.load(unseal(grant.sealed_secret, row=f"grant:{grant.client_id}:{grant.reference}"))


def bearers(ponto: WirePonto, route: str = "GET /accounts") -> list[str]:
    return [seen.headers["Authorization"].removeprefix("Bearer ") for seen in ponto.seen(route)]


# --- renewing --------------------------------------------------------------------------------------------------------
def test_a_secret_that_ended_is_renewed_and_saved_before_it_is_used(proxy: ProxyClient, ponto: WirePonto) -> None:
    reference = connected(proxy)
    ponto.on(TOKEN, tokens(2))
    saved: list[str] = []
    scripted = ponto.wire.answer

    def look(seen: Seen) -> Answer:
        if seen.path == "/accounts":
            # No transaction is open while the provider is waited for, so it can be seen from here.
            saved.append(kept().access_token)
            connection.close()
        return scripted(seen)

    ponto.wire.answer = look
    ponto.on("GET /accounts", listed(account()))
    assert [each.id for each in proxy.accounts(reference)] == ["a-1"]
    assert saved == ["access-2"]
    assert bearers(ponto) == ["access-2"]
    proxy.accounts(reference)
    assert len(ponto.forms()) == 1
    assert Grant.objects.get().renewing_until is None


def test_a_secret_refused_in_the_middle_is_renewed_and_asked_with_once_more(
    proxy: ProxyClient, ponto: WirePonto
) -> None:
    reference = connected(proxy, expires_at=dt.datetime(2099, 1, 1, tzinfo=dt.UTC))
    ponto.on(TOKEN, tokens(2), tokens(3))
    ponto.on("GET /accounts", failure("unauthorized", status=401), listed(account()))
    assert len(proxy.accounts(reference)) == 1
    assert bearers(ponto) == ["access-1", "access-2"]
    ponto.on("GET /accounts", failure("unauthorized", status=401))
    with pytest.raises(FeedError) as caught:
        proxy.accounts(reference)
    assert (caught.value.code, caught.value.action) == ("secret_expired", "update_credentials")
    assert len(bearers(ponto)) == 4


def test_many_at_once_renew_once(proxy: ProxyClient, ponto: WirePonto) -> None:
    reference = connected(proxy)
    asked, others_wait = threading.Event(), threading.Event()
    scripted = ponto.wire.answer

    def slow(seen: Seen) -> Answer:
        if seen.path == "/oauth2/token":
            asked.set()
            assert others_wait.wait(20)
        return scripted(seen)

    ponto.wire.answer = slow
    ponto.on(TOKEN, tokens(2))
    ponto.on("GET /accounts", listed(account()))
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(_accounts_alone, proxy, reference)
        assert asked.wait(20)
        others = [pool.submit(_accounts_alone, proxy, reference) for _ in range(3)]
        others_wait.set()
        assert [each.result() for each in (first, *others)] == [1, 1, 1, 1]
    assert len(ponto.forms()) == 1
    assert set(bearers(ponto)) == {"access-2"}


def _accounts_alone(proxy: ProxyClient, reference: str) -> int:
    own = ProxyClient(proxy.base_url, proxy.client_id, private_key=proxy._private_key)
    return len(own.accounts(reference))


def test_who_waits_too_long_is_told_to_come_back(
    proxy: ProxyClient, ponto: WirePonto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vault, "PATIENCE", dt.timedelta(seconds=0.2))
    reference = connected(proxy)
    Grant.objects.update(renewing_until=timezone.now() + dt.timedelta(seconds=60))
    with pytest.raises(NotReady):
        proxy.accounts(reference)
    assert ponto.forms() == []


def test_a_lease_of_a_process_that_died_is_taken_over(proxy: ProxyClient, ponto: WirePonto) -> None:
    reference = connected(proxy)
    Grant.objects.update(renewing_until=timezone.now() - dt.timedelta(seconds=1))
    ponto.on(TOKEN, tokens(2))
    ponto.on("GET /accounts", listed(account()))
    assert len(proxy.accounts(reference)) == 1


# --- lost answers ----------------------------------------------------------------------------------------------------
def test_a_renewal_whose_answer_is_lost_is_tried_again_with_what_is_there(proxy: ProxyClient, ponto: WirePonto) -> None:
    reference = connected(proxy)
    ponto.on(TOKEN, HANG_UP)
    with pytest.raises(Unreachable):
        proxy.accounts(reference)
    assert kept().refresh_token == "refresh-1"
    assert Grant.objects.get().renewing_until is None
    ponto.on(TOKEN, tokens(2))
    ponto.on("GET /accounts", listed(account()))
    assert len(proxy.accounts(reference)) == 1
    assert {form["refresh_token"] for form in ponto.forms()} == {"refresh-1"}


def test_a_secret_that_the_provider_never_took_over_gives_way_to_the_one_before(
    proxy: ProxyClient, ponto: WirePonto
) -> None:
    reference = connected(proxy)
    ponto.on(TOKEN, tokens(2, expires_in=0), oauth_failure("invalid_grant"), tokens(3))
    ponto.on("GET /accounts", listed(account()))
    proxy.accounts(reference)
    proxy.accounts(reference)
    assert [form["refresh_token"] for form in ponto.forms()] == ["refresh-1", "refresh-2", "refresh-1"]
    assert bearers(ponto) == ["access-2", "access-3"]


def test_a_spent_permission_is_given_again_and_the_connection_stays(proxy: ProxyClient, ponto: WirePonto) -> None:
    reference = connected(proxy)
    ponto.on(TOKEN, oauth_failure("invalid_grant"))
    with pytest.raises(ConsentExpired) as caught:
        proxy.accounts(reference)
    assert caught.value.action == "update_credentials"
    ponto.on("GET /accounts", failure("unauthorized", status=401), listed(account()))
    ponto.on(TOKEN, oauth_failure("invalid_grant"), tokens(8, refresh_token=None), tokens(9))
    ponto.on("POST /onboarding-details", {"data": {"id": "details-1"}})
    opened = proxy.update_connection(reference, return_url=RETURN_URL, language="en", user=USER)
    _come_back(proxy, code="code-9")
    done = proxy.finish_connection(opened.flow)
    assert (done.status, done.connection) == ("connected", reference)
    assert kept().refresh_token == "refresh-9"
    assert Grant.objects.get().sealed_previous == ""
    assert len(proxy.accounts(reference)) == 1


def test_what_comes_too_late_does_not_replace_what_the_holder_gave_anew(proxy: ProxyClient, ponto: WirePonto) -> None:
    reference = connected(proxy)
    scripted = ponto.wire.answer

    def replace_meanwhile(seen: Seen) -> Answer:
        if seen.path == "/oauth2/token":
            grant = Grant.objects.get()
            vault.replace(grant.client, grant, secret(access_token="anew"))
            connection.close()
        return scripted(seen)

    ponto.wire.answer = replace_meanwhile
    ponto.on(TOKEN, tokens(2))
    ponto.on("GET /accounts", listed(account()))
    proxy.accounts(reference)
    assert bearers(ponto) == ["anew"]
    assert kept().access_token == "anew"


def test_an_ended_connection_keeps_neither_secret(proxy: ProxyClient, ponto: WirePonto) -> None:
    reference = connected(proxy)
    ponto.on(TOKEN, tokens(2))
    ponto.on("GET /accounts", listed(account(), account("b-1", institution="bank-2")))
    ponto.on("DELETE /accounts/a-1", {"data": {"id": "a-1"}})
    ponto.on("POST /oauth2/revoke", {})
    proxy.accounts(reference)
    assert Grant.objects.get().sealed_previous
    proxy.revoke(reference)
    grant = Grant.objects.get()
    assert (grant.status, grant.sealed_secret, grant.sealed_previous) == ("revoked", "", "")


# --- keys of the vault -----------------------------------------------------------------------------------------------
def test_keys_rotated_while_the_provider_is_asked(proxy: ProxyClient, ponto: WirePonto, settings: Any) -> None:
    reference = connected(proxy)
    settings.SEALING_KEYS = [NEW, *settings.SEALING_KEYS]
    scripted = ponto.wire.answer

    def rotate_meanwhile(seen: Seen) -> Answer:
        if seen.path == "/oauth2/token":
            assert rotation.rotate().connections.broken == []
            connection.close()
        return scripted(seen)

    ponto.wire.answer = rotate_meanwhile
    ponto.on(TOKEN, tokens(2))
    ponto.on("GET /accounts", listed(account()))
    assert len(proxy.accounts(reference)) == 1
    assert (bearers(ponto), kept().refresh_token) == (["access-2"], "refresh-2")
    grant = Grant.objects.get()
    assert not needs_resealing(grant.sealed_secret)
    assert not needs_resealing(grant.sealed_previous)
    settings.SEALING_KEYS = [NEW]
    assert len(proxy.accounts(reference)) == 1


def test_a_renewal_saved_while_keys_are_rotated_wins(
    proxy: ProxyClient, ponto: WirePonto, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected(proxy)
    settings.SEALING_KEYS = [NEW, *settings.SEALING_KEYS]
    outdated = resealing._outdated

    def saved_in_between(*arguments: Any) -> Any:
        """The row is found, and then another process saves a renewed secret before it is locked."""
        pks = list(outdated(*arguments))
        for grant in Grant.objects.filter(pk__in=pks):
            fresh = seal(secret(refresh_token="refresh-9"), row=vault.row_of(grant))
            Grant.objects.filter(pk=grant.pk).update(sealed_secret=fresh)
        return iter(pks)

    monkeypatch.setattr(resealing, "_outdated", saved_in_between)
    rotation.rotate()
    assert kept().refresh_token == "refresh-9"


# --- one registered address ------------------------------------------------------------------------------------------
def test_a_browser_comes_back_to_the_one_registered_address(proxy: ProxyClient, ponto: WirePonto) -> None:
    flow = _opened(proxy, ponto)
    answer = _come_back(proxy, code="code-canary")
    assert (answer.status_code, answer.headers["Location"]) == (302, RETURN_URL)
    row = Flow.objects.get()
    assert row.returned_at is not None
    assert "code-canary" not in row.sealed_answer
    # What comes first counts: nobody puts another code in its place.
    _come_back(proxy, code="code-evil")
    ponto.on(TOKEN, tokens(5))
    ponto.on("GET /accounts", listed(account()))
    assert proxy.finish_connection(flow).status == "connected"
    assert ponto.forms()[-1]["code"] == "code-canary"


def test_another_one_s_state_or_none_is_not_known(proxy: ProxyClient, ponto: WirePonto) -> None:
    _opened(proxy, ponto)
    for query in ({"state": "nonsense", "code": "c"}, {"code": "c"}, {}):
        answer = requests.get(f"{proxy.base_url}/return/ponto", params=query, allow_redirects=False, timeout=10)
        assert answer.status_code == 404
    assert Flow.objects.get().returned_at is None


def test_a_holder_who_left_ponto_s_page(proxy: ProxyClient, ponto: WirePonto) -> None:
    flow = _opened(proxy, ponto)
    assert proxy.finish_connection(flow).status == "waiting"
    _come_back(proxy, error="access_denied")
    assert proxy.finish_connection(flow).status == "cancelled"
    assert Grant.objects.count() == 0


def test_a_connection_names_the_other_banks_of_its_permission(proxy: ProxyClient, ponto: WirePonto) -> None:
    reference = connected(proxy, expires_at=dt.datetime(2099, 1, 1, tzinfo=dt.UTC))
    ponto.on("GET /accounts", listed(account(), account("b-1", institution="bank-2")))
    assert proxy.connection(reference).shared_with == ("Second Bank",)


def _opened(proxy: ProxyClient, ponto: WirePonto) -> str:
    """Opens Ponto's page; gives the flow."""
    ponto.on(TOKEN, tokens(1, refresh_token=None))
    ponto.on("POST /onboarding-details", Said(body=b'{"data":{"id":"details-1"}}'))
    opened = proxy.start_connection("ponto:bank-1", return_url=RETURN_URL, history_days=None, language="en", user=USER)
    return opened.flow


def _come_back(proxy: ProxyClient, **answer: str) -> requests.Response:
    """The browser comes back to the address that is registered at Ponto."""
    state = Flow.objects.latest("pk").return_state
    return requests.get(
        f"{proxy.base_url}/return/ponto", params={**answer, "state": state}, allow_redirects=False, timeout=10
    )
