"""A company that the proxy refuses: every page says so once, nothing hammers, and all goes on by itself afterwards."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from companies.models import Company
from connections.models import ChatterEntry, Connection, ProxyRegistration
from connections.services import events, registrations, schedule
from connections.tasks import poll_company_events
from providers.client import ProxyClient
from providers.errors import ClientBlocked, ClientDisconnected, FeedError, SubscriptionRefused
from providers.types import ClientData
from scripts.manage import manage
from scripts.text_messages import code_for
from statements.models import SyncRun
from statements.services import sync
from statements.tasks import sync_connection
from tests.factories import make_company
from tests.feed.pretend import PHONE, FarSide, connected, registered
from tests.pages.elements import Element, read
from tests.sessions import signed_in

pytestmark = pytest.mark.django_db(transaction=True)
Status = ProxyRegistration.Status
PAGES = ("dashboard", "connection_list", "journal_list", "statement_list", "review_list", "connect", "access")


class Operator:
    """The proxy's operator, at a shell."""

    def __init__(self, far: FarSide) -> None:
        self.far = far

    def stand(self, company: Company, change: str) -> None:
        client_id = ProxyRegistration.objects.get(company=company).client_id
        why = ("--by", "anna", "--why", "asked by phone")
        manage("proxy", "stand_client", client_id, change, *why, environment=self.far.environment)

    def subscribe(self, until: str, *more: str) -> None:
        arguments = ("--code", "DEMO-SUBSCRIPTION", "--valid-until", until, *more)
        manage("proxy", "add_subscription", *arguments, environment=self.far.environment)


@pytest.fixture
def operator(far: FarSide) -> Operator:
    return Operator(far)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths that the proxy is asked for, as they leave."""
    paths: list[str] = []
    send = ProxyClient._send

    def noted(self: ProxyClient, method: str, path: str, **rest: Any) -> Any:
        paths.append(path)
        return send(self, method, path, **rest)

    monkeypatch.setattr(ProxyClient, "_send", noted)
    return paths


def standing_of(company: Company) -> ProxyRegistration:
    return ProxyRegistration.objects.get(company=company)


def make_due(connection: Connection) -> None:
    Connection.objects.filter(pk=connection.pk).update(next_fetch_at=timezone.now(), claimed_until=None)


def fetch(connection: Connection) -> SyncRun:
    run = sync.sync_connection(connection.pk, SyncRun.Trigger.CLOCK).run
    assert run is not None
    return run


def banners(browser: Client, page: str) -> list[Element]:
    answer = browser.get(reverse(page))
    assert answer.status_code == 200
    return [element for element in read(answer.content) if "data-banner" in element.attributes]


def reactivate(far: FarSide, browser: Client) -> None:
    """What a person does: has a code sent, reads it on the phone, enters it."""
    assert browser.post(reverse("access_send_code"), follow=True).status_code == 200
    answer = browser.post(reverse("access_confirm"), {"code": code_for(PHONE, far.sandbox_url)})
    assert answer.status_code == 302, answer.content.decode()


def test_a_block_is_one_banner_on_every_page_and_a_code_ends_it(
    far: FarSide, operator: Operator, asked: list[str]
) -> None:
    company = make_company()
    connections = [connected(far, bank, company=company) for bank in ("Quiet Bank", "Late Payments Bank")]
    for connection in connections:
        fetch(connection)
    browser = signed_in(company)
    assert banners(browser, "dashboard") == []
    operator.stand(company, "block")
    for connection in connections:
        make_due(connection)
    # One of them meets the refusal; the others are not asked for any more.
    assert fetch(connections[0]).error_code == "client_blocked"
    assert standing_of(company).status == Status.BLOCKED
    assert schedule.claim_due(timezone.now()) == []
    asked.clear()
    for connection in connections:
        sync_connection(connection.pk, SyncRun.Trigger.CLOCK)
    assert asked == []
    assert poll_company_events(standing_of(company).pk) is None
    assert asked == ["/client"]
    for page in PAGES:
        [banner] = banners(browser, page)
        assert banner.attributes["data-banner"] == "standing"
        assert "blocked" in banner.text
        assert (banner.all("a", href=reverse("access")) != []) == (page != "access")
    # No connection is the worse for it.
    for connection in Connection.objects.filter(company=company):
        assert (connection.status, connection.error_code, connection.failures) == ("connected", "", 0)
    reactivate(far, browser)
    assert standing_of(company).status == Status.ACTIVE
    assert banners(browser, "dashboard") == []
    now = timezone.now()
    assert Connection.objects.filter(company=company, next_fetch_at__lte=now).count() == 1
    assert Connection.objects.filter(company=company, next_fetch_at__gt=now).count() == 1
    [first] = schedule.claim_due(timezone.now())
    assert fetch(Connection.objects.get(pk=first)).state == SyncRun.State.DONE


def test_a_block_is_learned_from_the_look_at_events_too(far: FarSide, operator: Operator) -> None:
    connection = connected(far, "Quiet Bank")
    operator.stand(connection.company, "block")
    with pytest.raises(ClientBlocked):
        events.poll(standing_of(connection.company))
    registration = standing_of(connection.company)
    assert (registration.status, bool(registration.refusal_reference)) == (Status.BLOCKED, True)
    assert not ChatterEntry.objects.filter(connection=connection, code="error").exists()
    operator.stand(connection.company, "disconnect")
    assert events.poll(registration) == 0
    cut_off = standing_of(connection.company)
    assert cut_off.status == Status.DISCONNECTED
    assert cut_off.refusal_reference not in ("", registration.refusal_reference)
    operator.stand(connection.company, "allow-again")
    registrations.reconnect(connection.company)
    operator.stand(connection.company, "unblock")
    registration.refresh_from_db()
    assert events.poll(registration) >= 0
    assert standing_of(connection.company).status == Status.ACTIVE


def test_the_first_bank_of_a_company_asks_for_the_code_once(far: FarSide) -> None:
    company = make_company()
    institution = far.bank("Quiet Bank")
    browser = signed_in(company)
    start = reverse("connect_start", args=[institution.pk])
    asked_for = browser.post(start, {"phone_number": "+32470123457", "consent": "on"})
    assert asked_for["Location"] == reverse("connect_phone", args=[institution.pk])
    page = read(browser.get(asked_for["Location"]).content)
    assert "+32 ··· ·· ·· 57" in page.text
    wrong = f"{(int(code_for('+32470123457', far.sandbox_url)) + 1) % 10**6:06d}"
    answer = browser.post(asked_for["Location"], {"code": wrong})
    assert answer.status_code == 422
    page = read(answer.content)
    assert "not right" in page.described(page.labelled("code"))
    # The number was mistyped: the code goes to another one.
    browser.post(start, {"phone_number": PHONE, "consent": "on"})
    answer = browser.post(asked_for["Location"], {"code": f" {code_for(PHONE, far.sandbox_url)} "})
    assert answer["Location"].startswith(far.sandbox_url)
    assert standing_of(company).status == Status.ACTIVE
    assert browser.post(start, {"consent": "on"})["Location"].startswith(far.sandbox_url)


def test_the_page_for_the_code_is_for_who_agreed(far: FarSide) -> None:
    company = make_company()
    institution = far.bank("Quiet Bank")
    registrations.register(company, PHONE)
    address = reverse("connect_phone", args=[institution.pk])
    assert signed_in(company).get(address)["Location"] == reverse("connect_start", args=[institution.pk])
    assert signed_in(make_company()).get(address).status_code == 302


def test_who_is_cut_off_gives_support_the_client_id_and_comes_back_to_the_same_connections(
    far: FarSide, operator: Operator
) -> None:
    connection = connected(far, "Quiet Bank")
    company = connection.company
    lines = fetch(connection).new
    assert lines > 0
    browser = signed_in(company)
    operator.stand(company, "disconnect")
    assert fetch(connection).error_code == "client_disconnected"
    [banner] = banners(browser, "dashboard")
    assert "disconnected" in banner.text
    page = read(browser.get(reverse("access")).content)
    registration = standing_of(company)
    assert registration.client_id in page.text
    assert registration.refusal_reference in page.text
    # Not before the operator lets it back, and then with a code to the same phone.
    browser.post(reverse("access_reconnect"))
    assert standing_of(company).status == Status.DISCONNECTED
    operator.stand(company, "allow-again")
    browser.post(reverse("access_reconnect"))
    assert standing_of(company).status == Status.BLOCKED
    browser.post(reverse("access_confirm"), {"code": code_for(PHONE, far.sandbox_url)})
    assert standing_of(company).status == Status.ACTIVE
    assert standing_of(company).client_id == registration.client_id
    again = fetch(Connection.objects.get(pk=connection.pk))
    assert (again.state, again.new) == (SyncRun.State.DONE, 0)


def test_of_two_who_reconnect_at_once_both_end_with_the_key_that_the_proxy_has(
    far: FarSide, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = make_company()
    registered(company)
    operator.stand(company, "disconnect")
    with pytest.raises(ClientDisconnected):
        registrations.client_for(company).events()
    operator.stand(company, "allow-again")
    come_back, pressing = ProxyClient.come_back, iter([company])

    def overtaken(client: ProxyClient, client_id: str, subscription_code: str) -> ClientData:
        for one in pressing:
            registrations.reconnect(one)
        return come_back(client, client_id, subscription_code)

    monkeypatch.setattr(ProxyClient, "come_back", overtaken)
    assert registrations.reconnect(company).status == Status.BLOCKED
    registrations.send_code(company)
    assert registrations.confirm(company, code_for(PHONE, far.sandbox_url)).status == Status.ACTIVE


def test_a_subscription_that_ends_is_said_and_heals_by_itself(far: FarSide, operator: Operator) -> None:
    connection = connected(far, "Quiet Bank")
    company = connection.company
    browser = signed_in(company)
    try:
        operator.subscribe("2099-12-31", "--trial")
        make_due(connection)
        assert fetch(connection).error_code == "subscription_refused"
        [banner] = banners(browser, "dashboard")
        assert "subscription" in banner.text
        assert "trial" in read(browser.get(reverse("access")).content).text
        assert schedule.claim_due(timezone.now()) == []
        with pytest.raises(SubscriptionRefused):
            registrations.register(make_company(), PHONE)
    finally:
        operator.subscribe("2099-12-31")
    events.poll(standing_of(company))
    assert banners(browser, "dashboard") == []
    assert schedule.claim_due(timezone.now()) == [connection.pk]


def test_a_proxy_behind_a_firewall_is_named_with_its_address_everywhere(far: FarSide, settings: Settings) -> None:
    connection = connected(far, "Quiet Bank")
    company = connection.company
    browser = signed_in(company)
    settings.PROXY_URL = "http://127.0.0.1:9"
    words = "http://127.0.0.1:9"
    assert words in fetch(connection).error_message
    [banner] = banners(browser, "dashboard")
    assert (banner.attributes["data-banner"], words in banner.text) == ("proxy", True)
    assert "firewall" in banner.text
    start = browser.post(reverse("connect_start", args=[connection.institution_id]), {"consent": "on"})
    assert (start.status_code, words in start.content.decode()) == (502, True)
    settings.PROXY_URL = far.proxy_url
    assert browser.post(reverse("access_check"))["Location"] == reverse("connection_list")
    assert banners(browser, "dashboard") == []


@pytest.mark.parametrize("name", ["access_send_code", "access_confirm", "access_check", "access_reconnect"])
def test_a_company_that_is_not_registered_is_told_so(far: FarSide, name: str) -> None:
    browser = signed_in(make_company())
    answer = browser.post(reverse(name), {"code": "123456"}, follow=True)
    assert "has not connected a bank yet" in read(answer.content).text


def test_one_company_s_block_is_not_another_s(far: FarSide, operator: Operator) -> None:
    blocked, other = connected(far, "Quiet Bank"), connected(far, "Quiet Bank")
    operator.stand(blocked.company, "block")
    with pytest.raises(FeedError):
        registrations.client_for(blocked.company).accounts(blocked.reference or "")
    assert registrations.client_for(other.company).accounts(other.reference or "")
    # Of the block it hears nothing; that its journals are not chosen yet is its own affair.
    shown = banners(signed_in(other.company), "dashboard")
    assert [one.attributes["data-banner"] for one in shown] == ["unlinked"]
    for connection in (blocked, other):
        make_due(connection)
    assert schedule.claim_due(timezone.now()) == [other.pk]


def test_an_answer_that_was_lost_on_the_way_back_loses_no_company(far: FarSide, operator: Operator) -> None:
    company = make_company()
    registered(company)
    operator.stand(company, "disconnect")
    with pytest.raises(ClientDisconnected):
        registrations.client_for(company).events()
    operator.stand(company, "allow-again")
    registrations.reconnect(company)
    ProxyRegistration.objects.filter(company=company).update(status=Status.DISCONNECTED)
    assert registrations.reconnect(company).status == Status.BLOCKED
