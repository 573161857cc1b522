"""Whatever stands in Ponto's answer, the result is a value or ``InvalidResponse``, and never anything else."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation.money import LARGEST, to_units
from providers.decoding import decode
from providers.errors import InvalidResponse
from providers.http import Answer
from providers.ponto import errors, parse, webhooks
from providers.types import TransactionPage, encode
from tests.providers.plaid.test_hostile import VALUES, spoilt, text_of
from tests.providers.ponto import payload

NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
PATHS = st.lists(st.integers(0, 30), max_size=6)


@settings(max_examples=400, deadline=None)
@given(PATHS, VALUES, st.booleans())
def test_a_page_of_transactions(path: list[int], value: Any, is_pending: bool) -> None:
    body = text_of(spoilt(msgspec.json.decode(payload("transactions")), path, value))
    try:
        page = decode(body, parse.Page, sender="Ponto")
        rows = parse.transactions(page.data, zone=parse.DEFAULT_ZONE, is_pending=is_pending)
    except InvalidResponse as error:
        assert "Ponto" in error.message
        return
    for row in rows:
        assert abs(row.amount) <= LARGEST
        assert to_units(row.amount) == row.amount * 10_000
    # What was accepted can cross the wire and means the same on the other side.
    sent = TransactionPage(transactions=rows, position="p", has_more=False)
    received = decode(encode(sent), TransactionPage, sender="The proxy")
    assert [(row.id, row.amount) for row in received.transactions] == [(row.id, row.amount) for row in rows]


@settings(max_examples=300, deadline=None)
@given(PATHS, VALUES)
def test_accounts_and_the_directory(path: list[int], value: Any) -> None:
    for name in ("accounts", "institutions"):
        body = text_of(spoilt(msgspec.json.decode(payload(name)), path, value))
        try:
            page = decode(body, parse.Page, sender="Ponto")
            if name == "accounts":
                encode(tuple(parse.account_data(each) for each in parse.accounts(page.data)))
            else:
                encode(parse.institutions(page.data, now=NOW))
        except InvalidResponse as error:
            assert "Ponto" in error.message


@settings(max_examples=200, deadline=None)
@given(PATHS, VALUES)
def test_a_synchronization_and_a_message(path: list[int], value: Any) -> None:
    body = text_of(spoilt(msgspec.json.decode(payload("synchronization_failed")), path, value))
    try:
        one = decode(body, parse.One, sender="Ponto")
        told = decode(one.data, parse.Synchronization, sender="Ponto", within="$.data")
        assert errors.from_synchronization(told.errors).message
    except InvalidResponse as error:
        assert "Ponto" in error.message
    body = text_of(spoilt(msgspec.json.decode(payload("webhook")), path, value))
    try:
        assert len(webhooks.event(decode(body, webhooks.Body, sender="Ponto").data)) <= 1
    except InvalidResponse as error:
        assert "Ponto" in error.message


@settings(max_examples=200, deadline=None)
@given(st.integers(300, 599), PATHS, VALUES)
def test_an_error(status: int, path: list[int], value: Any) -> None:
    good = {"errors": [{"code": "x", "detail": "y", "meta": {"financialInstitutionResponse": {"body": "z"}}}]}
    for read, document in ((errors.from_answer, good), (errors.from_oauth_answer, {"error": "invalid_grant"})):
        error = read(Answer(status, text_of(spoilt(document, path, value))))
        assert error.message
        assert error.action


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_bytes_that_are_no_answer_at_all(body: bytes) -> None:
    with pytest.raises(InvalidResponse):
        decode(body, parse.Page, sender="Ponto")
