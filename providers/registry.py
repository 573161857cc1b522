"""Every provider the proxy can speak to, by name."""

from __future__ import annotations

from collections.abc import Mapping

from providers.base import Adapter
from providers.plaid.adapter import PlaidAdapter
from providers.ponto.adapter import PontoAdapter
from providers.saltedge.adapter import SaltEdgeAdapter

ADAPTERS: dict[str, type[Adapter]] = {
    PlaidAdapter.name: PlaidAdapter,
    SaltEdgeAdapter.name: SaltEdgeAdapter,
    PontoAdapter.name: PontoAdapter,
}


def adapter(name: str, config: Mapping[str, str]) -> Adapter:
    """The adapter called ``name``, with the proxy's own address and credentials. Raises ``KeyError`` for no such."""
    return ADAPTERS[name].from_config(config)
