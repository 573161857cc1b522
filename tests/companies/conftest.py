"""What the worker does, done where it is asked for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from banksync.celery import app


@pytest.fixture
def tasks_at_once() -> Iterator[None]:
    """Tasks run in the place of being queued."""
    app.conf.task_always_eager = app.conf.task_eager_propagates = True
    yield
    app.conf.task_always_eager = app.conf.task_eager_propagates = False


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Settings) -> None:
    """Hundreds of sign-ins: each would cost a quarter of a second for nothing."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
