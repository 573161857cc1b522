"""What must stay secret is in no log and in no column, whatever happens."""

from __future__ import annotations

import logging

import pytest
from django.apps import apps
from django.conf import settings

from providers.client import ProxyClient
from providers.errors import FeedError
from tests.providers.plaid import payload
from tests.providers.plaid.wire_plaid import WirePlaid, failure, item, page
from tests.providers.wire import HANG_UP, Said
from tests.proxy.conftest import RETURN_URL, USER

ACCOUNT = "BxBXxLj1m4HMXBm9WZZmCWVbPjX16EHwv99vp"
CANARIES = ("access-sandbox-canary", "public-sandbox-canary", "link-sandbox-1", "canary-plaid-secret", "cursor-canary")


def test_no_secret_in_logs_and_tables(
    proxy: ProxyClient, plaid: WirePlaid, connected: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    _use_it_well(proxy, plaid, connected)
    _use_it_badly(proxy, plaid, connected)
    plaid.on("/item/remove", {})
    written = caplog.text + _all_columns()
    proxy.revoke(connected)
    written += caplog.text + _all_columns()
    assert proxy._private_key not in written
    assert str(settings.SECRET_KEY) not in written
    for canary in CANARIES:
        assert canary not in written
    # The test looks at something: what may be there is.
    assert proxy.client_id in written
    assert "connections" in caplog.text


def _use_it_well(proxy: ProxyClient, plaid: WirePlaid, connected: str) -> None:
    plaid.on("/item/get", item())
    plaid.on("/transactions/sync", page(next_cursor="cursor-canary", has_more=True))
    plaid.on("/accounts/get", payload("accounts"))
    proxy.connection(connected)
    proxy.accounts(connected)
    proxy.refresh(connected, user=None)
    page_one = proxy.transactions(connected, ACCOUNT)
    proxy.transactions(connected, ACCOUNT, position=page_one.position)
    proxy.update_connection(connected, return_url=RETURN_URL, language="en", user=USER)


def _use_it_badly(proxy: ProxyClient, plaid: WirePlaid, connected: str) -> None:
    echo = failure("ITEM_NOT_FOUND", error_message="no Item for access-sandbox-canary")
    for answer in (echo, HANG_UP, Said(status=502, body=b"<html>access-sandbox-canary"), Said(body=b'{"x": access-')):
        plaid.on("/accounts/get", answer)
        with pytest.raises(FeedError) as caught:
            proxy.accounts(connected)
        assert "canary" not in f"{caught.value!r} {caught.value.provider}"


def _all_columns() -> str:
    """Every value of every row, as the database has it."""
    rows = (row for model in apps.get_app_config("proxy").get_models() for row in model._default_manager.values_list())
    return "\n".join(str(row) for row in rows)
