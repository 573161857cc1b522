"""Salt Edge's JSON as neutral types: every field, and every value that must be refused."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from providers.errors import InvalidResponse
from providers.saltedge import parse
from providers.types import (
    AccountData,
    BalanceData,
    CapabilitiesData,
    CounterpartyData,
    InstitutionData,
    TransactionData,
)
from tests.providers.saltedge import payload
from tests.providers.saltedge.wire_saltedge import listed, row


def rows(*told: dict[str, Any]) -> tuple[TransactionData, ...]:
    return parse.transactions(msgspec.json.encode(listed(*told))).transactions


def test_every_field_of_a_transaction() -> None:
    page = parse.transactions(payload("transactions"))
    first = msgspec.structs.replace(page.transactions[0], raw=msgspec.Raw(b"null"))
    assert first == TransactionData(
        id="444444444444444444",
        status="posted",
        # The day on the statement, not the day it was paid.
        booking_date=dt.date(2025, 3, 3),
        value_date=None,
        amount=Decimal("-12.50"),
        currency="EUR",
        original_amount=Decimal("-13.20"),
        original_currency="USD",
        counterparty=CounterpartyData(name="Bakery"),
        remittance="BAKERY LEUVEN TERMINAL 12",
        kind="normal",
        pending_id="",
        is_flagged_duplicate=False,
        raw=msgspec.Raw(b"null"),
    )
    assert page.next_id == "444444444444444990"
    assert page.updated[0] == dt.datetime(2025, 3, 4, 9, 0, 10, tzinfo=dt.UTC)


def test_scientific_amounts_numeric_ids_and_flags() -> None:
    came_in = parse.transactions(payload("transactions")).transactions[1]
    assert (came_in.id, came_in.amount, came_in.is_flagged_duplicate) == ("1234", Decimal("1500.00"), True)
    assert came_in.counterparty == CounterpartyData(name="Müller & Söhne GmbH", account_number="DE89370400440532013000")
    assert (came_in.booking_date, came_in.kind) == (dt.date(2025, 3, 4), "transfer")


def test_a_pending_row_with_nothing_in_it() -> None:
    pending = parse.transactions(payload("transactions")).transactions[2]
    assert (pending.id, pending.status, pending.remittance) == ("9223372036854775807", "pending", "")
    assert (pending.amount, pending.amount.is_signed()) == (Decimal("0.00"), False)
    assert pending.counterparty == CounterpartyData()


def test_an_account_number_beside_an_empty_name() -> None:
    went_out = parse.transactions(payload("transactions")).transactions[3]
    assert went_out.counterparty == CounterpartyData(name="P. Garage", account_number="NL91ABNA0417164300")
    assert went_out.amount == Decimal("-0.005")
    # The same currency again is no other currency.
    assert (went_out.original_amount, went_out.original_currency) == (None, "")
    assert parse.transactions(payload("transactions")).updated[3] is None


def test_the_other_side_is_chosen_by_the_sign() -> None:
    both = {"payee": "Payee", "payer": "Payer"}
    out, into = rows(row("1", amount=-1, extra=both), row("2", amount=1, extra=both))
    assert (out.counterparty.name, into.counterparty.name) == ("Payee", "Payer")


def test_the_provider_s_own_json_is_kept_with_each_transaction() -> None:
    kept = parse.transactions(payload("transactions")).transactions[0].raw
    assert msgspec.json.decode(kept)["extra"]["a_field_of_next_year"] == [1, {"x": None}]
    assert bytes(kept) in payload("transactions")


def test_a_status_nobody_knows_is_not_money_that_moved() -> None:
    assert rows(row("1", status="held"))[0].status == "pending"


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        (b"12345678901.2345", "12345678901.2345"),
        (b"-99999999999999.9999", "-99999999999999.9999"),
        (b"1.25E+1", "12.50"),
        (b"-5e-3", "-0.005"),
        (b"0.10000000", "0.10"),
        (b"-0.0", "0.00"),
        (b'"7.25"', "7.25"),
    ],
)
def test_an_amount_is_read_from_its_text(text: bytes, amount: str) -> None:
    body = msgspec.json.encode(listed(row("1"))).replace(b'"amount":-1', b'"amount":' + text)
    assert str(parse.transactions(body).transactions[0].amount) == amount


@pytest.mark.parametrize(
    "text", [b"100000000000000", b"1e400", b"0.00001", b'"NaN"', b'"twelve"', b"null", b"true", b"[1]"]
)
def test_an_amount_that_cannot_be_kept_is_refused_at_its_place(text: bytes) -> None:
    body = msgspec.json.encode(listed(row("1", amount=5), row("2")))
    with pytest.raises(InvalidResponse) as caught:
        parse.transactions(body.replace(b'"amount":-1', b'"amount":' + text))
    assert "$.data[1].amount" in caught.value.message
    assert "twelve" not in caught.value.message


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"currency_code": "XQQ"}, "at $.data[0].currency_code: unknown currency XQQ"),
        ({"currency_code": "euros"}, "at $.data[0].currency_code: the currency is not one"),
        ({"currency_code": None}, "at $.data[0].currency_code: it names no currency"),
        ({"currency_code": ...}, "at $.data[0]"),
        ({"id": ""}, "at $.data[0].id"),
        ({"id": -1}, "at $.data[0].id"),
        ({"id": 1.5}, "at $.data[0].id"),
        ({"id": ...}, "at $.data[0]"),
        ({"made_on": "2026-02-30"}, "at $.data[0].made_on"),
        ({"made_on": "2026-02-03T10:00:00Z"}, "at $.data[0].made_on"),
        ({"status": None}, "at $.data[0].status"),
        ({"duplicated": "no"}, "at $.data[0].duplicated"),
        ({"extra": []}, "at $.data[0].extra"),
        ({"extra": {"posting_date": "soon"}}, "at $.data[0].extra.posting_date"),
        ({"extra": {"original_amount": "a lot"}}, "at $.data[0].extra.original_amount"),
        (
            {"extra": {"original_amount": 1, "original_currency_code": "dollars"}},
            "at $.data[0].extra.original_currency_code: the currency is not one",
        ),
    ],
)
def test_what_cannot_be_understood_is_named_by_its_place(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidResponse) as caught:
        rows(row("1", **changes))
    assert words in caught.value.message


def test_every_field_of_an_account() -> None:
    (current, card, old), following = parse.accounts(payload("accounts"))
    assert following == ""
    assert current == AccountData(
        id="333333333333333333",
        name="Current",
        official_name="Fake account 1",
        currency="EUR",
        type="account",
        kind="current",
        number="BE71096123456769",
        mask="6769",
        holder="Jane Doe",
        is_closed=False,
        balance=BalanceData(
            booked=Decimal("2007.20"),
            available=Decimal("1900.00"),
            currency="EUR",
            at=dt.datetime(2025, 3, 4, 9, 1, tzinfo=dt.UTC),
        ),
    )
    assert card.kind == "cards"
    # What is told of a credit card is what was spent, which is not what the bank says is owed.
    assert card.balance.booked is None
    assert (card.mask, card.official_name, card.number) == ("8820", "", "")
    assert (old.id, old.is_closed, old.number) == ("335", True, "12345678")
    assert (old.balance.booked, old.balance.at) == (Decimal("0.00"), None)


def test_an_unreadable_balance_is_refused_at_its_place() -> None:
    with pytest.raises(InvalidResponse, match=r"\$\.data\[1\]\.balance"):
        parse.accounts(payload("accounts").replace(b"-410.5", b'"a lot"'))


def test_every_field_of_an_institution() -> None:
    (first, second), following = parse.institutions(payload("providers"))
    assert following == ""
    assert first == InstitutionData(
        id="saltedge:first_bank_be",
        provider="saltedge",
        name="First Bank",
        countries=("BE",),
        bic="FIRSBEBB",
        website="",
        is_beta=False,
        is_available=True,
        capabilities=CapabilitiesData(
            history_days=90,
            consent_days=180,
            refreshes_per_day=4,
            unattended=True,
            pending=True,
            stable_ids=True,
            account_kinds=("current", "savings"),
            can_narrow=True,
            holder_types=("business", "personal"),
        ),
    )
    # Listed, but hidden in the widget; it asks at each reading, in the words of an older version.
    assert not second.is_available
    assert second.capabilities == CapabilitiesData(
        history_days=365, consent_days=None, refreshes_per_day=288, unattended=False, can_narrow=True
    )
    assert (second.name, second.website, second.bic) == ("Crédit Très Agricole", "https://bank.example", "")
