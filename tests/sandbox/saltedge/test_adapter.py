"""The proxy's own adapter against the simulator: connected, read, refreshed, ended, as the real one would."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from providers.base import HostedPage
from providers.errors import (
    AlreadyConnected,
    ConnectionGone,
    ConsentExpired,
    CredentialsRejected,
    InstitutionDown,
    InvalidResponse,
    LinkExpired,
    NotReady,
    ProviderDown,
)
from providers.saltedge.adapter import SaltEdgeAdapter
from providers.types import TransactionData, TransactionPage
from sandbox.conditions import clock, faults
from sandbox.saltedge.models import Customer
from sandbox.world.accounts import accounts_of
from sandbox.world.ledger import ledger
from tests.sandbox.saltedge.conftest import USER, Visitor, request

Visit = Callable[[HostedPage], Visitor]
Connect = Callable[..., str]
Later = Callable[..., None]


def read(
    adapter: SaltEdgeAdapter, secret: str, account: str, *, position: str = "", limit: int = 500
) -> tuple[list[TransactionData], TransactionPage]:
    """Every row from a position on, in the order of the pages, and the last page."""
    rows: list[TransactionData] = []
    has_more = True
    while has_more:
        page = adapter.transactions(secret, account, position=position, first_day=None, limit=limit)
        assert len(page.transactions) <= limit
        rows += page.transactions
        position, has_more = page.position, page.has_more
    return rows, page


# --- the widget ------------------------------------------------------------------------------------------------------
def test_a_bank_is_connected_and_read_as_it_stands(adapter: SaltEdgeAdapter, connect: Connect) -> None:
    secret = connect()
    assert adapter.refresh(secret, user=USER).status == "ready"
    told = {account.name: account for account in adapter.accounts(secret)}
    assert set(told) == {"Operating account", "Savings account", "Dollar account", "Business credit card"}
    for owner in accounts_of("demo_business_bank"):
        account = told[owner.name]
        rows, last = read(adapter, secret, account.id)
        first_day = min((row.booking_date for row in rows), default=None)
        truth = [one for one in ledger(owner.key).visible(clock.now(), first=first_day) if not one.is_pending]
        assert sorted(row.amount for row in rows) == sorted(
            Decimal(one.amount).scaleb(-owner.exponent) for one in truth
        )
        assert len({row.id for row in rows}) == len(rows)
        assert last.balance is not None
        assert last.balance.booked == Decimal(ledger(owner.key).booked(clock.now())).scaleb(-owner.exponent)
        assert account.number == owner.number


def test_who_leaves_has_cancelled_and_who_stays_is_waited_for(adapter: SaltEdgeAdapter, visit: Visit) -> None:
    page = adapter.begin(request())
    assert adapter.finish(page.state, answer={}).status == "waiting"
    address = visit(page).do("cancel")["Location"]
    assert address == "https://proxy.example/return/abc?back=1"
    assert adapter.finish(page.state, answer={}).status == "waiting"
    assert adapter.finish(page.state, answer={"back": "1"}).status == "cancelled"


def test_a_refused_sign_in_fails_and_leaves_nothing_behind(adapter: SaltEdgeAdapter, visit: Visit) -> None:
    page = adapter.begin(request())
    visitor = visit(page)
    visitor.do("sign_in", user="ada", password="wrong")
    assert "error_class=InvalidCredentials" in visitor.do("cancel")["Location"]
    outcome = adapter.finish(page.state, answer={"back": "1"})
    assert outcome.status == "failed"
    assert isinstance(outcome.error, CredentialsRejected)
    assert adapter.finish(page.state, answer={"back": "1"}).status == "cancelled"


def test_a_bank_that_is_down_cannot_be_connected(adapter: SaltEdgeAdapter, visit: Visit) -> None:
    page = adapter.begin(request("down_bank_nl"))
    visitor = visit(page)
    visitor.do("sign_in", user="ada", password="x")
    visitor.do("cancel")
    assert isinstance(adapter.finish(page.state, answer={}).error, InstitutionDown)


def test_a_bank_that_takes_one_connection_refuses_the_second(
    adapter: SaltEdgeAdapter, visit: Visit, connect: Connect
) -> None:
    connect("one_connection_bank_nl")
    page = adapter.begin(request("one_connection_bank_nl", state="second"))
    assert "error_class=ConnectionDuplicated" in visit(page).approve()
    outcome = adapter.finish(page.state, answer={"back": "1", "error_class": "ConnectionDuplicated"})
    assert isinstance(outcome.error, AlreadyConnected)


def test_a_page_left_open_too_long_is_no_longer_valid(
    adapter: SaltEdgeAdapter, visit: Visit, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = adapter.begin(request())
    later(minutes=31)
    assert visit(page).do("cancel").status_code == 410
    monkeypatch.setattr("providers.saltedge.adapter._now", clock.now)
    assert isinstance(adapter.finish(page.state, answer={}).error, LinkExpired)


def test_nobody_takes_over_another_customers_connection(adapter: SaltEdgeAdapter, connect: Connect) -> None:
    theirs = connect(holder="holder-2")
    page = adapter.begin(request())
    outcome = adapter.finish(page.state, answer={"back": "1", "connection_id": theirs})
    assert outcome.status == "cancelled"
    assert adapter.accounts(theirs)


@pytest.mark.parametrize("hint", ["", "999", "../customers", "١٢"])
def test_a_false_hint_of_the_browser_is_only_a_hint(adapter: SaltEdgeAdapter, visit: Visit, hint: str) -> None:
    page = adapter.begin(request())
    visit(page).approve()
    outcome = adapter.finish(page.state, answer={"back": "1", "connection_id": hint})
    assert outcome.status in ("connected", "cancelled")
    assert adapter.finish(page.state, answer={}).status == "connected"


def test_the_customer_of_a_holder_is_made_once(adapter: SaltEdgeAdapter, connect: Connect) -> None:
    faults.arm(faults.Shape(route="/customers", name="old_customer", times=None))
    connect("quiet_bank_nl")
    connect("dormant_bank_nl", state="other")
    assert Customer.objects.count() == 1


# --- refreshed -------------------------------------------------------------------------------------------------------
def test_news_come_with_a_refresh_and_are_told_once(adapter: SaltEdgeAdapter, connect: Connect, later: Later) -> None:
    secret = connect("busy_street_bank_nl", history_days=60)
    (account,) = adapter.accounts(secret)
    known, last = read(adapter, secret, account.id, limit=37)
    assert read(adapter, secret, account.id, position=last.position)[0] == []
    later(days=3)
    assert adapter.refresh(secret, user=None).status == "ready"
    news, last = read(adapter, secret, account.id, position=last.position, limit=5)
    assert news
    assert {row.id for row in news}.isdisjoint(row.id for row in known)
    everything, _ = read(adapter, secret, account.id)
    assert sorted(row.id for row in known + news) == sorted(row.id for row in everything)
    assert read(adapter, secret, account.id, position=last.position)[0] == []


def test_a_bank_that_was_just_read_is_not_read_again(adapter: SaltEdgeAdapter, connect: Connect) -> None:
    secret = connect("too_early_bank_nl")
    assert adapter.refresh(secret, user=USER).status == "ready"
    assert adapter.refresh(secret, user=None).status == "ready"


def test_a_bank_that_wants_its_holder_says_so(adapter: SaltEdgeAdapter, connect: Connect, later: Later) -> None:
    secret = connect("code_each_time_bank_nl")
    assert adapter.refresh(secret, user=None).status == "user_present"
    assert adapter.refresh(secret, user=USER).status == "ready"
    assert not adapter.health(secret).unattended
    later(days=1)
    adapter.transactions(secret, adapter.accounts(secret)[0].id, position="", first_day=None, limit=10)


def test_a_bank_read_by_hand_only_is_read_for_who_is_there(adapter: SaltEdgeAdapter, connect: Connect) -> None:
    secret = connect("by_hand_only_bank_nl")
    assert adapter.refresh(secret, user=None).status == "user_present"
    assert adapter.refresh(secret, user=USER).status == "ready"


def test_a_long_reading_is_waited_for(adapter: SaltEdgeAdapter, connect: Connect, later: Later) -> None:
    secret = connect("long_reading_bank_nl")
    told = adapter.refresh(secret, user=None)
    assert told.status == "working"
    assert told.retry_at is not None
    account = adapter.accounts(secret)[0]
    with pytest.raises(NotReady):
        adapter.transactions(secret, account.id, position="", first_day=None, limit=10)
    later(seconds=9)
    assert adapter.refresh(secret, user=None).status == "ready"
    assert read(adapter, secret, account.id)[0]


def test_a_bank_that_went_down_is_named(adapter: SaltEdgeAdapter, connect: Connect) -> None:
    secret = connect("quiet_bank_nl")
    error = faults.ProviderError(
        route="/connections/*/refresh", error_type="", error_code="ProviderUnavailable", status=406
    )
    faults.arm(error)
    with pytest.raises(InstitutionDown):
        adapter.refresh(secret, user=USER)


# --- consent ---------------------------------------------------------------------------------------------------------
def test_a_consent_ends_and_is_given_again(
    adapter: SaltEdgeAdapter, visit: Visit, connect: Connect, later: Later
) -> None:
    secret = connect("short_consent_bank_nl")
    account = adapter.accounts(secret)[0]
    known, last = read(adapter, secret, account.id)
    health = adapter.health(secret)
    assert health.consent_expires_at is not None
    assert (health.consent_expires_at - clock.now()).days == 4
    later(days=6)
    with pytest.raises(ConsentExpired):
        adapter.refresh(secret, user=None)
    assert isinstance(adapter.health(secret).error, ConsentExpired)
    page = adapter.update(secret, request("short_consent_bank_nl", state="again"))
    assert adapter.finish(page.state, answer={}).status == "waiting"
    visit(page).approve()
    outcome = adapter.finish(page.state, answer={"back": "1"})
    assert (outcome.status, outcome.secret) == ("connected", "")
    assert adapter.health(secret).error is None
    assert [each.id for each in adapter.accounts(secret)] == [account.id]
    news, _ = read(adapter, secret, account.id, position=last.position)
    assert {row.id for row in news}.isdisjoint(row.id for row in known)


def test_an_update_that_was_left_changes_nothing(adapter: SaltEdgeAdapter, visit: Visit, connect: Connect) -> None:
    secret = connect("quiet_bank_nl")
    page = adapter.update(secret, request("quiet_bank_nl", state="again"))
    visit(page).do("cancel")
    assert adapter.finish(page.state, answer={"back": "1"}).status == "cancelled"
    assert adapter.health(secret).error is None


def test_a_sign_in_that_lapsed(adapter: SaltEdgeAdapter, connect: Connect, later: Later) -> None:
    secret = connect("password_changed_bank_nl")
    later(minutes=2)
    with pytest.raises(ConsentExpired):
        adapter.refresh(secret, user=None)


def test_an_ended_connection_is_gone(adapter: SaltEdgeAdapter, connect: Connect) -> None:
    secret = connect("quiet_bank_nl")
    adapter.revoke(secret)
    adapter.revoke(secret)
    for ask in (adapter.accounts, adapter.health):
        with pytest.raises(ConnectionGone):
            ask(secret)


# --- what banks do ---------------------------------------------------------------------------------------------------
def test_flagged_copies_are_told_as_such_and_once(adapter: SaltEdgeAdapter, connect: Connect) -> None:
    secret = connect("flagged_copies_bank_nl", history_days=90)
    account = adapter.accounts(secret)[0]
    rows, last = read(adapter, secret, account.id, limit=20)
    flagged = [row for row in rows if row.is_flagged_duplicate]
    assert flagged
    assert len({row.id for row in rows}) == len(rows)
    assert read(adapter, secret, account.id, position=last.position)[0] == []


def test_holds_that_a_bank_calls_booked_stay_pending(adapter: SaltEdgeAdapter, connect: Connect) -> None:
    secret = connect("booked_holds_bank_nl")
    pending = [row for each in adapter.accounts(secret) for row in adapter.pending(secret, each.id)]
    assert {row.status for row in pending} <= {"pending"}
    owner = accounts_of("booked_holds_bank")[0]
    held = [one for one in ledger(owner.key).visible(clock.now()) if one.id.endswith("p")]
    account = next(each for each in adapter.accounts(secret) if each.name == owner.name)
    assert len(adapter.pending(secret, account.id)) == len(held)


def test_pending_rows_have_other_ids_after_each_reading(
    adapter: SaltEdgeAdapter, connect: Connect, later: Later
) -> None:
    secret = connect("pending_tips_bank_nl")
    before = {row.id for each in adapter.accounts(secret) for row in adapter.pending(secret, each.id)}
    later(hours=2)
    adapter.refresh(secret, user=USER)
    after = {row.id for each in adapter.accounts(secret) for row in adapter.pending(secret, each.id)}
    assert before
    assert before.isdisjoint(after)


def test_accounts_that_close_and_change_their_names(adapter: SaltEdgeAdapter, connect: Connect, later: Later) -> None:
    closing, renaming = connect("closing_account_bank_nl"), connect("renaming_bank_nl", state="other")
    before = {each.id for each in adapter.accounts(renaming)}
    later(hours=2)
    # Somebody who is there: the adapter's own clock has not moved, and the clock asks for no reading twice in a moment.
    adapter.refresh(closing, user=USER)
    adapter.refresh(renaming, user=USER)
    assert [each.is_closed for each in adapter.accounts(closing)].count(True) == 1
    after = adapter.accounts(renaming)
    assert "Renamed account" in {each.name for each in after}
    assert len(before.difference(each.id for each in after)) == 1


def test_ids_change_where_a_bank_renumbers(adapter: SaltEdgeAdapter, visit: Visit, connect: Connect) -> None:
    secret = connect("new_numbers_bank_nl")
    before = {each.id for each in adapter.accounts(secret)}
    page = adapter.update(secret, request("new_numbers_bank_nl", state="again"))
    visit(page).approve()
    assert before.isdisjoint(each.id for each in adapter.accounts(secret))


def test_history_is_as_long_as_the_bank_shows(adapter: SaltEdgeAdapter, connect: Connect) -> None:
    secret = connect("ninety_days_bank_nl")
    rows = [row for each in adapter.accounts(secret) for row in read(adapter, secret, each.id)[0]]
    assert (clock.now().date() - min(row.booking_date for row in rows)).days <= 90


# --- the directory and the wire --------------------------------------------------------------------------------------
def test_the_directory_with_what_each_bank_can(adapter: SaltEdgeAdapter) -> None:
    found = {each.id: each for page in adapter.institutions() for each in page}
    assert len(found) > 26_000
    assert not any(each.countries == ("XF",) for each in found.values())
    assert found["saltedge:ninety_days_bank_nl"].capabilities.history_days == 90
    assert found["saltedge:short_consent_bank_nl"].capabilities.consent_days == 5
    assert not found["saltedge:code_each_time_bank_nl"].capabilities.unattended
    assert found["saltedge:once_a_day_bank_nl"].capabilities.refreshes_per_day == 1
    assert found["saltedge:demo_business_bank_nl"].bic


@pytest.mark.parametrize(("shape", "limit"), [("number_ids", 500), ("scientific", 500)])
def test_every_shape_of_a_row_is_read(adapter: SaltEdgeAdapter, connect: Connect, shape: Any, limit: int) -> None:
    secret = connect("quiet_bank_nl")
    account = adapter.accounts(secret)[0]
    plain, _ = read(adapter, secret, account.id, limit=limit)
    faults.arm(faults.Shape(route="/transactions", name=shape, times=None))
    other, _ = read(adapter, secret, account.id, limit=limit)
    assert [(row.id, row.amount) for row in other] == [(row.id, row.amount) for row in plain]


def test_what_goes_wrong_on_the_wire_is_named(
    adapter: SaltEdgeAdapter, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("providers.http.READ_PAUSES", ())
    secret = connect("quiet_bank_nl")
    account = adapter.accounts(secret)[0].id
    route = "/transactions"
    for fault, error in (
        (faults.Html(route=route), ProviderDown),
        (faults.Status500(route=route), ProviderDown),
        (faults.BrokenJson(route=route), InvalidResponse),
        (faults.UnreadableAmount(route=route), InvalidResponse),
        (faults.UnknownCurrency(route=route), InvalidResponse),
        (faults.ProviderError(route=route, error_type="flat", error_code="AispConsentRevoked"), ConsentExpired),
    ):
        faults.arm(fault)
        with pytest.raises(error):
            adapter.transactions(secret, account, position="", first_day=None, limit=10)
