"""Whatever stands in Salt Edge's answer, the result is a value or ``InvalidResponse``, and never anything else."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from foundation.money import LARGEST, to_units
from providers.decoding import decode
from providers.errors import InvalidResponse
from providers.saltedge import link, paging, parse
from providers.saltedge.errors import from_answer
from providers.types import TransactionPage, encode
from tests.providers.plaid.test_hostile import VALUES, spoilt, text_of
from tests.providers.saltedge import payload

TODAY = dt.date(2025, 3, 6)
STATE = link.State(
    link="abc",
    customer="222222222222222222",
    connection="",
    consent="",
    opened_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    expires_at=dt.datetime(2026, 1, 1, 1, tzinfo=dt.UTC),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.integers(0, 30), max_size=6), VALUES)
def test_a_page_of_transactions(path: list[int], value: Any) -> None:
    try:
        rows = parse.transactions(text_of(spoilt(msgspec.json.decode(payload("transactions")), path, value)))
    except InvalidResponse as error:
        assert "Salt Edge" in error.message
        return
    for row in rows.transactions:
        assert abs(row.amount) <= LARGEST
        assert to_units(row.amount) == row.amount * 10_000
    # What was accepted can cross the wire and means the same on the other side.
    sent = TransactionPage(transactions=rows.transactions, position="p", has_more=False)
    received = decode(encode(sent), TransactionPage, sender="The proxy")
    assert [(row.id, row.amount) for row in received.transactions] == [
        (row.id, row.amount) for row in rows.transactions
    ]
    position = paging.after(paging.Position(), rows, today=TODAY)
    assert paging.Position.load(paging.ended(position).dump()) == paging.ended(position)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(0, 30), max_size=6), VALUES)
def test_accounts_and_the_directory(path: list[int], value: Any) -> None:
    for name, read in (("accounts", parse.accounts), ("providers", parse.institutions)):
        try:
            found, _ = read(text_of(spoilt(msgspec.json.decode(payload(name)), path, value)))
        except InvalidResponse as error:
            assert "Salt Edge" in error.message
            continue
        assert all(each.name is not None for each in found)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(0, 30), max_size=6), VALUES)
@example([0, 0, 0], 0)
def test_a_connection_and_its_consents(path: list[int], value: Any) -> None:
    try:
        told = decode(
            text_of(spoilt(msgspec.json.decode(payload("connection")), path, value)), link.Shown, sender="Salt Edge"
        ).data
    except InvalidResponse as error:
        assert "Salt Edge" in error.message
    else:
        assert link.is_of(STATE, told) in (True, False)
        wrong = link.what_is_wrong(told)
        assert wrong is None or wrong.action
        if told.last_attempt is not None:
            assert link.stand(told.last_attempt) in ("waiting", "connected", "failed")
    try:
        consents = decode(
            text_of(spoilt(msgspec.json.decode(payload("consents")), path, value)), link.Consents, sender="Salt Edge"
        )
    except InvalidResponse as error:
        assert "Salt Edge" in error.message
    else:
        assert all(consent.id for consent in consents.data)


@settings(max_examples=200, deadline=None)
@given(
    st.integers(300, 599),
    st.dictionaries(
        st.sampled_from(["error", "error_class", "error_message", "next_refresh_possible_at"]),
        VALUES | st.dictionaries(st.sampled_from(["class", "message", "request_id"]), VALUES),
    ),
)
def test_an_error(status: int, told: dict[str, Any]) -> None:
    error = from_answer(status, text_of(told))
    assert error.message
    assert error.action


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_bytes_that_are_no_answer_at_all(body: bytes) -> None:
    try:
        parse.transactions(body)
    except InvalidResponse as error:
        assert "Salt Edge" in error.message
    else:
        raise AssertionError("random bytes were taken for a page")
