"""What every provider must pass unchanged, over its own simulator and a real proxy.

A provider's tests inherit ``ProviderContract`` and say what is theirs in a ``ContractCase``; everything else is the
same for all, since nothing above the proxy may tell them apart.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

import pytest

from providers.errors import BadRequest, ConnectionGone, ConsentExpired, FeedError, InvalidResponse, NotFound
from providers.types import RefreshData
from scripts.holder import NOWHERE, walk
from tests.providers.stage import USER, Reading, Stage, booked


@dataclass(frozen=True)
class WireError:
    """A fault that can be armed at the simulator (its control body), and the error it must become."""

    fault: dict[str, Any]
    error: type[FeedError]


@dataclass(frozen=True)
class ContractCase:
    """What is a provider's own.

    ``pages`` is the simulator's route of a page of transactions. ``secrets`` are patterns of what no log may hold.
    The other facts say what its protocol can tell at all.
    """

    provider: str
    pages: str
    wire_errors: tuple[WireError, ...]
    secrets: tuple[str, ...]
    largest_page: int = 500
    tells_presence: bool = True
    tells_consent_end: bool = True
    tells_beta: bool = False
    tells_history: bool = False
    can_narrow: bool = False


class ProviderContract:
    """The suite. ``stage`` has the proxy and the pretend banks running."""

    case: ClassVar[ContractCase]

    def connect(self, stage: Stage, name: str) -> str:
        return stage.connect(stage.bank(self.case.provider, name))

    def account(self, stage: Stage, reference: str, *, name: str = "") -> str:
        """The id of an account: the one with this name, or the first."""
        found = stage.proxy.accounts(reference)
        return next(account.id for account in found if name in ("", account.name))

    def refreshed(self, stage: Stage, reference: str) -> RefreshData:
        """As a person's fetch goes: comes back until the provider has read the bank, and time flies."""
        told = stage.proxy.refresh(reference, user=USER)
        for _ in range(10):
            if told.status != "working":
                return told
            assert told.retry_at is not None
            stage.control("POST", "clock", seconds=30)
            told = stage.proxy.refresh(reference, user=USER)
        raise AssertionError("the provider never came to an end")

    # --- directory ---------------------------------------------------------------------------------------------------
    def test_the_directory_has_the_banks_under_their_provider(self, stage: Stage) -> None:
        bank = stage.bank(self.case.provider, "Demo Business Bank")
        assert bank.provider == self.case.provider
        assert bank.id.startswith(f"{self.case.provider}:")
        assert "NL" in bank.countries
        assert not bank.is_beta
        if self.case.tells_beta:
            assert stage.bank(self.case.provider, "Beta Bank").is_beta
        if self.case.tells_history:
            assert stage.bank(self.case.provider, "Ninety Days Bank").capabilities.history_days == 90

    # --- connecting --------------------------------------------------------------------------------------------------
    def test_connecting_gives_one_reference_however_often_it_is_asked(self, stage: Stage) -> None:
        flow, url = stage.open(stage.bank(self.case.provider, "Quiet Bank"))
        assert stage.proxy.finish_connection(flow).status == "waiting"
        walk(url, "Approve")
        done = stage.proxy.finish_connection(flow)
        assert (done.status, done.error) == ("connected", None)
        assert stage.proxy.finish_connection(flow) == done
        told = stage.proxy.connection(done.connection)
        assert (told.provider, told.status, told.error) == (self.case.provider, "active", None)
        assert told.institution == stage.bank(self.case.provider, "Quiet Bank").id

    def test_a_holder_who_cancels_leaves_no_connection(self, stage: Stage) -> None:
        flow, url = stage.open(stage.bank(self.case.provider, "Quiet Bank"))
        walk(url, "Cancel")
        done = stage.proxy.finish_connection(flow)
        assert (done.status, done.connection) == ("cancelled", "")

    def test_a_bank_that_is_down_fails_with_its_reason(self, stage: Stage) -> None:
        flow, url = stage.open(stage.bank(self.case.provider, "Down Bank"))
        walk(url, "Cancel", "Leave")
        done = stage.proxy.finish_connection(flow)
        assert (done.status, done.connection) == ("failed", "")
        assert done.error is not None
        assert done.error.code == "institution_down"

    def test_who_asks_for_cards_gets_cards_and_nothing_else(self, stage: Stage) -> None:
        """Also after the bank was read again, by anybody; who asks for everything later gets everything."""
        bank = stage.bank(self.case.provider, "Demo Business Bank")
        assert bank.capabilities.can_narrow == self.case.can_narrow
        if not self.case.can_narrow:
            with pytest.raises(BadRequest, match="kinds of account"):
                stage.open(bank, account_kinds=("cards",))
            return
        reference = stage.connect(bank, account_kinds=("cards",))
        for _ in range(2):
            assert {(each.name, each.kind) for each in stage.proxy.accounts(reference)} == {
                ("Business credit card", "cards")
            }
            stage.control("POST", "clock", days=1)
            self.refreshed(stage, reference)
            stage.proxy.refresh(reference, user=None)
        again = stage.proxy.update_connection(
            reference, return_url=NOWHERE, language="en", user=USER, account_kinds=("cards",)
        )
        walk(again.url, "Approve")
        assert stage.proxy.finish_connection(again.flow).status == "connected"
        assert [each.kind for each in stage.proxy.accounts(reference)] == ["cards"]
        all_of_them = stage.proxy.update_connection(reference, return_url=NOWHERE, language="en", user=USER)
        walk(all_of_them.url, "Approve", ticks_all=True)
        assert stage.proxy.finish_connection(all_of_them.flow).status == "connected"
        assert "current" in {each.kind for each in stage.proxy.accounts(reference)}

    def test_a_bank_without_the_kind_that_is_asked_for_shows_no_account(self, stage: Stage) -> None:
        if not self.case.can_narrow:
            return
        flow, url = stage.open(stage.bank(self.case.provider, "Quiet Bank"), account_kinds=("cards",))
        walk(url, "Approve", "Leave")
        done = stage.proxy.finish_connection(flow)
        if done.status == "failed":
            assert done.error is not None
            assert (done.error.code, "no account" in done.error.message) == ("not_supported", True)
        else:
            assert stage.proxy.accounts(done.connection) == ()

    # --- accounts ----------------------------------------------------------------------------------------------------
    def test_accounts_have_the_bank_s_currencies_and_balances(self, stage: Stage) -> None:
        truth = stage.truth("many_currencies_bank")
        found = stage.proxy.accounts(self.connect(stage, "Many Currencies Bank"))
        assert {account.name: (account.currency, account.balance.booked) for account in found} == {
            name: (told["currency"], Decimal(told["balance"])) for name, told in truth.items()
        }
        assert len({account.id for account in found}) == len(found)

    def test_a_debt_is_negative(self, stage: Stage) -> None:
        truth = stage.truth("credit_card_bank")
        for account in stage.proxy.accounts(self.connect(stage, "Credit Card Bank")):
            assert account.balance.booked == Decimal(truth[account.name]["balance"]) < 0

    # --- transactions ------------------------------------------------------------------------------------------------
    def test_what_is_booked_arrives_with_its_sign_and_on_its_day(self, stage: Stage) -> None:
        """The whole ledger: each amount from the holder's side, each date that of the bank's own calendar."""
        reference = self.connect(stage, "Demo Business Bank")
        self.refreshed(stage, reference)
        truth = stage.truth("demo_business_bank")
        for account in stage.proxy.accounts(reference):
            reading = stage.read(reference, account.id)
            first = min(row.booking_date for row in reading.kept.values())
            expected = booked(truth[account.name], after=first)
            assert reading.booked(after=first) == expected
            assert {amount > 0 for _, amount in expected} == {True, False}
            assert {row.currency for row in reading.kept.values()} == {account.currency}
            assert reading.pages[-1].balance is not None
            assert reading.pages[-1].balance.booked == Decimal(truth[account.name]["balance"])

    def test_one_known_payment_each_way(self, stage: Stage) -> None:
        reference = self.connect(stage, "Demo Business Bank")
        self.refreshed(stage, reference)
        reading = stage.read(reference, self.account(stage, reference, name="Operating account"))
        told = stage.truth("demo_business_bank")["Operating account"]["transactions"]
        salary = next(row for row in reversed(told) if row["kind"] == "salary")
        takings = next(row for row in reversed(told) if row["kind"] == "settlement")
        for known, is_in in ((salary, False), (takings, True)):
            day = dt.date.fromisoformat(known["booking_date"])
            found = [row for row in reading.kept.values() if row.booking_date == day]
            match = [row for row in found if row.amount == Decimal(known["amount"])]
            assert match
            assert (match[0].amount > 0) is is_in
            assert known["counterparty"] in {row.counterparty.name for row in match}

    def test_pages_leave_no_holes_and_bring_no_doubles(self, stage: Stage) -> None:
        reference = self.connect(stage, "Equal Payments Bank")
        self.refreshed(stage, reference)
        account = self.account(stage, reference, name="Operating account")
        whole = stage.read(reference, account, limit=self.case.largest_page)
        small = stage.read(reference, account, limit=37)
        assert len(small.pages) > len(whole.pages)
        assert len(small.ids) == len(set(small.ids))
        assert small.kept.keys() == whole.kept.keys()
        first = min(row.booking_date for row in small.kept.values())
        assert small.booked(after=first) == booked(stage.truth("equal_payments_bank")["Operating account"], after=first)

    def test_a_page_may_be_asked_for_again_after_an_interruption(self, stage: Stage) -> None:
        reference = self.connect(stage, "Demo Business Bank")
        self.refreshed(stage, reference)
        account = self.account(stage, reference)
        whole = stage.read(reference, account, limit=100)
        first = stage.proxy.transactions(reference, account, limit=100)
        stage.control("POST", "faults", kind="drop", route=self.case.pages, times=5)
        with pytest.raises(FeedError) as caught:
            stage.proxy.transactions(reference, account, position=first.position, limit=100)
        assert caught.value.action == "retry"
        stage.control("DELETE", "faults")
        going_on = Reading()
        going_on.take(first)
        rest = stage.read(reference, account, position=first.position, limit=100)
        for page in rest.pages:
            going_on.take(page)
        assert going_on.kept.keys() == whole.kept.keys()
        assert len(going_on.ids) == len(set(going_on.ids))

    def test_the_last_position_brings_only_what_is_new(self, stage: Stage) -> None:
        reference = self.connect(stage, "Demo Business Bank")
        self.refreshed(stage, reference)
        account = self.account(stage, reference, name="Operating account")
        before = stage.read(reference, account)
        assert not stage.read(reference, account, position=before.pages[-1].position).kept.keys() - before.kept.keys()
        stage.control("POST", "clock", days=5)
        self.refreshed(stage, reference)
        later = stage.read(reference, account, position=before.pages[-1].position)
        fresh = later.kept.keys() - before.kept.keys()
        assert 0 < len(fresh) < len(before.kept) / 2
        today = stage.truth("demo_business_bank")["Operating account"]
        everything = Reading()
        for page in (*before.pages, *later.pages):
            everything.take(page)
        first = min(row.booking_date for row in everything.kept.values())
        assert everything.booked(after=first) == booked(today, after=first)

    def test_pending_transactions_are_apart(self, stage: Stage) -> None:
        reference = self.connect(stage, "Pending Tips Bank")
        self.refreshed(stage, reference)
        seen = 0
        for account in stage.proxy.accounts(reference):
            posted = stage.read(reference, account.id).kept
            pending = stage.proxy.pending(reference, account.id)
            assert {row.status for row in posted.values()} == {"posted"}
            assert {row.status for row in pending} <= {"pending"}
            assert not {row.id for row in pending if row.id} & posted.keys()
            seen += len(pending)
        assert seen > 0

    # --- refresh -----------------------------------------------------------------------------------------------------
    def test_a_person_s_refresh_ends_in_something_to_read(self, stage: Stage) -> None:
        assert self.refreshed(stage, self.connect(stage, "Quiet Bank")).status == "ready"

    def test_nobody_s_refresh_of_an_ordinary_bank_needs_nobody(self, stage: Stage) -> None:
        reference = self.connect(stage, "Quiet Bank")
        self.refreshed(stage, reference)
        assert stage.proxy.connection(reference).unattended
        assert stage.proxy.refresh(reference, user=None).status in ("ready", "working")

    def test_a_bank_that_wants_its_customer_there_says_so(self, stage: Stage) -> None:
        if not self.case.tells_presence:
            assert stage.bank(self.case.provider, "By Hand Only Bank").capabilities.unattended
            return
        reference = self.connect(stage, "By Hand Only Bank")
        assert not stage.proxy.connection(reference).unattended
        assert stage.proxy.refresh(reference, user=None).status == "user_present"
        assert self.refreshed(stage, reference).status == "ready"

    def test_a_bank_that_was_asked_too_early_is_read_as_it_was(self, stage: Stage) -> None:
        """What the bank allows is not asked twice, and what is known can be read all the same."""
        reference = self.connect(stage, "Too Early Bank")
        for _ in range(2):
            try:
                told = self.refreshed(stage, reference)
            except FeedError as error:
                assert error.action == "wait"
                assert error.retry_at is not None
            else:
                assert told.status == "ready"
        assert stage.read(reference, self.account(stage, reference)).kept

    # --- consent -----------------------------------------------------------------------------------------------------
    def test_a_consent_that_ended_is_given_again(self, stage: Stage) -> None:
        reference = self.connect(stage, "Short Consent Bank")
        account = self.account(stage, reference)
        told = stage.proxy.connection(reference)
        if self.case.tells_consent_end:
            assert told.consent_expires_at is not None
            assert dt.timedelta(days=4) < told.consent_expires_at - dt.datetime.now(dt.UTC) < dt.timedelta(days=6)
        stage.control("POST", "clock", days=6)
        with pytest.raises(ConsentExpired) as caught:
            stage.proxy.refresh(reference, user=USER)
        assert caught.value.action == "update_credentials"
        assert caught.value.reference
        opened = stage.proxy.update_connection(reference, return_url=NOWHERE, language="en", user=USER)
        walk(opened.url, "Approve")
        done = stage.proxy.finish_connection(opened.flow)
        assert (done.status, done.connection) == ("connected", reference)
        assert self.refreshed(stage, reference).status == "ready"
        assert stage.proxy.connection(reference).error is None
        assert account in {each.id for each in stage.proxy.accounts(reference)}

    def test_an_update_that_is_cancelled_leaves_the_connection_as_it_was(self, stage: Stage) -> None:
        reference = self.connect(stage, "Quiet Bank")
        opened = stage.proxy.update_connection(reference, return_url=NOWHERE, language="en", user=USER)
        walk(opened.url, "Cancel")
        assert stage.proxy.finish_connection(opened.flow).status == "cancelled"
        assert stage.proxy.accounts(reference)

    def test_a_revoked_connection_is_gone_and_stays_gone(self, stage: Stage) -> None:
        reference = self.connect(stage, "Quiet Bank")
        stage.proxy.revoke(reference)
        stage.proxy.revoke(reference)
        assert stage.proxy.connection(reference).status == "revoked"
        with pytest.raises(ConnectionGone):
            stage.proxy.accounts(reference)

    # --- errors ------------------------------------------------------------------------------------------------------
    def test_every_wire_error_is_its_named_error(self, stage: Stage) -> None:
        reference = self.connect(stage, "Quiet Bank")
        self.refreshed(stage, reference)
        account = self.account(stage, reference)
        for wire_error in self.case.wire_errors:
            stage.control("POST", "faults", **{"route": self.case.pages, "times": None, **wire_error.fault})
            with pytest.raises(wire_error.error) as caught:
                stage.proxy.transactions(reference, account)
            assert type(caught.value) is wire_error.error, wire_error
            assert caught.value.reference, wire_error
            stage.control("DELETE", "faults")
        assert stage.proxy.transactions(reference, account).transactions

    def test_an_account_that_is_not_there_is_not_an_empty_one(self, stage: Stage) -> None:
        reference = self.connect(stage, "Quiet Bank")
        with pytest.raises((NotFound, InvalidResponse)):
            stage.proxy.transactions(reference, "no-such-account")

    # --- secrets -----------------------------------------------------------------------------------------------------
    def test_no_secret_is_in_any_log(self, stage: Stage) -> None:
        """Run last: every test before it has written to the logs."""
        logs = {path.name: path.read_text() for path in stage.logs.glob("*.log")}
        assert len(logs) >= 2
        assert any(f"{self.case.provider}" in text.lower() for text in logs.values())
        for pattern in self.case.secrets:
            for name, text in logs.items():
                assert not re.search(pattern, text), f"{name} holds {pattern}"
