"""Signatures at the proxy's door: whole, lately made, known, and taken once."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
import requests
import time_machine

from providers import signing
from providers.client import ProxyClient
from providers.errors import (
    ClientBlocked,
    ClientDisconnected,
    ClockSkew,
    NotFound,
    SignatureInvalid,
)
from proxy.models import Client, Nonce
from proxy.services import pruning


def signed(site: str, proxy: ProxyClient, method: str = "GET", path: str = "/v1/client") -> requests.PreparedRequest:
    request = requests.Request(method, site + path).prepare()
    signing.sign(request, b"", key_id=proxy.client_id, private_key=proxy._private_key)
    return request


def send(request: requests.PreparedRequest) -> requests.Response:
    with requests.Session() as session:
        return session.send(request, timeout=10)


def test_a_request_is_taken_once(site: str, proxy: ProxyClient) -> None:
    request = signed(site, proxy)
    assert send(request).status_code == 200
    again = send(request)
    assert again.status_code == 401
    assert again.json()["error"]["code"] == "replayed"


def test_a_registration_is_taken_once(site: str, proxy: ProxyClient) -> None:
    key = signing.generate_private_key()
    body = (
        b'{"subscription_code":"CODE-1","phone_number":"+32470123456","name":"A","public_key":"'
        + signing.public_key_of(key).encode()
        + b'"}'
    )
    headers = {"Content-Type": "application/json"}
    request = requests.Request("POST", f"{site}/v1/clients", data=body, headers=headers).prepare()
    signing.sign(request, body, key_id="new", private_key=key)
    assert send(request).status_code == 200
    assert send(request).json()["error"]["code"] == "replayed"


def test_two_clients_may_use_the_same_nonce(site: str, registered: Callable[..., ProxyClient]) -> None:
    one, two = registered(), registered()
    Nonce.objects.create(signer=two.client_id, nonce="n", seen_at="2026-01-01T00:00:00Z")
    assert send(signed(site, one)).status_code == 200
    assert send(signed(site, two)).status_code == 200


@pytest.mark.parametrize("change", ["method", "path", "query", "body"])
def test_a_request_that_was_changed_on_its_way_is_refused(site: str, proxy: ProxyClient, change: str) -> None:
    request = signed(site, proxy, "POST", "/v1/client/phone-code")
    if change == "method":
        request = signed(site, proxy, "GET", "/v1/client/phone-code")
        request.method = "POST"
    elif change == "path":
        request.url = f"{site}/v1/client/phone-code/confirm"
        request.body, request.headers["Content-Length"] = b'{"code":"123456"}', "17"
    elif change == "query":
        request.url = f"{request.url}?x=1"
    else:
        request.body, request.headers["Content-Length"] = b"{}", "2"
    answer = send(request)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "signature_invalid"
    assert Client.objects.get().code_sent_at is None


def test_a_request_without_signature_is_refused(site: str, proxy: ProxyClient) -> None:
    answer = requests.get(f"{site}/v1/client", timeout=10)
    assert (answer.status_code, answer.json()["error"]["action"]) == (401, "contact_support")


def test_a_clock_that_is_off_is_told_by_how_much(proxy: ProxyClient) -> None:
    before = Nonce.objects.filter(signer=proxy.client_id).count()
    with time_machine.travel("2020-01-01T00:00:00Z", tick=False):
        request = signed(proxy.base_url, proxy)
    answer = send(request).json()["error"]
    assert answer["code"] == ClockSkew.code
    assert "seconds behind the proxy's" in answer["message"]
    assert Nonce.objects.filter(signer=proxy.client_id).count() == before


@pytest.mark.parametrize("client_id", [str(uuid.uuid4()), "not a uuid"])
def test_a_client_the_proxy_does_not_know_is_told_to_reconnect(site: str, proxy: ProxyClient, client_id: str) -> None:
    stranger = ProxyClient(site, client_id, private_key=proxy._private_key)
    with pytest.raises(ClientDisconnected) as caught:
        stranger.status()
    assert caught.value.action == "reconnect"


def test_another_client_s_id_is_not_enough(site: str, registered: Callable[..., ProxyClient]) -> None:
    alice, bob = registered(), registered()
    with pytest.raises(SignatureInvalid):
        ProxyClient(site, alice.client_id, private_key=bob._private_key).status()


def test_a_blocked_client_may_only_ask_how_it_stands_and_wake_up(proxy: ProxyClient) -> None:
    Client.objects.update(status=Client.Status.BLOCKED)
    assert proxy.status().status == "blocked"
    proxy.send_phone_code()
    for call in (proxy.events, lambda: proxy.accounts("x"), lambda: proxy.connection("x")):
        with pytest.raises(ClientBlocked) as caught:
            call()
        assert caught.value.action == "reactivate"
    with pytest.raises(NotFound):
        proxy.revoke("x")


def test_a_disconnected_client_learns_that_it_is(proxy: ProxyClient) -> None:
    Client.objects.update(status=Client.Status.DISCONNECTED)
    assert proxy.status().status == "disconnected"
    with pytest.raises(ClientDisconnected):
        proxy.events()


def test_nonces_are_forgotten_when_their_time_is_over(site: str, proxy: ProxyClient) -> None:
    request = signed(site, proxy)
    send(request)
    pruning.prune()
    assert send(request).json()["error"]["code"] == "replayed"
    Nonce.objects.update(seen_at="2020-01-01T00:00:00Z")
    pruning.prune()
    assert Nonce.objects.count() == 0
