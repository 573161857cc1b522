"""Keys are changed while the proxy works: nothing is lost, whoever writes at the same time, and the old key can go."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from foundation import resealing
from foundation.sealing import SealBroken, current_key_id, needs_resealing, unseal
from providers.client import ProxyClient
from providers.errors import PositionLost
from proxy.models import Flow, Grant
from proxy.services import rotation
from tests.providers.plaid import payload
from tests.providers.plaid.wire_plaid import WirePlaid, approved, page, sessions
from tests.providers.wire import Answer, Seen
from tests.proxy.conftest import connect, start

NEW = "the new key"
ACCOUNT = "BxBXxLj1m4HMXBm9WZZmCWVbPjX16EHwv99vp"


def rotate(*arguments: str) -> str:
    out = StringIO()
    call_command("rotate_vault", *arguments, stdout=out)
    return out.getvalue()


def add_key(settings: Any) -> None:
    settings.SEALING_KEYS = [NEW, *settings.SEALING_KEYS]


def drop_old_keys(settings: Any) -> None:
    settings.SEALING_KEYS = [NEW]


def test_connections_and_open_visits_go_to_the_new_key_and_the_old_one_can_go(
    proxy: ProxyClient, plaid: WirePlaid, connected: str, settings: Any
) -> None:
    ended = Flow.objects.get().sealed_state
    visit = start(proxy, plaid)
    old = current_key_id()
    add_key(settings)
    assert f"key {old}: 2 values\nleft on older keys: 2" in rotate("--count")
    said = rotate()
    assert "sealed anew: 1 connections, 1 open visits" in said
    assert f"key {current_key_id()} (the current one): 2 values\nleft on older keys: 0" in said
    assert Flow.objects.get(status="connected").sealed_state == ended
    assert "sealed anew: 0 connections, 0 open visits" in rotate()
    drop_old_keys(settings)
    plaid.on("/accounts/get", payload("accounts"))
    proxy.accounts(connected)
    plaid.on("/link/token/get", sessions(approved("public-2")))
    plaid.on("/item/public_token/exchange", {"access_token": "access-2", "item_id": "item-2"})
    assert proxy.finish_connection(visit).status == "connected"


def test_it_goes_on_where_a_killed_one_stopped(
    proxy: ProxyClient, plaid: WirePlaid, connected: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(4):
        connect(proxy, plaid)
    add_key(settings)
    monkeypatch.setattr(resealing, "BATCH", 2)
    row_of, seen = rotation.vault.row_of, []

    def killed_at_the_third(grant: Grant) -> str:
        seen.append(grant.pk)
        if len(seen) == 3:
            raise KeyboardInterrupt
        return row_of(grant)

    monkeypatch.setattr(rotation.vault, "row_of", killed_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        rotate()
    assert sum(rotation.by_key()[key] for key in rotation.by_key() if key != current_key_id()) == 3
    monkeypatch.undo()
    assert "sealed anew: 3 connections" in rotate()


def test_what_does_not_open_is_named_and_the_others_are_done(
    proxy: ProxyClient, plaid: WirePlaid, connected: str, settings: Any
) -> None:
    broken = Grant.objects.get()
    connect(proxy, plaid)
    text = "v1.deadbeef.AAAA"
    Grant.objects.filter(pk=broken.pk).update(sealed_secret=text)
    add_key(settings)
    with pytest.raises(CommandError, match=f"connection {broken.pk}"):
        rotate()
    assert Grant.objects.get(pk=broken.pk).sealed_secret == text
    assert not needs_resealing(Grant.objects.exclude(pk=broken.pk).get().sealed_secret)


def test_a_fetch_goes_on_while_keys_are_rotated(
    proxy: ProxyClient, plaid: WirePlaid, connected: str, settings: Any
) -> None:
    add_key(settings)
    scripted = plaid.wire.answer

    def rotate_meanwhile(seen: Seen) -> Answer:
        if seen.path == "/transactions/sync":
            rotation.rotate()
            connection.close()
        return scripted(seen)

    plaid.wire.answer = rotate_meanwhile
    plaid.on("/transactions/sync", page(next_cursor="cursor-1", has_more=True))
    first = proxy.transactions(connected, ACCOUNT)
    drop_old_keys(settings)
    proxy.transactions(connected, ACCOUNT, position=first.position)
    assert plaid.calls("/transactions/sync")[-1]["cursor"] == "cursor-1"


def test_a_position_of_a_key_that_is_gone_is_said_to_be_lost(
    proxy: ProxyClient, plaid: WirePlaid, connected: str, settings: Any
) -> None:
    plaid.on("/transactions/sync", page(next_cursor="cursor-1", has_more=True))
    position = proxy.transactions(connected, ACCOUNT).position
    add_key(settings)
    rotate()
    drop_old_keys(settings)
    with pytest.raises(PositionLost) as caught:
        proxy.transactions(connected, ACCOUNT, position=position)
    assert (caught.value.code, caught.value.action) == ("position_lost", "retry")
    assert proxy.transactions(connected, ACCOUNT).position


def test_a_sealed_text_that_was_cut_does_not_open() -> None:
    for text in ("", "v1", "v1.x.y", f"v1.{current_key_id()}.AAAA", f"v1.{current_key_id()}.{'A' * 40}"):
        with pytest.raises(SealBroken):
            unseal(text, row="grant")
