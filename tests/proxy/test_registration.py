"""Who may become a client, and who is refused with which words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from providers import signing
from providers.client import ProxyClient
from providers.errors import BadRequest, ClientDisconnected, SignatureInvalid, SubscriptionRefused
from proxy.models import Client, Subscription
from tests.proxy.conftest import PHONE, make_subscription, row_of, unregistered


def test_a_key_becomes_a_client(site: str, subscription: Subscription) -> None:
    proxy = unregistered(site)
    told = proxy.register("CODE-1", "+32 470 12 34 56", name="Acme Books")
    row = row_of(proxy)
    assert told.client_id == str(row.client_id)
    assert (told.status, told.is_trial, told.phone_confirmed) == ("active", False, False)
    assert told.subscription_until == subscription.valid_until
    assert (row.name, str(row.phone_number)) == ("Acme Books", PHONE)
    assert proxy.status() == told


def test_the_same_key_again_is_the_same_client(site: str, subscription: Subscription) -> None:
    key = signing.generate_private_key()
    first = unregistered(site, key).register("CODE-1", PHONE, name="Acme")
    again = unregistered(site, key).register("CODE-1", PHONE, name="Acme")
    assert first == again
    assert Client.objects.count() == 1


def test_a_key_that_was_cut_off_does_not_come_back(registered: Callable[..., ProxyClient], site: str) -> None:
    proxy = registered()
    Client.objects.update(status=Client.Status.DISCONNECTED)
    with pytest.raises(ClientDisconnected):
        unregistered(site, proxy._private_key).register("CODE-1", PHONE, name="Acme")


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        ({}, "WRONG", "no subscription with this code"),
        ({"days": -1}, "CODE-2", "ended on"),
        ({"is_trial": True}, "CODE-2", "trial"),
    ],
)
def test_without_a_valid_subscription_there_is_no_client(
    site: str, subscription: Subscription, options: dict[str, Any], code: str, words: str
) -> None:
    make_subscription("CODE-2", **options)
    with pytest.raises(SubscriptionRefused, match=words) as caught:
        unregistered(site).register(code, PHONE, name="Acme")
    assert caught.value.action == "renew_subscription"
    assert caught.value.reference
    assert Client.objects.count() == 0


def test_the_last_day_of_a_subscription_is_a_good_day(site: str, transactional_db: None) -> None:
    make_subscription("TODAY", days=0)
    told = unregistered(site).register("TODAY", PHONE, name="Acme")
    assert told.subscription_until == dt.datetime.now(dt.UTC).date()


@pytest.mark.parametrize("number", ["0470123456", "+3247", "+999470123456", "not a number", "+32"])
def test_a_phone_number_must_be_one(site: str, subscription: Subscription, number: str) -> None:
    with pytest.raises(BadRequest, match="phone number is not valid"):
        unregistered(site).register("CODE-1", number, name="Acme")
    assert Client.objects.count() == 0


def test_who_does_not_hold_the_key_cannot_register_it(
    site: str, subscription: Subscription, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = signing.public_key_of(signing.generate_private_key())
    monkeypatch.setattr(signing, "public_key_of", lambda _private_key: victim)
    with pytest.raises(SignatureInvalid):
        unregistered(site).register("CODE-1", PHONE, name="Acme")
    assert Client.objects.count() == 0


def test_a_public_key_must_be_one(site: str, subscription: Subscription, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing, "public_key_of", lambda _private_key: "QUJD")
    with pytest.raises(BadRequest, match="public key is not one"):
        unregistered(site).register("CODE-1", PHONE, name="Acme")


def test_a_subscription_that_ended_stops_reading_but_not_the_status(proxy: ProxyClient) -> None:
    Subscription.objects.update(valid_until=dt.date(2020, 1, 31))
    with pytest.raises(SubscriptionRefused, match="2020-01-31"):
        proxy.accounts("anything")
    assert proxy.status().subscription_until == dt.date(2020, 1, 31)
    assert proxy.events().events == ()
