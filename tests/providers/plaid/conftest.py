"""What the tests of Plaid's adapter share."""

from __future__ import annotations

import pytest

from providers.plaid.adapter import PlaidAdapter
from tests.providers.plaid.wire_plaid import WirePlaid
from tests.providers.wire import WireServer


@pytest.fixture
def plaid(wire: WireServer) -> WirePlaid:
    return WirePlaid(wire)


@pytest.fixture
def adapter(wire: WireServer) -> PlaidAdapter:
    config = {
        "url": wire.url,
        "client_id": "id-1",
        "secret": "secret-1",
        "client_name": "A name longer than thirty letters",
    }
    return PlaidAdapter.from_config(config)
