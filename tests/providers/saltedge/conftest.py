"""What the tests of Salt Edge's adapter share."""

from __future__ import annotations

import pytest

from foundation import development_keys
from providers.saltedge.adapter import SaltEdgeAdapter
from tests.providers.saltedge.wire_saltedge import WireSaltEdge
from tests.providers.wire import WireServer


@pytest.fixture
def salt(wire: WireServer) -> WireSaltEdge:
    return WireSaltEdge(wire)


@pytest.fixture
def adapter(wire: WireServer) -> SaltEdgeAdapter:
    config = {
        "url": f"{wire.url}/api/v6",
        "app_id": "app-1",
        "secret": "secret-1",
        "private_key": development_keys.SALTEDGE_CLIENT_PRIVATE.replace("\n", "\\n"),
        "callback_key": development_keys.SALTEDGE_CALLBACK_PUBLIC,
    }
    return SaltEdgeAdapter.from_config(config)
