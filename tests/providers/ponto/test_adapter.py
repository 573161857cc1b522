"""Reading through Ponto's adapter: the accounts of one bank, transactions newest first, synchronizations."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from providers.errors import (
    ConsentExpired,
    InstitutionDown,
    InvalidResponse,
    NotFound,
    NotReady,
    PagesChanged,
    ProviderDown,
    SecretExpired,
)
from providers.ponto.adapter import PontoAdapter
from providers.types import EndUser, TransactionPage
from tests.providers.ponto import payload
from tests.providers.ponto.wire_ponto import (
    WirePonto,
    account,
    bank,
    failure,
    listed,
    secret,
    synchronization,
    transaction,
)
from tests.providers.wire import HANG_UP, Said

PERSON = EndUser(ip="192.0.2.7", agent="Firefox")
LIST = "GET /accounts/a-1/transactions"
SYNCHRONIZE = "POST /synchronizations"
BROKEN = {"status": "error", "errors": [{"code": "authorizationInvalid"}]}


def read(
    adapter: PontoAdapter, position: str = "", *, first_day: dt.date | None = None, limit: int = 500
) -> TransactionPage:
    return adapter.transactions(secret(), "a-1", position=position, first_day=first_day, limit=limit)


# --- the directory ---------------------------------------------------------------------------------------------------
def test_the_directory_is_public_and_read_to_its_end(ponto: WirePonto, adapter: PontoAdapter) -> None:
    following = f"{ponto.wire.url}/financial-institutions?page[after]=x&page[limit]=100"
    ponto.on(
        "GET /financial-institutions",
        listed(bank("bank-1", "First Bank"), following=following),
        listed(bank("bank-2", "Second Bank")),
    )
    assert [[each.name for each in page] for page in adapter.institutions()] == [["First Bank"], ["Second Bank"]]
    first, second = ponto.seen("GET /financial-institutions")
    assert "Authorization" not in first.headers
    assert second.target == "/financial-institutions?page%5Bafter%5D=x&page%5Blimit%5D=100"


# --- accounts --------------------------------------------------------------------------------------------------------
def test_a_connection_shows_the_accounts_of_its_own_bank(ponto: WirePonto, adapter: PontoAdapter) -> None:
    ponto.on("GET /accounts", listed(account("a-1"), account("b-1", institution="bank-2"), account("a-2")))
    assert [each.id for each in adapter.accounts(secret())] == ["a-1", "a-2"]
    assert [each.id for each in adapter.accounts(secret(institution="bank-2"))] == ["b-1"]
    assert ponto.seen("GET /accounts")[0].headers["Authorization"] == "Bearer access-1"


def test_its_health_says_whose_permission_it_shares(ponto: WirePonto, adapter: PontoAdapter) -> None:
    rows = (
        account("a-1", authorizationExpirationExpectedAt="2099-06-01T00:00:00.000Z"),
        account("a-2", authorizationExpirationExpectedAt="2099-05-01T00:00:00.000Z"),
        account("b-1", institution="bank-2", latest=BROKEN),
    )
    ponto.on("GET /accounts", listed(*rows))
    told = adapter.health(secret())
    assert told.consent_expires_at == dt.datetime(2099, 5, 1, tzinfo=dt.UTC)
    assert told.last_success_at == dt.datetime(2026, 1, 1, 2, tzinfo=dt.UTC)
    assert (told.error, told.unattended, told.shared_with) == (None, True, ("Second Bank",))


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (account(latest=BROKEN), ConsentExpired),
        (account(latest={"status": "success", "errors": [{"code": "authorizationInvalid"}]}), ConsentExpired),
        (account(latest={"status": "error", "errors": [{"code": "of_next_year"}]}), InstitutionDown),
        (account(latest={"status": "error", "errors": None}), InstitutionDown),
        (account(authorizationExpirationExpectedAt="2020-01-01T00:00:00.000Z"), ConsentExpired),
        (account(institution="bank-2"), ConsentExpired),
    ],
)
def test_its_health_says_what_stands_against_reading(
    ponto: WirePonto, adapter: PontoAdapter, row: dict[str, Any], kind: type[Exception]
) -> None:
    ponto.on("GET /accounts", listed(row))
    assert type(adapter.health(secret()).error) is kind


def test_a_token_that_is_refused_is_said_so(ponto: WirePonto, adapter: PontoAdapter) -> None:
    ponto.on("GET /accounts", failure("unauthorized", status=401))
    with pytest.raises(SecretExpired):
        adapter.accounts(secret())


# --- transactions ----------------------------------------------------------------------------------------------------
def test_pages_are_followed_exactly_where_they_lead(ponto: WirePonto, adapter: PontoAdapter) -> None:
    following = f"{ponto.wire.url}/accounts/a-1/transactions?after=t-2&limit=2"
    ponto.on(LIST, listed(transaction("t-1"), transaction("t-2"), following=following), listed(transaction("t-3")))
    ponto.on("GET /accounts/a-1", {"data": account()})
    first = read(adapter, limit=2)
    assert ([row.id for row in first.transactions], first.has_more, first.balance) == (["t-1", "t-2"], True, None)
    second = read(adapter, first.position)
    assert ([row.id for row in second.transactions], second.has_more) == (["t-3"], False)
    assert second.balance is not None
    assert second.balance.booked == Decimal("10.50")
    assert [seen.target for seen in ponto.seen(LIST)] == [
        "/accounts/a-1/transactions?page%5Blimit%5D=2",
        "/accounts/a-1/transactions?after=t-2&limit=2",
    ]


@pytest.mark.parametrize(
    "link", ["https://evil.example/accounts", "//evil.example/x", "http://127.0.0.1:1/accounts", "ftp://x/y", "@evil"]
)
def test_a_page_that_leads_elsewhere_gets_no_token(ponto: WirePonto, adapter: PontoAdapter, link: str) -> None:
    ponto.on(LIST, listed(transaction("t-1"), following=link))
    with pytest.raises(InvalidResponse, match=r"\$\.links\.next"):
        read(adapter)


def test_pages_that_go_round_in_a_circle(ponto: WirePonto, adapter: PontoAdapter) -> None:
    following = f"{ponto.wire.url}/accounts?page[limit]=100"
    ponto.on("GET /accounts", listed(account(), following=following))
    with pytest.raises(InvalidResponse, match="circle"):
        adapter.accounts(secret())


def test_a_later_fetch_reads_the_last_weeks_again(ponto: WirePonto, adapter: PontoAdapter) -> None:
    ponto.on("GET /accounts/a-1", {"data": account()})
    ponto.on(LIST, listed(transaction("t-1", "2026-03-20"), transaction("t-0", "2025-01-01")))
    done = read(adapter)
    following = f"{ponto.wire.url}/accounts/a-1/transactions?page[after]=x"
    ponto.on(
        LIST,
        listed(transaction("t-3", "2026-03-22"), transaction("late", "2026-03-08"), following=following),
        listed(transaction("t-1", "2026-03-07"), transaction("odd", "2026-03-05"), following=following),
        listed(transaction("old", "2026-03-05"), transaction("older", "2026-03-04"), following=following),
    )
    page = read(adapter, done.position)
    pages = [page]
    while page.has_more:
        page = read(adapter, page.position)
        pages.append(page)
    # It stops behind a whole page of what lies before the weeks that are read again.
    assert [row.id for each in pages for row in each.transactions] == ["t-3", "late", "t-1", "odd", "old", "older"]
    assert pages[-1].balance is not None


def test_what_a_synchronization_changed_is_told_however_old_it_is_and_once(
    ponto: WirePonto, adapter: PontoAdapter
) -> None:
    ponto.on("GET /accounts/a-1", {"data": account()})
    ponto.on(LIST, listed(transaction("t-1", "2026-03-20")))
    done = read(adapter)
    changes = "GET /synchronizations/s-1/updated-transactions"
    following = f"{ponto.wire.url}/synchronizations/s-1/updated-transactions?page[after]=old"
    ponto.on(changes, listed(transaction("old", "2025-01-01"), following=following), listed(transaction("older")))
    later = account()
    later["meta"]["latestSynchronization"]["id"] = "s-1"
    ponto.on("GET /accounts/a-1", {"data": later})
    page = read(adapter, done.position)
    assert [row.id for row in page.transactions] == ["t-1", "old", "older"]
    assert [row.id for row in read(adapter, page.position).transactions] == ["t-1"]
    assert len(ponto.seen(changes)) == 2


def test_a_synchronization_that_is_forgotten_changes_nothing(ponto: WirePonto, adapter: PontoAdapter) -> None:
    ponto.on("GET /accounts/a-1", {"data": account()})
    ponto.on(LIST, listed(transaction("t-1", "2026-03-20")))
    done = read(adapter)
    later = account()
    later["meta"]["latestSynchronization"]["id"] = "s-9"
    ponto.on("GET /accounts/a-1", {"data": later})
    ponto.on("GET /synchronizations/s-9/updated-transactions", failure("resourceNotFound", status=404))
    assert [row.id for row in read(adapter, done.position).transactions] == ["t-1"]


def test_a_first_fetch_goes_no_further_back_than_it_must(ponto: WirePonto, adapter: PontoAdapter) -> None:
    ponto.on("GET /accounts/a-1", {"data": account()})
    following = f"{ponto.wire.url}/accounts/a-1/transactions?page[after]=x"
    first_day = dt.date(2026, 3, 1)
    ponto.on(LIST, listed(transaction("t-1", "2026-03-02"), following=following))
    assert read(adapter, first_day=first_day).has_more
    ponto.on(LIST, listed(transaction("t-0", "2026-02-01"), following=following))
    done = read(adapter, first_day=first_day)
    assert not done.has_more
    # The same bound goes on from there; one that moved back reads what lies before it too.
    ponto.on(LIST, listed(transaction("t-0", "2026-01-10"), following=following))
    assert not read(adapter, done.position, first_day=first_day).has_more
    assert read(adapter, done.position, first_day=dt.date(2026, 1, 1)).has_more
    assert read(adapter, done.position, first_day=None).has_more


def test_a_day_in_the_future_moves_nothing(ponto: WirePonto, adapter: PontoAdapter) -> None:
    ponto.on("GET /accounts/a-1", {"data": account()})
    ponto.on(LIST, listed(transaction("future", "2999-01-01"), transaction("t-1", "2026-03-20")))
    done = read(adapter)
    assert "2999" not in done.position


def test_a_page_behind_a_transaction_that_is_gone(ponto: WirePonto, adapter: PontoAdapter) -> None:
    following = f"{ponto.wire.url}/accounts/a-1/transactions?page[after]=gone"
    ponto.on(LIST, listed(transaction("t-1"), following=following), failure("resourceNotFound", status=404))
    first = read(adapter)
    with pytest.raises(PagesChanged):
        read(adapter, first.position)
    with pytest.raises(NotFound):
        read(adapter)


def test_a_bank_that_was_not_read_yet_is_not_an_empty_one(ponto: WirePonto, adapter: PontoAdapter) -> None:
    ponto.on(LIST, listed())
    ponto.on("GET /accounts/a-1", {"data": account(synchronized_at=None, latest={"status": "running"})})
    with pytest.raises(NotReady) as caught:
        read(adapter)
    assert caught.value.retry_at is not None
    ponto.on("GET /accounts/a-1", {"data": account()})
    assert read(adapter).transactions == ()


def test_days_are_those_of_the_bank_s_zone_which_is_asked_for_once(ponto: WirePonto, adapter: PontoAdapter) -> None:
    ponto.on("GET /financial-institutions/bank-1", {"data": bank("bank-1", "B", "Europe/Helsinki")})
    ponto.on("GET /accounts/a-1", {"data": account()})
    ponto.on(LIST, listed(transaction("t-1", executionDate="2026-03-01T22:00:00.000Z")))
    for _ in range(2):
        assert read(adapter).transactions[0].booking_date == dt.date(2026, 3, 2)
    assert len(ponto.seen("GET /financial-institutions/bank-1")) == 1


def test_a_bank_the_directory_no_longer_has(ponto: WirePonto, adapter: PontoAdapter) -> None:
    ponto.on("GET /financial-institutions/bank-1", failure("resourceNotFound", status=404))
    ponto.on("GET /accounts/a-1", {"data": account()})
    ponto.on(LIST, listed(transaction("t-1", executionDate="2026-03-01T23:00:00.000Z")))
    assert read(adapter).transactions[0].booking_date == dt.date(2026, 3, 2)


def test_pending_transactions_are_a_list_of_their_own(ponto: WirePonto, adapter: PontoAdapter) -> None:
    route = "GET /accounts/a-1/pending-transactions"
    following = f"{ponto.wire.url}/accounts/a-1/pending-transactions?page[after]=p-1"
    ponto.on(route, listed(transaction("p-1"), following=following), listed(transaction("p-2")))
    found = adapter.pending(secret(), "a-1")
    assert [(row.id, row.status) for row in found] == [("p-1", "pending"), ("p-2", "pending")]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b'{"data": {}}', InvalidResponse),
        (b'{"links": {}}', InvalidResponse),
        (payload("transactions").replace(b"-72.1", b'"many"'), InvalidResponse),
        (Said(status=502, body=b"<html>"), ProviderDown),
        (Said(status=200, body=payload("transactions"), promised=9), Exception),
    ],
)
def test_bad_answers_are_named(ponto: WirePonto, adapter: PontoAdapter, answer: Any, kind: type[Exception]) -> None:
    ponto.on(LIST, answer)
    with pytest.raises(kind):
        read(adapter)


def test_a_broken_line_is_tried_again(ponto: WirePonto, adapter: PontoAdapter) -> None:
    ponto.on("GET /accounts/a-1", {"data": account()})
    ponto.on(LIST, HANG_UP, listed(transaction("t-1")))
    assert len(read(adapter).transactions) == 1


# --- refresh ---------------------------------------------------------------------------------------------------------
def test_a_person_s_fetch_synchronizes_balance_and_movements(ponto: WirePonto, adapter: PontoAdapter) -> None:
    ponto.on("GET /accounts", listed(account()))
    ponto.on(SYNCHRONIZE, synchronization("pending"))
    ponto.on("GET /synchronizations/s-1", synchronization("running"), synchronization("success"))
    assert adapter.refresh(secret(), user=PERSON).status == "ready"
    assert ponto.calls(SYNCHRONIZE) == [
        {"resourceType": "account", "resourceId": "a-1", "subtype": subtype, "customerIpAddress": "192.0.2.7"}
        for subtype in ("accountDetails", "accountTransactionsWithUnsettled")
    ]


def test_nobody_s_fetch_reads_what_ponto_has(ponto: WirePonto, adapter: PontoAdapter) -> None:
    ponto.on("GET /accounts", listed(account()))
    assert adapter.refresh(secret(), user=None).status == "ready"
    assert ponto.calls(SYNCHRONIZE) == []


def test_an_address_of_the_old_kind_in_new_clothes(ponto: WirePonto, adapter: PontoAdapter) -> None:
    ponto.on("GET /accounts", listed(account()))
    ponto.on(SYNCHRONIZE, failure("accountRecentlySynchronized"))
    adapter.refresh(secret(), user=EndUser(ip="::ffff:192.0.2.7", agent="x"))
    assert {call["customerIpAddress"] for call in ponto.calls(SYNCHRONIZE)} == {"192.0.2.7"}


def test_what_was_read_a_moment_ago_is_no_failure(ponto: WirePonto, adapter: PontoAdapter) -> None:
    ponto.on("GET /accounts", listed(account()))
    ponto.on(SYNCHRONIZE, failure("accountRecentlySynchronized"))
    assert adapter.refresh(secret(), user=PERSON).status == "ready"
    fresh = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    ponto.on("GET /accounts", listed(account(synchronized_at=fresh)))
    asked = len(ponto.calls(SYNCHRONIZE))
    assert adapter.refresh(secret(), user=PERSON).status == "ready"
    assert len(ponto.calls(SYNCHRONIZE)) == asked


def test_a_synchronization_that_takes_long_is_come_back_for(ponto: WirePonto, adapter: PontoAdapter) -> None:
    ponto.on("GET /accounts", listed(account()))
    ponto.on(SYNCHRONIZE, synchronization("pending"))
    ponto.on("GET /synchronizations/s-1", synchronization("running"))
    told = adapter.refresh(secret(), user=PERSON)
    assert told.status == "working"
    assert told.retry_at is not None
    ponto.on("GET /accounts", listed(account(latest={"status": "running"})))
    assert adapter.refresh(secret(), user=PERSON).status == "working"
    assert adapter.refresh(secret(), user=None).status == "working"
    assert len(ponto.calls(SYNCHRONIZE)) == 2


@pytest.mark.parametrize(
    ("code", "kind"), [("authorizationInvalid", ConsentExpired), ("somethingElse", InstitutionDown)]
)
def test_a_synchronization_that_fails_says_why(
    ponto: WirePonto, adapter: PontoAdapter, code: str, kind: type[Exception]
) -> None:
    ponto.on("GET /accounts", listed(account()))
    ponto.on(SYNCHRONIZE, synchronization("pending"))
    ponto.on("GET /synchronizations/s-1", synchronization("error", code))
    with pytest.raises(kind):
        adapter.refresh(secret(), user=PERSON)


def test_the_payload_of_a_failure(ponto: WirePonto, adapter: PontoAdapter) -> None:
    ponto.on("GET /accounts", listed(account()))
    ponto.on(SYNCHRONIZE, synchronization("pending"))
    ponto.on("GET /synchronizations/s-1", payload("synchronization_failed"))
    with pytest.raises(ConsentExpired) as caught:
        adapter.refresh(secret(), user=PERSON)
    assert "html" not in f"{caught.value!r}{caught.value.provider}"


def test_one_account_that_fails_does_not_stop_the_others(ponto: WirePonto, adapter: PontoAdapter) -> None:
    ponto.on("GET /accounts", listed(account("a-1"), account("a-2", latest=BROKEN)))
    assert adapter.refresh(secret(), user=None).status == "ready"
    ponto.on("GET /accounts", listed(account("a-2", latest=BROKEN)))
    with pytest.raises(ConsentExpired):
        adapter.refresh(secret(), user=None)


def test_a_bank_without_accounts_any_more(ponto: WirePonto, adapter: PontoAdapter) -> None:
    ponto.on("GET /accounts", listed(account(institution="bank-2")))
    with pytest.raises(ConsentExpired):
        adapter.refresh(secret(), user=None)
