"""The app's own sealed keys, brought to the current sealing key while everything goes on."""

from __future__ import annotations

from collections import Counter

from connections.models import ProxyRegistration
from foundation.resealing import Resealed, counted_by_key, reseal

_COLUMNS = ("sealed_private_key",)


def rotate() -> Resealed:
    """Seals every company's key for the proxy with the current sealing key, where an older one was used."""
    return reseal(ProxyRegistration.objects.all(), _COLUMNS, row_of=lambda registration: registration.row)


def by_key() -> Counter[str]:
    """How many companies' keys are sealed with which key, by the key's short name."""
    return counted_by_key(ProxyRegistration.objects.all(), _COLUMNS)
