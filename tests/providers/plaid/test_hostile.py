"""Whatever stands in Plaid's answer, the result is a value or ``InvalidResponse``, and never anything else."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation.money import LARGEST, to_units
from providers.decoding import decode
from providers.errors import InvalidResponse
from providers.plaid import parse
from providers.plaid.errors import from_answer
from providers.plaid.link import ItemStatus, LinkToken, visit
from providers.types import TransactionPage, encode
from tests.providers.plaid import payload

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["NaN", "1e999", "2026-02-30", "XQQ", "\ud83d", "a" * 300, -0.0, 1e308, 10**400])
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)


def spoilt(document: Any, path: list[int], value: Any) -> Any:
    """The document with the value put somewhere along the path of choices."""
    if not path or not isinstance(document, (dict, list)) or not document:
        return value
    keys = list(document) if isinstance(document, dict) else range(len(document))
    key = keys[path[0] % len(keys)]
    copy = dict(document) if isinstance(document, dict) else list(document)
    copy[key] = spoilt(document[key], path[1:], value)
    return copy


def text_of(document: Any) -> bytes:
    """As JSON, with the halves of characters that Python allows and msgspec does not write."""
    return json.dumps(document).encode()


@settings(max_examples=400, deadline=None)
@given(st.lists(st.integers(0, 30), max_size=6), VALUES)
def test_a_page_of_transactions(path: list[int], value: Any) -> None:
    body = text_of(spoilt(msgspec.json.decode(payload("sync_page")), path, value))
    try:
        page = decode(body, parse.SyncPage, sender="Plaid")
        rows = parse.transactions(page.added, at="$.added") + parse.transactions(page.modified, at="$.modified")
        balances = [account.balance for account in parse.accounts(page.accounts)]
    except InvalidResponse as error:
        assert "Plaid" in error.message
        return
    for row in rows:
        assert abs(row.amount) <= LARGEST
        assert to_units(row.amount) == row.amount * 10_000
    assert all(balance.booked is None or isinstance(balance.booked, Decimal) for balance in balances)
    # What was accepted can cross the wire and means the same on the other side.
    sent = TransactionPage(transactions=rows, position="p", has_more=False)
    received = decode(encode(sent), TransactionPage, sender="The proxy")
    assert [row.amount for row in received.transactions] == [row.amount for row in rows]
    assert [row.id for row in received.transactions] == [row.id for row in rows]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 30), max_size=5), VALUES)
def test_the_directory_and_the_state_of_an_item(path: list[int], value: Any) -> None:
    for name, kind in (("institutions", parse.InstitutionsPage), ("item", ItemStatus)):
        body = text_of(spoilt(msgspec.json.decode(payload(name)), path, value))
        try:
            told = decode(body, kind, sender="Plaid")
        except InvalidResponse as error:
            assert "Plaid" in error.message
            continue
        if isinstance(told, parse.InstitutionsPage):
            assert all(each.provider == "plaid" and each.name for each in parse.institutions(told))
        else:
            assert isinstance(told, ItemStatus)


@settings(max_examples=200, deadline=None)
@given(st.integers(300, 599), st.dictionaries(st.sampled_from(["error_type", "error_code", "request_id"]), VALUES))
def test_an_error(status: int, told: dict[str, Any]) -> None:
    error = from_answer(status, text_of(told))
    assert error.message
    assert error.action


@settings(max_examples=200, deadline=None)
@given(st.lists(st.fixed_dictionaries({}, optional={"finished_at": VALUES, "exit": VALUES, "results": VALUES})))
def test_how_a_visit_ended(sessions: list[dict[str, Any]]) -> None:
    try:
        told = decode(text_of({"link_sessions": sessions}), LinkToken, sender="Plaid")
    except InvalidResponse as error:
        assert "Plaid" in error.message
        return
    assert visit(told.link_sessions, is_update=False).status in {"waiting", "connected", "cancelled", "failed"}


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_bytes_that_are_no_answer_at_all(body: bytes) -> None:
    try:
        decode(body, parse.SyncPage, sender="Plaid")
    except InvalidResponse as error:
        assert "Plaid" in error.message
    else:
        raise AssertionError("random bytes were taken for a page")


def test_nesting_without_end() -> None:
    body = b'{"x":' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    try:
        decode(body, parse.SyncPage, sender="Plaid")
    except InvalidResponse as error:
        assert error.code == "invalid_response"
    else:
        raise AssertionError("it was taken")
