"""The code sent to a phone: good once, for a while, for a few attempts."""

from __future__ import annotations

import datetime as dt
import logging
import re
from typing import Any

import pytest
from django.utils import timezone

from providers.client import ProxyClient
from providers.errors import BadRequest, NotSupported, RateLimited
from proxy.models import Client
from tests.proxy.conftest import row_of


def sent_code(proxy: ProxyClient, caplog: pytest.LogCaptureFixture) -> str:
    """Has a code sent; reads it where it is shown in development."""
    caplog.set_level(logging.INFO)
    caplog.clear()
    proxy.send_phone_code()
    found = re.search(r"ends in 56 is (\d{6})", caplog.text)
    assert found is not None
    return found.group(1)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_the_code_confirms_the_number(proxy: ProxyClient, caplog: pytest.LogCaptureFixture) -> None:
    code = sent_code(proxy, caplog)
    assert proxy.confirm_phone_code(f" {code} ").phone_confirmed
    assert proxy.status().phone_confirmed
    assert code not in row_of(proxy).code_digest


def test_the_code_wakes_a_blocked_client(proxy: ProxyClient, caplog: pytest.LogCaptureFixture) -> None:
    Client.objects.update(status=Client.Status.BLOCKED)
    assert proxy.confirm_phone_code(sent_code(proxy, caplog)).status == "active"


def test_the_code_does_not_bring_back_who_was_disconnected(
    proxy: ProxyClient, caplog: pytest.LogCaptureFixture
) -> None:
    Client.objects.update(status=Client.Status.DISCONNECTED)
    assert proxy.confirm_phone_code(sent_code(proxy, caplog)).status == "disconnected"


def test_a_code_is_good_once(proxy: ProxyClient, caplog: pytest.LogCaptureFixture) -> None:
    code = sent_code(proxy, caplog)
    proxy.confirm_phone_code(code)
    with pytest.raises(BadRequest, match="new one"):
        proxy.confirm_phone_code(code)


def test_after_five_wrong_ones_the_right_one_is_too_late(proxy: ProxyClient, caplog: pytest.LogCaptureFixture) -> None:
    code = sent_code(proxy, caplog)
    for _ in range(5):
        with pytest.raises(BadRequest, match="not right"):
            proxy.confirm_phone_code(wrong(code))
    with pytest.raises(BadRequest, match="new one"):
        proxy.confirm_phone_code(code)
    assert not proxy.status().phone_confirmed


def test_a_code_is_good_for_ten_minutes(proxy: ProxyClient, caplog: pytest.LogCaptureFixture) -> None:
    code = sent_code(proxy, caplog)
    Client.objects.update(code_sent_at=timezone.now() - dt.timedelta(minutes=10, seconds=1))
    with pytest.raises(BadRequest, match="new one"):
        proxy.confirm_phone_code(code)


def test_without_a_code_there_is_nothing_to_confirm(proxy: ProxyClient) -> None:
    with pytest.raises(BadRequest, match="new one"):
        proxy.confirm_phone_code("000000")


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "1234567"])
def test_what_is_no_code_is_no_attempt(proxy: ProxyClient, caplog: pytest.LogCaptureFixture, code: str) -> None:
    sent_code(proxy, caplog)
    with pytest.raises(BadRequest, match="code"):
        proxy.confirm_phone_code(code)
    assert row_of(proxy).code_attempts == 0


def test_a_new_code_is_not_sent_within_a_minute(proxy: ProxyClient, caplog: pytest.LogCaptureFixture) -> None:
    code = sent_code(proxy, caplog)
    with pytest.raises(RateLimited) as caught:
        proxy.send_phone_code()
    assert caught.value.retry_at is not None
    assert proxy.confirm_phone_code(code).phone_confirmed


def test_in_production_no_code_is_logged(proxy: ProxyClient, settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.IS_PRODUCTION = True
    caplog.set_level(logging.DEBUG)
    with pytest.raises(NotSupported, match="PROXY_PHONE_CODE_SENDER"):
        proxy.send_phone_code()
    assert not re.search(r"\bis \d{6}\b", caplog.text)
