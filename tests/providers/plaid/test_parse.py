"""Plaid's JSON as neutral types: every field, and every value that must be refused."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from providers.decoding import decode
from providers.errors import InvalidResponse
from providers.plaid import parse
from providers.types import (
    AccountData,
    BalanceData,
    CapabilitiesData,
    CounterpartyData,
    InstitutionData,
    TransactionData,
)
from tests.providers.plaid import payload

ACCOUNT = "BxBXxLj1m4HMXBm9WZZmCWVbPjX16EHwv99vp"


def sync_page() -> parse.SyncPage:
    return decode(payload("sync_page"), parse.SyncPage, sender="Plaid")


def without_raw(rows: tuple[TransactionData, ...]) -> list[TransactionData]:
    empty = msgspec.Raw(b"null")
    return [msgspec.structs.replace(row, raw=empty) for row in rows]


def row(**changes: Any) -> msgspec.Raw:
    """A good row of ``added`` with some fields changed; ``...`` leaves a field out."""
    good = {
        "transaction_id": "t",
        "account_id": "a",
        "amount": 1,
        "iso_currency_code": "USD",
        "unofficial_currency_code": None,
        "date": "2026-01-31",
        "name": "n",
        "pending": False,
    }
    merged = {key: value for key, value in {**good, **changes}.items() if value is not ...}
    return msgspec.Raw(msgspec.json.encode(merged))


def test_every_field_of_a_transaction() -> None:
    expected = TransactionData(
        id="lPNjeW1nR6CDn5okmGQ6hEpMo4lLNoSrzqDje",
        status="posted",
        booking_date=dt.date(2023, 9, 24),
        value_date=None,
        amount=Decimal("-72.10"),
        currency="USD",
        original_amount=None,
        original_currency="",
        # The merchant, not the marketplace that stands before it.
        counterparty=CounterpartyData(name="Walmart", account_number="", bic=""),
        remittance="WM SUPERCENTER 1700 CITY CA",
        kind="in store",
        pending_id="no86Eox18VHMvaOVL7gPUM9ap3aR1LsAVZ5nc",
        is_flagged_duplicate=False,
        raw=msgspec.Raw(b"null"),
    )
    assert without_raw(parse.transactions(sync_page().added, at="$.added"))[0] == expected


def test_money_that_comes_in_is_positive_and_its_payer_the_counterparty() -> None:
    came_in = parse.transactions(sync_page().added, at="$.added")[1]
    assert (came_in.amount, came_in.currency, came_in.kind) == (Decimal("1500.00"), "EUR", "transfer")
    assert came_in.counterparty == CounterpartyData(
        name="Müller & Söhne GmbH", account_number="DE89370400440532013000", bic="COBADEFFXXX"
    )
    assert came_in.remittance == "Invoice 4711"
    assert came_in.pending_id == ""


def test_without_counterparties_the_other_side_is_chosen_by_the_sign() -> None:
    went_out = parse.transactions(sync_page().added, at="$.added")[2]
    assert went_out.counterparty.name == "Landlord"
    came_in = row(amount=-1, payment_meta={"payer": "Customer", "payee": "Ourselves"})
    assert parse.transactions([came_in], at="$.added")[0].counterparty.name == "Customer"
    named = row(merchant_name="Shop", payment_meta={"payee": "SHOP 12"})
    assert parse.transactions([named], at="$.added")[0].counterparty.name == "Shop"


def test_four_decimals_and_an_unofficial_currency_are_kept() -> None:
    went_out = parse.transactions(sync_page().added, at="$.added")[2]
    assert (went_out.amount, went_out.currency) == (Decimal("-23631.9805"), "XBT")


def test_pending_is_told_apart_and_nothing_is_not_minus_nothing() -> None:
    page = sync_page()
    assert parse.transactions(page.added, at="$.added")[3].status == "pending"
    zero = parse.transactions(page.modified, at="$.modified")[0].amount
    assert (zero, zero.is_signed()) == (Decimal("0.00"), False)


def test_the_provider_s_own_json_is_kept_with_each_transaction() -> None:
    kept = parse.transactions(sync_page().added, at="$.added")[0].raw
    told = msgspec.json.decode(kept)
    assert told["a_field_of_next_year"] == {"deep": [1, 2, {"x": None}]}
    assert bytes(kept) in payload("sync_page")


def test_a_date_stays_the_day_it_is() -> None:
    later = row(date="2026-01-31", datetime="2026-02-01T07:00:00Z", authorized_date="2026-01-29")
    assert parse.transactions([later], at="$.added")[0].booking_date == dt.date(2026, 1, 31)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        (b"12345678901.2345", "-12345678901.2345"),
        (b"99999999999999.9999", "-99999999999999.9999"),
        (b"-0.1", "0.10"),
        (b"1e3", "-1000.00"),
        (b"0.10000000", "-0.10"),
        (b'"7.25"', "-7.25"),
    ],
)
def test_an_amount_is_read_from_its_text(text: bytes, amount: str) -> None:
    told = bytes(row()).replace(b'"amount":1', b'"amount":' + text)
    assert str(parse.transactions([msgspec.Raw(told)], at="$.added")[0].amount) == amount


@pytest.mark.parametrize(
    "text",
    [
        b"100000000000000",
        b"1e400",
        b"1e999999999",
        b"0.00001",
        b"1e-5",
        b"1.00000000000000000000000000000001",
        b'"NaN"',
        b'"twelve"',
        b'"Infinity"',
        b"null",
        b"true",
        b"[1]",
    ],
)
def test_an_amount_that_cannot_be_kept_is_refused_at_its_place(text: bytes) -> None:
    told = bytes(row()).replace(b'"amount":1', b'"amount":' + text)
    with pytest.raises(InvalidResponse) as caught:
        parse.transactions([row(), msgspec.Raw(told)], at="$.added")
    assert "$.added[1].amount" in caught.value.message
    assert "twelve" not in caught.value.message


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"iso_currency_code": "XQQ"}, "at $.added[0]: unknown currency XQQ"),
        ({"iso_currency_code": "dollars"}, "at $.added[0]: the currency is not one"),
        ({"iso_currency_code": None}, "at $.added[0]: it names no currency"),
        ({"iso_currency_code": ..., "unofficial_currency_code": ...}, "at $.added[0]: it names no currency"),
        ({"iso_currency_code": None, "unofficial_currency_code": "DOGE"}, "at $.added[0]: its unofficial currency"),
        ({"transaction_id": ""}, "at $.added[0].transaction_id"),
        ({"transaction_id": "x" * 256}, "at $.added[0].transaction_id"),
        ({"transaction_id": ...}, "at $.added[0]"),
        ({"date": "2026-02-30"}, "at $.added[0].date"),
        ({"date": "2026-01-31T10:00:00Z"}, "at $.added[0].date"),
        ({"date": None}, "at $.added[0].date"),
        ({"pending": "no"}, "at $.added[0].pending"),
        ({"counterparties": [{"name": 1}]}, "at $.added[0].counterparties[0].name"),
    ],
)
def test_what_cannot_be_understood_is_named_by_its_place(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidResponse) as caught:
        parse.transactions([row(**changes)], at="$.added")
    assert words in caught.value.message


def test_every_field_of_an_account() -> None:
    page = decode(payload("accounts"), parse.AccountsPage, sender="Plaid")
    checking, card, loan, wallet = parse.accounts(page.accounts)
    assert checking == AccountData(
        id="checking-1",
        name="Operating account",
        official_name="Business Checking",
        currency="USD",
        type="checking",
        kind="current",
        number="",
        mask="0000",
        holder="",
        is_closed=False,
        balance=BalanceData(booked=Decimal("110.55"), available=Decimal("100.00"), currency="USD", at=None),
    )
    # What is owed on a card is a debt of its holder.
    assert card.balance == BalanceData(booked=Decimal("-410.50"), available=Decimal("7590.00"), currency="USD")
    assert (card.mask, card.official_name) == ("", "")
    assert loan.type == "loan"
    assert [account.kind for account in (card, loan, wallet)] == ["cards", "loans", ""]
    assert loan.balance.booked is not None
    assert not loan.balance.booked.is_signed()
    assert wallet.balance == BalanceData(booked=None, available=None, currency="XBT")


def test_a_balance_is_that_of_its_account_or_nothing() -> None:
    rows = sync_page().accounts
    assert parse.balance_of(rows, ACCOUNT) == BalanceData(
        booked=Decimal("110.94"),
        available=Decimal("110.94"),
        currency="USD",
        at=dt.datetime(2023, 9, 24, 10, tzinfo=dt.UTC),
    )
    assert parse.balance_of(rows, ACCOUNT.lower()) is None


def test_an_unreadable_balance_is_refused_at_its_place() -> None:
    told = payload("accounts").replace(b'"current": 410.5', b'"current": "a lot"')
    page = decode(told, parse.AccountsPage, sender="Plaid")
    with pytest.raises(InvalidResponse, match=r"\$\.accounts\[1\]\.balances\.current"):
        parse.accounts(page.accounts)


def test_every_field_of_an_institution() -> None:
    page = decode(payload("institutions"), parse.InstitutionsPage, sender="Plaid")
    royal, credit = parse.institutions(page)
    assert royal == InstitutionData(
        id="plaid:ins_117650",
        provider="plaid",
        name="Royal Bank of Plaid",
        countries=("US", "CA"),
        bic="",
        website="https://www.plaid.com",
        is_beta=False,
        is_available=True,
        capabilities=CapabilitiesData(
            history_days=730,
            pending=True,
            stable_ids=True,
            account_kinds=("current", "savings", "cards", "loans"),
            can_narrow=True,
        ),
    )
    assert (credit.name, credit.website) == ("Crédit Très Agricole", "")
