"""The directory of institutions: taken over whole, its changes numbered, its pages read to the end."""

from __future__ import annotations

import time
from typing import Any

import msgspec
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from providers.client import ProxyClient
from providers.errors import InvalidResponse, ProviderDown
from proxy.models import Institution
from proxy.services import adapters, directory
from tests.providers.plaid.wire_plaid import WirePlaid, failure
from tests.providers.wire import Said, Seen
from tests.proxy.conftest import make_institution, unregistered


def serve(plaid: WirePlaid, names: dict[str, str]) -> None:
    """Plaid's directory with these names by id, in as many pages as are asked for."""
    told = [{"institution_id": key, "name": name, "country_codes": ["US"]} for key, name in names.items()]

    def answer(seen: Seen) -> Said:
        asked = seen.json()
        rows = told[asked["offset"] : asked["offset"] + asked["count"]]
        return Said(body=msgspec.json.encode({"institutions": rows, "total": len(told), "request_id": "q"}))

    plaid.wire.answer = answer


def synchronize() -> directory.Counts:
    return directory.synchronize(adapters.adapter("plaid"))


def changes(proxy: ProxyClient, after: int, limit: int = 1000) -> tuple[list[str], list[str], int]:
    """Names and removed ids after a number, over all pages, and the number to go on from."""
    names: list[str] = []
    removed: list[str] = []
    while True:
        page = proxy.institutions(after, limit=limit)
        names += [each.name for each in page.institutions]
        removed += page.removed
        after = page.next_after
        if not page.has_more:
            return names, removed, after


def test_all_of_it_is_read_in_pages(proxy: ProxyClient, plaid: WirePlaid) -> None:
    serve(plaid, {f"ins_{n}": f"Bank {n}" for n in range(7)})
    assert synchronize() == directory.Counts(seen=7, changed=7, removed=0)
    names, removed, _ = changes(proxy, 0, limit=3)
    assert names == [f"Bank {n}" for n in range(7)]
    assert removed == []


def test_who_is_not_registered_yet_may_look_for_a_bank(site: str, plaid: WirePlaid) -> None:
    make_institution()
    assert [each.name for each in unregistered(site).institutions().institutions] == ["First Bank"]


def test_only_what_changed_is_told_again(proxy: ProxyClient, plaid: WirePlaid) -> None:
    serve(plaid, {"a": "A", "b": "B", "c": "C"})
    synchronize()
    _, _, after = changes(proxy, 0)
    assert synchronize() == directory.Counts(seen=3, changed=0, removed=0)
    assert changes(proxy, after) == ([], [], after)
    serve(plaid, {"a": "A", "b": "B renamed", "d": "D"})
    assert synchronize() == directory.Counts(seen=3, changed=2, removed=1)
    names, removed, later = changes(proxy, after)
    assert (names, removed) == (["B renamed", "D"], ["plaid:c"])
    assert later > after


def test_what_came_back_is_told_again(proxy: ProxyClient, plaid: WirePlaid) -> None:
    serve(plaid, {"a": "A", "b": "B"})
    synchronize()
    serve(plaid, {"a": "A"})
    synchronize()
    _, _, after = changes(proxy, 0)
    serve(plaid, {"a": "A", "b": "B"})
    synchronize()
    assert changes(proxy, after)[:2] == (["B"], [])


def test_a_directory_that_lost_most_of_its_banks_is_not_believed(proxy: ProxyClient, plaid: WirePlaid) -> None:
    serve(plaid, {"a": "A", "b": "B", "c": "C"})
    synchronize()
    serve(plaid, {"a": "A renamed"})
    with pytest.raises(InvalidResponse, match="2 of 3 institutions vanished"):
        synchronize()
    assert changes(proxy, 0)[:2] == (["A", "B", "C"], [])


def test_a_directory_that_breaks_off_changes_nothing(transactional_db: None, plaid: WirePlaid) -> None:
    make_institution()
    plaid.on("/institutions/get", failure("INTERNAL_SERVER_ERROR", error_type="API_ERROR", status=500))
    with pytest.raises(ProviderDown):
        synchronize()
    assert Institution.objects.values_list("is_removed", flat=True).get() is False


def test_26_000_institutions_take_seconds_and_no_query_each(transactional_db: None, plaid: WirePlaid) -> None:
    names: dict[str, Any] = {f"ins_{n}": f"Bank number {n}" for n in range(26_000)}
    serve(plaid, names)
    started = time.monotonic()
    with CaptureQueriesContext(connection) as captured:
        assert synchronize().changed == 26_000
    assert time.monotonic() - started < 30
    assert len(captured) < 400
    with CaptureQueriesContext(connection) as captured:
        assert synchronize().changed == 0
    assert len(captured) < 10
