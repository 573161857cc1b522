"""The code sent to a phone: good once, for a while, for a few attempts; not sent for ever, and not to everyone."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from providers.client import ProxyClient
from providers.errors import BadRequest, ClientDisconnected, CodeSpent, CodeWrong, MessageNotSent, RateLimited
from proxy.models import Client, Incident, Subscription
from tests.providers.wire import HANG_UP, Said
from tests.proxy.conftest import PHONE, Phone, row_of, unregistered


@pytest.fixture
def fresh(site: str, subscription: Subscription) -> ProxyClient:
    """A client that has registered and not confirmed its phone."""
    made = unregistered(site)
    made.register(subscription.code, PHONE, name="Acme")
    return made


def sent_code(proxy: ProxyClient, phone: Phone) -> str:
    """Has a code sent; reads it on the phone."""
    before = len(phone.texts)
    proxy.send_phone_code()
    assert len(phone.texts) == before + 1
    return phone.code


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_the_code_confirms_the_number(fresh: ProxyClient, phone: Phone) -> None:
    code = sent_code(fresh, phone)
    assert not fresh.status().phone_confirmed
    assert fresh.confirm_phone_code(f" {code} ").phone_confirmed
    assert fresh.status().phone_confirmed
    assert code not in row_of(fresh).code_digest
    assert phone.wire.seen[-1].json()["to"] == PHONE


def test_the_code_wakes_a_blocked_client(proxy: ProxyClient, phone: Phone) -> None:
    Client.objects.update(status=Client.Status.BLOCKED)
    assert proxy.confirm_phone_code(sent_code(proxy, phone)).status == "active"


def test_no_code_is_sent_to_who_was_disconnected(proxy: ProxyClient, phone: Phone) -> None:
    code = sent_code(proxy, phone)
    Client.objects.update(status=Client.Status.DISCONNECTED, code_sent_at=timezone.now() - dt.timedelta(minutes=2))
    with pytest.raises(ClientDisconnected):
        proxy.send_phone_code()
    assert proxy.confirm_phone_code(code).status == "disconnected"


def test_a_code_is_good_once(fresh: ProxyClient, phone: Phone) -> None:
    code = sent_code(fresh, phone)
    fresh.confirm_phone_code(code)
    with pytest.raises(CodeSpent, match="new one"):
        fresh.confirm_phone_code(code)


def test_after_five_wrong_ones_the_right_one_is_too_late(fresh: ProxyClient, phone: Phone) -> None:
    code = sent_code(fresh, phone)
    for _ in range(5):
        with pytest.raises(CodeWrong, match="not right"):
            fresh.confirm_phone_code(wrong(code))
    with pytest.raises(CodeSpent, match="new one"):
        fresh.confirm_phone_code(code)
    assert not fresh.status().phone_confirmed


def test_a_code_is_good_for_ten_minutes(fresh: ProxyClient, phone: Phone) -> None:
    code = sent_code(fresh, phone)
    Client.objects.update(code_sent_at=timezone.now() - dt.timedelta(minutes=10, seconds=1))
    with pytest.raises(CodeSpent, match="new one"):
        fresh.confirm_phone_code(code)


def test_without_a_code_there_is_nothing_to_confirm(fresh: ProxyClient) -> None:
    with pytest.raises(CodeSpent, match="new one"):
        fresh.confirm_phone_code("000000")


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "1234567"])
def test_what_is_no_code_is_no_attempt(fresh: ProxyClient, phone: Phone, code: str) -> None:
    sent_code(fresh, phone)
    with pytest.raises(BadRequest, match="code"):
        fresh.confirm_phone_code(code)
    assert row_of(fresh).code_attempts == 0


def test_a_new_code_is_not_sent_within_a_minute(fresh: ProxyClient, phone: Phone) -> None:
    code = sent_code(fresh, phone)
    with pytest.raises(RateLimited) as caught:
        fresh.send_phone_code()
    assert caught.value.retry_at is not None
    assert len(phone.texts) == 1
    assert fresh.confirm_phone_code(code).phone_confirmed


def test_a_new_code_makes_the_one_before_useless(fresh: ProxyClient, phone: Phone) -> None:
    old = sent_code(fresh, phone)
    Client.objects.update(code_sent_at=timezone.now() - dt.timedelta(seconds=61))
    new = sent_code(fresh, phone)
    if old != new:
        with pytest.raises(CodeWrong):
            fresh.confirm_phone_code(old)
    assert fresh.confirm_phone_code(new).phone_confirmed


def test_a_client_gets_so_many_codes_in_a_day(fresh: ProxyClient, phone: Phone, settings: Any) -> None:
    settings.GUARD = {**settings.GUARD, "codes": 3}
    for _ in range(3):
        sent_code(fresh, phone)
        Client.objects.update(code_sent_at=timezone.now() - dt.timedelta(minutes=2))
    with pytest.raises(RateLimited, match="today"):
        fresh.send_phone_code()
    Incident.objects.update(at=timezone.now() - dt.timedelta(days=1, seconds=1))
    assert fresh.confirm_phone_code(sent_code(fresh, phone)).phone_confirmed


def test_a_number_gets_so_many_codes_in_a_day(
    registered: Callable[..., ProxyClient], phone: Phone, settings: Any
) -> None:
    settings.GUARD = {**settings.GUARD, "codes_to_a_number": 2}
    registered()
    one = registered()
    with pytest.raises(RateLimited, match="today"):
        one.send_phone_code()
    registered(phone_number="+32470123499")
    assert len(phone.texts) == 3


def test_the_number_can_be_changed_until_it_is_confirmed(
    site: str, fresh: ProxyClient, phone: Phone, subscription: Subscription
) -> None:
    old = sent_code(fresh, phone)
    fresh.register(subscription.code, "+32470123499", name="Acme")
    with pytest.raises(CodeSpent):
        fresh.confirm_phone_code(old)
    assert fresh.confirm_phone_code(sent_code(fresh, phone)).phone_hint == "+32 ··· ·· ·· 99"
    assert phone.wire.seen[-1].json()["to"] == "+32470123499"
    fresh.register(subscription.code, PHONE, name="Acme")
    assert str(row_of(fresh).phone_number) == "+32470123499"


@pytest.mark.parametrize("answer", [HANG_UP, Said(status=401), Said(status=500, body=b"<html>")])
def test_a_message_that_did_not_leave_may_be_asked_for_again_at_once(
    fresh: ProxyClient, phone: Phone, answer: Said | None
) -> None:
    phone.wire.say(answer)
    with pytest.raises(MessageNotSent) as caught:
        fresh.send_phone_code()
    assert caught.value.action == "retry"
    lost = phone.code
    with pytest.raises(CodeSpent):
        fresh.confirm_phone_code(lost)
    phone.wire.say(b"{}")
    assert fresh.confirm_phone_code(sent_code(fresh, phone)).phone_confirmed


def test_a_gateway_is_spoken_to_in_its_own_words(fresh: ProxyClient, phone: Phone, settings: Any) -> None:
    settings.MESSAGE_GATEWAY = {
        **settings.MESSAGE_GATEWAY,
        "url": f"{phone.wire.url}/v2/sms?account=7",
        "format": "form",
        "to_field": "recipient",
        "text_field": "body",
        "token_header": "X-Api-Key",
        "token": "canary-gateway-token",
    }
    settings.MESSAGE_FIELDS = {"from": "banksync"}
    # What a gateway answers is its own affair, as long as it is a success.
    phone.wire.say(Said(status=202, body=b"accepted", headers={"Content-Type": "text/plain"}))
    fresh.send_phone_code()
    seen = phone.wire.seen[-1]
    assert seen.target == "/v2/sms?account=7"
    assert seen.headers["X-Api-Key"] == "canary-gateway-token"
    assert seen.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert seen.body.startswith(b"from=banksync&recipient=%2B32470123456&body=")


def test_no_code_is_logged(fresh: ProxyClient, phone: Phone, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    code = sent_code(fresh, phone)
    fresh.confirm_phone_code(code)
    phone.wire.say(Said(status=400, body=phone.wire.seen[-1].body))
    Client.objects.update(code_sent_at=None)
    with pytest.raises(MessageNotSent):
        fresh.send_phone_code()
    assert code not in caplog.text
    assert phone.code not in caplog.text


def test_in_development_the_log_may_be_the_phone(
    fresh: ProxyClient, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.MESSAGES = "log"
    caplog.set_level(logging.INFO)
    fresh.send_phone_code()
    assert "ends in 56" in caplog.text
