"""What the tests of the ground floor share: a server on a real socket, and payloads out of files."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from providers import client, http
from tests.providers.wire import WireServer, serving


@pytest.fixture
def wire() -> Iterator[WireServer]:
    with serving() as server:
        yield server


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reads are tried again as often as ever, but at once."""
    monkeypatch.setattr(client, "READ_PAUSES", (0.0, 0.0))
    monkeypatch.setattr(http, "READ_PAUSES", (0.0, 0.0))
