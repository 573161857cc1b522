"""The providers this proxy has a contract with, each with its credentials out of the settings."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from django.conf import settings

from providers.base import Adapter
from providers.errors import NotFound
from providers.registry import adapter as make_adapter


@functools.cache
def adapter(name: str) -> Adapter:
    """The adapter called ``name``; one for the life of the process, so that connections to it are kept open.

    Raises ``NotFound`` for a provider this proxy has no contract with.
    """
    if name not in settings.PROVIDERS:
        raise NotFound("This proxy does not work with that provider.")
    return make_adapter(name, settings.PROVIDERS[name])


def all_adapters() -> Iterator[Adapter]:
    """Every provider this proxy has a contract with."""
    for name in settings.PROVIDERS:
        yield adapter(name)
