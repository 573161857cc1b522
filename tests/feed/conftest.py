"""The far side, started once for these tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from scripts.services import Services
from tests.feed.pretend import FarSide, far_side


@pytest.fixture(scope="session")
def running_far_side(servers: Services, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FarSide]:
    with far_side(servers, tmp_path_factory.mktemp("far-side")) as far:
        yield far


@pytest.fixture
def far(running_far_side: FarSide, settings: Settings) -> Iterator[FarSide]:
    """Proxy and pretend banks, with no faults armed and on today's date; the app is pointed at them."""
    settings.PROXY_URL = running_far_side.proxy_url
    running_far_side.reset()
    yield running_far_side
    running_far_side.reset()
