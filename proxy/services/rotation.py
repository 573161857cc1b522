"""The vault's keys, changed one after the other while clients go on."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import QuerySet

from foundation.resealing import Resealed, counted_by_key, reseal
from proxy.models import Flow, Grant
from proxy.services import flows, vault

_GRANT = ("sealed_secret", "sealed_previous")
_FLOW = ("sealed_state", "sealed_answer")


@dataclass(frozen=True)
class Rotated:
    """What became of the connections, and of the visits to a bank's page that are still open."""

    connections: Resealed
    visits: Resealed


def rotate() -> Rotated:
    """Seals with the current key whatever an older one sealed. Visits that have ended are not opened any more."""
    return Rotated(
        connections=reseal(Grant.objects.all(), _GRANT, row_of=vault.row_of),
        visits=reseal(_open_visits(), _FLOW, row_of=flows.row_of),
    )


def by_key() -> Counter[str]:
    """How many values of the vault are sealed with which key, by the key's short name."""
    return counted_by_key(Grant.objects.all(), _GRANT) + counted_by_key(_open_visits(), _FLOW)


def _open_visits() -> QuerySet[Flow]:
    return Flow.objects.filter(status=Flow.Status.OPEN)
