"""What the tests of Ponto's adapter share."""

from __future__ import annotations

import pytest

from providers.ponto import reading
from providers.ponto.adapter import PontoAdapter
from tests.providers.ponto.wire_ponto import WirePonto, config
from tests.providers.wire import WireServer


@pytest.fixture
def ponto(wire: WireServer, monkeypatch: pytest.MonkeyPatch) -> WirePonto:
    """Ponto as far as the adapter can tell; nobody waits between two looks."""
    monkeypatch.setattr(reading, "PAUSES", (0.0, 0.0))
    return WirePonto(wire)


@pytest.fixture
def adapter(wire: WireServer) -> PontoAdapter:
    return PontoAdapter.from_config(config(wire.url))
