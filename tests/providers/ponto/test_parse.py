"""Ponto's JSON as neutral types, field by field."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from providers.decoding import decode
from providers.errors import InvalidResponse
from providers.ponto import parse
from providers.types import CounterpartyData, TransactionData
from tests.providers.ponto import payload

BRUSSELS = ZoneInfo("Europe/Brussels")
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


def rows(name: str) -> list[msgspec.Raw]:
    return decode(payload(name), parse.Page, sender="Ponto").data


def one(**attributes: Any) -> list[msgspec.Raw]:
    told = {"id": "t", "attributes": {"amount": 1, "currency": "EUR", **attributes}}
    return [msgspec.Raw(msgspec.json.encode(told))]


def read(**attributes: Any) -> TransactionData:
    (found,) = parse.transactions(one(**attributes), zone=BRUSSELS, is_pending=False)
    return found


def test_a_page_of_transactions() -> None:
    out, income, at_an_hour, bare = parse.transactions(rows("transactions"), zone=BRUSSELS, is_pending=False)
    assert (out.id, out.status, out.booking_date, out.value_date) == (
        "t-out",
        "posted",
        dt.date(2026, 3, 2),
        dt.date(2026, 3, 2),
    )
    assert (out.amount, out.currency, out.kind) == (Decimal("-72.10"), "EUR", "Wire transfer")
    assert out.counterparty == CounterpartyData(name="Electro Store", account_number="BE68539007547034")
    assert out.remittance == "+++123/4567/89012+++"
    assert msgspec.json.decode(out.raw)["attributes"]["digest"] == "aa"
    # Midnight at the bank is late in the evening of the day before in UTC.
    assert (income.booking_date, income.value_date) == (dt.date(2026, 3, 2), dt.date(2026, 3, 1))
    assert (income.amount, income.remittance) == (Decimal("1500.00"), "Invoice 7 March thanks")
    assert (at_an_hour.booking_date, at_an_hour.amount) == (dt.date(2026, 3, 1), Decimal("-23631.9805"))
    assert (bare.booking_date, bare.amount, bare.counterparty) == (
        dt.date(2026, 2, 28),
        Decimal("0.00"),
        CounterpartyData(),
    )


@pytest.mark.parametrize(
    ("moment", "zone", "day"),
    [
        ("2026-03-02T00:00:00.000Z", "Europe/Brussels", "2026-03-02"),
        ("2026-03-02T00:00:00Z", "America/New_York", "2026-03-02"),
        ("2026-03-02T00:00:00+00:00", "America/New_York", "2026-03-02"),
        ("2026-03-01T23:00:00.000Z", "Europe/Brussels", "2026-03-02"),
        ("2026-07-01T22:00:00.000Z", "Europe/Brussels", "2026-07-02"),
        ("2026-07-01T21:59:59.999Z", "Europe/Brussels", "2026-07-01"),
        ("2026-03-01T10:25:00.000Z", "Europe/Lisbon", "2026-03-01"),
        ("2026-03-02T00:30:00+02:00", "Europe/Helsinki", "2026-03-02"),
        ("2026-03-02T23:30:00", "Europe/Helsinki", "2026-03-02"),
        ("2026-03-02", "Europe/Helsinki", "2026-03-02"),
        ("2026-03-02T00:00:00.000Z", "of next year", "2026-03-02"),
    ],
)
def test_a_day_is_that_of_the_bank(moment: str, zone: str, day: str) -> None:
    found = parse.transactions(one(executionDate=moment), zone=parse.zone_named(zone), is_pending=False)
    assert found[0].booking_date == dt.date.fromisoformat(day)


@pytest.mark.parametrize("name", [None, "", "Europe/Nowhere", "../../etc/passwd", "\x00"])
def test_a_bank_without_a_known_zone_has_ponto_s_own(name: str | None) -> None:
    assert parse.zone_named(name) == BRUSSELS


@pytest.mark.parametrize(
    ("attributes", "place"),
    [
        ({"executionDate": "yesterday"}, "$.data[0].attributes.executionDate"),
        ({"executionDate": "2026-02-30T00:00:00.000Z"}, "$.data[0].attributes.executionDate"),
        ({"executionDate": "2026-01-01", "valueDate": "2026-13-01T10:00:00Z"}, "$.data[0].attributes.valueDate"),
        ({}, "$.data[0].attributes.executionDate"),
        ({"executionDate": "2026-01-01", "amount": "many"}, "$.data[0].attributes.amount"),
        ({"executionDate": "2026-01-01", "amount": None}, "$.data[0].attributes.amount"),
        ({"executionDate": "2026-01-01", "amount": 0.00001}, "$.data[0].attributes.amount"),
        ({"executionDate": "2026-01-01", "amount": 1e30}, "$.data[0].attributes.amount"),
        ({"executionDate": "2026-01-01", "currency": "XQQ"}, "$.data[0].attributes.currency"),
        ({"executionDate": "2026-01-01", "currency": None}, "$.data[0].attributes.currency"),
        ({"executionDate": 7}, "$.data[0].attributes.executionDate"),
    ],
)
def test_what_cannot_be_understood_is_named_by_its_place(attributes: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidResponse) as caught:
        read(**attributes)
    assert f"{place}:" in caught.value.message or f"{place}." in caught.value.message


def test_what_is_pending_may_have_no_day_of_its_own() -> None:
    (found,) = parse.transactions(one(createdAt="2026-03-01T23:30:00.000Z"), zone=BRUSSELS, is_pending=True)
    assert (found.status, found.booking_date) == ("pending", dt.date(2026, 3, 2))


def test_two_equal_movements_stay_two() -> None:
    told = one(executionDate="2026-03-01", digest="same")[0]
    other = msgspec.Raw(bytes(told).replace(b'"id":"t"', b'"id":"u"'))
    found = parse.transactions([told, other], zone=BRUSSELS, is_pending=False)
    assert [row.id for row in found] == ["t", "u"]


def test_accounts() -> None:
    current, card, mail = (parse.account_data(each) for each in parse.accounts(rows("accounts")))
    assert (current.id, current.name, current.official_name, current.type, current.holder) == (
        "8804e34f-12b0-4b70-86bf-265f013ca232",
        "Daily business",
        "Current account",
        "checking",
        "Malvina Dibbert",
    )
    assert (current.number, current.mask, current.is_closed) == ("BE53586671384412", "4412", False)
    assert (current.balance.booked, current.balance.available) == (Decimal("6386.04"), Decimal("6386.04"))
    assert [account.kind for account in (current, card)] == ["current", "cards"]
    assert current.balance.at == dt.datetime(2019, 9, 2, 11, 28, 36, 551000, tzinfo=dt.UTC)
    # A card's whole number stays where it is; what is owed is negative already.
    assert (card.number, card.mask, card.is_closed) == ("", "0483", True)
    assert (card.balance.booked, card.balance.available) == (Decimal("-410.50"), Decimal("4589.50"))
    assert (mail.number, mail.mask, mail.name, mail.currency) == ("", "", "Someone", "USD")
    assert (mail.balance.booked, mail.balance.at) == (None, None)


def test_institutions() -> None:
    told = {each.name: each for each in parse.institutions(rows("institutions"), now=NOON)}
    first = told["Fake Bank"]
    assert (first.id, first.provider, first.bic) == (
        "ponto:953934eb-229a-4fd2-8675-07794078cc7d",
        "ponto",
        "NBBEBEBB203",
    )
    assert (first.countries, first.is_beta, first.is_available) == (("BE",), False, True)
    assert [told[name].is_beta for name in ("New Bank", "Trial Bank", "World Bank")] == [True, True, False]
    assert told["World Bank"].countries == parse.COUNTRIES
    assert [told[name].is_available for name in ("Old Bank", "Closed Today Bank")] == [False, False]
    later = parse.institutions(rows("institutions"), now=NOON + dt.timedelta(hours=3))
    assert [each.is_available for each in later if each.name == "Closed Today Bank"] == [True]
