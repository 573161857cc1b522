"""Visits to the bank's page: opened, come back from, finished once and for all."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed

import pytest
import requests
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from providers import signing
from providers.client import ProxyClient
from providers.errors import (
    BadRequest,
    InstitutionRetired,
    NotFound,
    ProviderDown,
    ProviderMisconfigured,
    Unreachable,
)
from providers.types import CapabilitiesData
from proxy.models import Event, Flow, Grant, Institution
from proxy.services import pruning
from tests.providers.plaid.wire_plaid import WirePlaid, approved, failure, left, link_token, session, sessions
from tests.providers.wire import HANG_UP, Answer, Said, Seen
from tests.proxy.conftest import RETURN_URL, USER, connect, make_institution, start

EXCHANGE = "/item/public_token/exchange"


def return_address(plaid: WirePlaid) -> str:
    """Where Plaid was told to send the browser last."""
    address: str = plaid.calls("/link/token/create")[-1]["hosted_link"]["completion_redirect_uri"]
    return address


# --- opening ---------------------------------------------------------------------------------------------------------
def test_a_page_is_opened_at_the_bank_for_this_client(proxy: ProxyClient, plaid: WirePlaid) -> None:
    make_institution()
    plaid.on("/link/token/create", link_token(url="https://secure.plaid.example/hl/9"))
    opened = proxy.start_connection("plaid:ins_1", return_url=RETURN_URL, history_days=365, language="nl", user=USER)
    assert opened.url == "https://secure.plaid.example/hl/9"
    assert opened.expires_at == dt.datetime(2099, 1, 1, tzinfo=dt.UTC)
    (call,) = plaid.calls("/link/token/create")
    assert call["user"] == {"client_user_id": proxy.client_id}
    assert (call["institution_id"], call["language"]) == ("ins_1", "nl")
    assert call["transactions"] == {"days_requested": 365}
    assert return_address(plaid).startswith(f"{proxy.base_url}/return/")


@pytest.mark.parametrize("address", ["javascript:alert(1)", "ftp://x/y", "/relative", "https://", "data:text/html,x"])
def test_a_browser_is_only_sent_on_to_a_web_address(proxy: ProxyClient, plaid: WirePlaid, address: str) -> None:
    make_institution()
    with pytest.raises(BadRequest, match="return address"):
        start(proxy, plaid, return_url=address)
    assert plaid.wire.seen == []


def test_a_bank_that_is_not_in_the_directory(proxy: ProxyClient, plaid: WirePlaid) -> None:
    with pytest.raises(NotFound, match="bank"):
        start(proxy, plaid)
    make_institution(is_removed=True)
    with pytest.raises(InstitutionRetired):
        start(proxy, plaid)


def test_a_refusal_at_the_bank_leaves_no_visit_behind(proxy: ProxyClient, plaid: WirePlaid) -> None:
    make_institution()
    plaid.on("/link/token/create", failure("INVALID_API_KEYS", error_type="INVALID_INPUT"))
    with pytest.raises(ProviderMisconfigured) as caught:
        proxy.start_connection("plaid:ins_1", return_url=RETURN_URL, history_days=None, language="en", user=USER)
    assert caught.value.provider is not None
    assert caught.value.provider.code == "INVALID_API_KEYS"
    assert Flow.objects.count() == 0


# --- some kinds of account only ---------------------------------------------------------------------------------------
NARROW = CapabilitiesData(account_kinds=("current", "cards"), can_narrow=True)


def test_some_kinds_of_account_are_asked_for_at_the_provider(proxy: ProxyClient, plaid: WirePlaid) -> None:
    make_institution(capabilities=NARROW)
    reference = connect(proxy, plaid, account_kinds=["cards"])
    proxy.update_connection(reference, return_url=RETURN_URL, language="en", user=USER, account_kinds=["cards"])
    proxy.update_connection(reference, return_url=RETURN_URL, language="en", user=USER)
    asked = [call.get("account_filters") for call in plaid.calls("/link/token/create")]
    assert asked == [{"credit": {"account_subtypes": ["all"]}}, {"credit": {"account_subtypes": ["all"]}}, None]


@pytest.mark.parametrize(
    ("capabilities", "kinds", "said"),
    [
        (CapabilitiesData(account_kinds=("current", "cards")), ["cards"], "some kinds of account only"),
        (NARROW, ["loans"], "does not have all of these kinds"),
        (NARROW, ["everything"], "account_kinds"),
        (NARROW, ["cards"] * 8, "account_kinds"),
    ],
)
def test_kinds_that_cannot_be_asked_for_are_refused_before_the_provider_is_asked(
    proxy: ProxyClient, plaid: WirePlaid, capabilities: CapabilitiesData, kinds: list[str], said: str
) -> None:
    make_institution(capabilities=capabilities)
    with pytest.raises(BadRequest, match=said):
        start(proxy, plaid, account_kinds=kinds)
    assert plaid.wire.seen == []


def test_a_client_that_knows_no_kinds_is_served_as_ever(site: str, proxy: ProxyClient, plaid: WirePlaid) -> None:
    make_institution(capabilities=NARROW)
    plaid.on("/link/token/create", link_token())
    body = {
        "institution": "plaid:ins_1",
        "return_url": RETURN_URL,
        "history_days": None,
        "language": "en",
        "user": {"ip": "192.0.2.7", "agent": "Firefox"},
    }
    content = json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    asked = requests.Request("POST", f"{site}/v1/connections", data=content, headers=headers).prepare()
    signing.sign(asked, content, key_id=proxy.client_id, private_key=proxy._private_key)
    with requests.Session() as browser:
        assert browser.send(asked, timeout=10).status_code == 200
    assert "account_filters" not in plaid.calls("/link/token/create")[0]


# --- coming back -----------------------------------------------------------------------------------------------------
def test_the_browser_is_sent_on_to_the_app(proxy: ProxyClient, plaid: WirePlaid) -> None:
    make_institution()
    flow = start(proxy, plaid)
    answer = requests.get(return_address(plaid), allow_redirects=False, timeout=10)
    assert (answer.status_code, answer.headers["Location"]) == (302, RETURN_URL)
    assert Flow.objects.get(flow_id=flow).returned_at is not None


def test_coming_back_twice_is_the_same(proxy: ProxyClient, plaid: WirePlaid) -> None:
    make_institution()
    start(proxy, plaid)
    for _ in range(2):
        answer = requests.get(return_address(plaid), allow_redirects=False, timeout=10)
        assert answer.headers["Location"] == RETURN_URL


def test_an_unknown_return_is_a_plain_page_and_the_flow_s_name_does_not_open_it(
    proxy: ProxyClient, plaid: WirePlaid
) -> None:
    make_institution()
    flow = start(proxy, plaid)
    for state in ("nonsense", flow):
        answer = requests.get(f"{proxy.base_url}/return/{state}", allow_redirects=False, timeout=10)
        assert answer.status_code == 404
        assert "start again" in answer.text


# --- finishing -------------------------------------------------------------------------------------------------------
def test_an_approval_becomes_a_connection(proxy: ProxyClient, plaid: WirePlaid) -> None:
    make_institution()
    flow = start(proxy, plaid)
    plaid.on("/link/token/get", sessions(approved(institution="ins_other")))
    plaid.on(EXCHANGE, {"access_token": "access-sandbox-canary", "item_id": "item-1"})
    told = proxy.finish_connection(flow)
    grant = Grant.objects.get(reference=told.connection)
    assert (told.status, told.error) == ("connected", None)
    # The bank that was chosen on the page, which may be another one than was looked for.
    assert (grant.institution, grant.provider, grant.provider_reference) == ("plaid:ins_other", "plaid", "item-1")
    assert grant.sealed_secret.startswith("v1.")
    (event,) = proxy.events().events
    assert (event.kind, event.connection) == ("connection_made", told.connection)


def test_asking_again_gives_the_same_answer_and_no_second_exchange(proxy: ProxyClient, plaid: WirePlaid) -> None:
    make_institution()
    flow = start(proxy, plaid)
    plaid.on("/link/token/get", sessions(approved()))
    plaid.on(EXCHANGE, {"access_token": "a", "item_id": "i"})
    assert proxy.finish_connection(flow) == proxy.finish_connection(flow)
    assert len(plaid.calls(EXCHANGE)) == 1
    assert Grant.objects.count() == 1


def test_many_asking_at_once_exchange_once(proxy: ProxyClient, plaid: WirePlaid) -> None:
    make_institution()
    flow = start(proxy, plaid)
    plaid.on("/link/token/get", sessions(approved()))
    others_answered = threading.Event()
    scripted = plaid.wire.answer

    def slow_exchange(seen: Seen) -> Answer:
        if seen.path != EXCHANGE:
            return scripted(seen)
        # The exchange is not over before all the others have been answered.
        assert others_answered.wait(20)
        return Said(body=b'{"access_token":"a","item_id":"i"}')

    plaid.wire.answer = slow_exchange
    with ThreadPoolExecutor(5) as pool:
        asked = as_completed([pool.submit(_finish_alone, proxy, flow) for _ in range(5)])
        statuses = [next(asked).result() for _ in range(4)]
        others_answered.set()
        statuses.append(next(asked).result())
    assert statuses == ["waiting", "waiting", "waiting", "waiting", "connected"]
    assert len(plaid.calls(EXCHANGE)) == 1
    assert proxy.finish_connection(flow).status == "connected"


def _finish_alone(proxy: ProxyClient, flow: str) -> str:
    own = ProxyClient(proxy.base_url, proxy.client_id, private_key=proxy._private_key)
    return own.finish_connection(flow).status


def test_a_claim_of_a_process_that_died_is_taken_over_after_its_lease(proxy: ProxyClient, plaid: WirePlaid) -> None:
    make_institution()
    flow = start(proxy, plaid)
    plaid.on("/link/token/get", sessions(approved()))
    plaid.on(EXCHANGE, {"access_token": "a", "item_id": "i"})
    Flow.objects.update(claimed_until=timezone.now() + dt.timedelta(seconds=60))
    assert proxy.finish_connection(flow).status == "waiting"
    assert plaid.calls("/link/token/get") == []
    Flow.objects.update(claimed_until=timezone.now() - dt.timedelta(seconds=1))
    assert proxy.finish_connection(flow).status == "connected"


def test_what_comes_too_late_is_ended_at_the_bank_and_not_kept(proxy: ProxyClient, plaid: WirePlaid) -> None:
    make_institution()
    flow = start(proxy, plaid)
    plaid.on("/link/token/get", sessions(approved()))
    plaid.on("/item/remove", {})
    scripted = plaid.wire.answer

    def settle_meanwhile(seen: Seen) -> Answer:
        if seen.path != EXCHANGE:
            return scripted(seen)
        # Another call ends the visit while this one waits for its answer; so no transaction is open meanwhile.
        Flow.objects.update(status=Flow.Status.CANCELLED)
        connection.close()
        return Said(body=b'{"access_token":"late","item_id":"i"}')

    plaid.wire.answer = settle_meanwhile
    assert proxy.finish_connection(flow).status == "cancelled"
    assert plaid.calls("/item/remove") == [{"access_token": "late"}]
    assert Grant.objects.count() == 0


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (HANG_UP, Unreachable),
        (Said(status=502, body=b"<html>"), ProviderDown),
        (failure("INTERNAL_SERVER_ERROR", error_type="API_ERROR", status=500), ProviderDown),
    ],
)
def test_a_provider_that_fails_in_between_is_asked_again_later(
    proxy: ProxyClient, plaid: WirePlaid, answer: Answer, kind: type[Exception]
) -> None:
    make_institution()
    flow = start(proxy, plaid)
    plaid.on("/link/token/get", answer)
    with pytest.raises(kind):
        proxy.finish_connection(flow)
    plaid.on("/link/token/get", sessions(approved()))
    plaid.on(EXCHANGE, {"access_token": "a", "item_id": "i"})
    assert proxy.finish_connection(flow).status == "connected"


def test_while_the_holder_is_at_the_bank_it_waits(proxy: ProxyClient, plaid: WirePlaid) -> None:
    make_institution()
    flow = start(proxy, plaid)
    plaid.on("/link/token/get", sessions(), sessions(session()), sessions(approved()))
    plaid.on(EXCHANGE, {"access_token": "a", "item_id": "i"})
    assert [proxy.finish_connection(flow).status for _ in range(4)] == ["waiting", "waiting", "connected", "connected"]


def test_a_holder_who_left_leaves_no_connection_behind(proxy: ProxyClient, plaid: WirePlaid) -> None:
    make_institution()
    flow = start(proxy, plaid)
    plaid.on("/link/token/get", sessions(left()))
    told = proxy.finish_connection(flow)
    assert (told.status, told.connection, told.error) == ("cancelled", "", None)
    assert proxy.finish_connection(flow) == told
    assert Grant.objects.count() == 0


def test_a_visit_that_failed_keeps_its_reason(proxy: ProxyClient, plaid: WirePlaid) -> None:
    make_institution()
    flow = start(proxy, plaid)
    error = {"error_type": "ITEM_ERROR", "error_code": "NO_ACCOUNTS", "display_message": "No accounts there."}
    plaid.on("/link/token/get", sessions(left(error)))
    told = proxy.finish_connection(flow)
    assert told.status == "failed"
    assert told.error is not None
    assert told.error.code == "not_supported"
    assert told.error.provider is not None
    assert told.error.provider.message == "No accounts there."
    assert proxy.finish_connection(flow) == told


def test_another_client_s_visit_is_not_found(
    registered: Callable[..., ProxyClient], proxy: ProxyClient, plaid: WirePlaid
) -> None:
    make_institution()
    flow = start(proxy, plaid)
    for asked in (flow, "nonsense"):
        with pytest.raises(NotFound):
            registered().finish_connection(asked)
    assert plaid.calls("/link/token/get") == []


# --- updating --------------------------------------------------------------------------------------------------------
def test_an_update_keeps_reference_and_secret(proxy: ProxyClient, plaid: WirePlaid, connected: str) -> None:
    sealed = Grant.objects.get().sealed_secret
    opened = proxy.update_connection(connected, return_url=RETURN_URL, language="en", user=USER)
    assert plaid.calls("/link/token/create")[-1]["access_token"] == "access-sandbox-canary"
    plaid.on("/link/token/get", sessions(session(finished_at="2026-01-01T00:01:00Z")))
    told = proxy.finish_connection(opened.flow)
    assert (told.status, told.connection) == ("connected", connected)
    assert len(plaid.calls(EXCHANGE)) == 1
    assert Grant.objects.get().sealed_secret == sealed
    assert [event.kind for event in proxy.events().events] == ["connection_made", "connection_updated"]


def test_an_update_works_for_a_bank_the_directory_no_longer_lists(
    proxy: ProxyClient, plaid: WirePlaid, connected: str
) -> None:
    Institution.objects.update(is_removed=True)
    assert proxy.update_connection(connected, return_url=RETURN_URL, language="en", user=USER).url


def test_another_client_s_connection_is_not_updated(
    registered: Callable[..., ProxyClient], plaid: WirePlaid, connected: str
) -> None:
    seen = len(plaid.wire.seen)
    with pytest.raises(NotFound):
        registered().update_connection(connected, return_url=RETURN_URL, language="en", user=USER)
    assert len(plaid.wire.seen) == seen


# --- the tables ------------------------------------------------------------------------------------------------------
def test_the_database_refuses_a_connected_visit_without_connection(proxy: ProxyClient, plaid: WirePlaid) -> None:
    make_institution()
    start(proxy, plaid)
    with pytest.raises(IntegrityError), transaction.atomic():
        Flow.objects.update(status=Flow.Status.CONNECTED)


def test_old_visits_are_forgotten_and_the_connections_stay(proxy: ProxyClient, plaid: WirePlaid) -> None:
    make_institution()
    reference = connect(proxy, plaid)
    Flow.objects.update(expires_at=timezone.now() - dt.timedelta(days=31))
    assert pruning.prune()["flows"] == 1
    assert Grant.objects.get().reference == reference
    assert Event.objects.count() == 1
