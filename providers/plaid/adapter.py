"""Plaid's routes: hosted link, accounts, transactions by cursor, institutions, the state of an Item.

Every call is a POST with the proxy's keys in its headers and an Item's access token in its body.
https://plaid.com/docs/api/
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator, Mapping
from typing import Any, Self, TypeVar

import msgspec

from providers.base import Adapter, Health, HostedPage, HostedRequest, Outcome, ProviderEvent
from providers.decoding import decode, not_understood
from providers.errors import (
    ConnectionGone,
    FeedError,
    InstitutionDown,
    InstitutionRetired,
    LinkExpired,
    NotReady,
    NotSupported,
    RateLimited,
)
from providers.http import ProviderHttp
from providers.plaid import errors, link, parse, webhooks
from providers.types import (
    AccountData,
    BalanceData,
    EndUser,
    InstitutionData,
    RefreshData,
    TransactionData,
    TransactionPage,
)

log = logging.getLogger(__name__)
T = TypeVar("T")

API_VERSION = "2020-09-14"
INSTITUTIONS_PER_PAGE = 500
TRANSACTIONS_PER_PAGE = 500
# A pending transaction is posted or dropped within two weeks.
PENDING_DAYS = 14
# Right after connecting, Plaid has 30 days at first and two years soon after; longer than this nobody waits for it.
HISTORY_PATIENCE = dt.timedelta(hours=1)
# What was read from the bank so lately is not asked of it again.
FRESH = dt.timedelta(minutes=1)
# Refusals of the paid refresh that leave what Plaid reads by itself untouched.
NO_REFRESH = frozenset({"PRODUCTS_NOT_SUPPORTED", "INVALID_PRODUCT", "PRODUCT_NOT_ENABLED"})
# fmt: off
COUNTRIES = frozenset({
    "AT", "BE", "CA", "DE", "DK", "EE", "ES", "FI", "FR", "GB",
    "IE", "IT", "LT", "LV", "NL", "NO", "PL", "PT", "SE", "US",
})
# fmt: on


class PlaidAdapter(Adapter):
    """Plaid's Transactions product. The secret of a connection is its Item's access token."""

    name = parse.PROVIDER
    title = parse.TITLE

    def __init__(self, http: ProviderHttp, *, client_name: str) -> None:
        self._http = http
        self._client_name = client_name
        self._verifier = webhooks.Verifier(self._webhook_key)

    @classmethod
    def from_config(cls, config: Mapping[str, str]) -> Self:
        """``config`` has ``url``, ``client_id``, ``secret`` and the ``client_name`` that the bank's page shows."""
        headers = {
            "PLAID-CLIENT-ID": config["client_id"],
            "PLAID-SECRET": config["secret"],
            "Plaid-Version": API_VERSION,
        }
        http = ProviderHttp(config["url"], title=cls.title, headers=headers)
        return cls(http, client_name=config["client_name"])

    # --- institutions --------------------------------------------------------------------------------------------
    def institutions(self) -> Iterator[tuple[InstitutionData, ...]]:
        offset, total = 0, 1
        while offset < total:
            body = {
                "count": INSTITUTIONS_PER_PAGE,
                "offset": offset,
                "country_codes": sorted(COUNTRIES),
                "options": {"products": ["transactions"]},
            }
            page = self._read("/institutions/get", body, kind=parse.InstitutionsPage)
            if not page.institutions:
                raise not_understood(self.title, at="$.total", why=f"the directory ends at {offset}")
            yield parse.institutions(page)
            offset, total = offset + len(page.institutions), page.total

    # --- the hosted page -----------------------------------------------------------------------------------------
    def begin(self, request: HostedRequest) -> HostedPage:
        countries = sorted(COUNTRIES.intersection(request.countries))
        if not countries:
            raise NotSupported("Plaid does not connect banks of this country.")
        body = link.request_body(request, client_name=self._client_name, countries=countries)
        body["products"] = ["transactions"]
        # Days can only be asked for now; Plaid never reaches further back for this Item later.
        days = min(max(request.history_days or parse.HISTORY_DAYS, 1), parse.HISTORY_DAYS)
        body["transactions"] = {"days_requested": days}
        body["institution_id"] = request.institution
        return self._open(body, is_update=False)

    def update(self, secret: str, request: HostedRequest) -> HostedPage:
        countries = sorted(COUNTRIES.intersection(request.countries)) or ["US"]
        body = link.request_body(request, client_name=self._client_name, countries=countries)
        # With the Item's token and without products the page is in update mode; the token stays good.
        # https://plaid.com/docs/link/update-mode/
        body["access_token"] = secret
        body["update"] = {"account_selection_enabled": True}
        return self._open(body, is_update=True)

    def finish(self, state: str, *, answer: Mapping[str, str]) -> Outcome:
        opened = link.State.load(state)
        body = {"link_token": opened.link_token}
        told = self._read("/link/token/get", body, kind=link.LinkToken)
        visit = link.visit(told.link_sessions, is_update=opened.is_update)
        if visit.status == "waiting" and opened.expires_at < dt.datetime.now(dt.UTC):
            return Outcome("failed", error=LinkExpired())
        if visit.status == "failed" and visit.error is not None:
            return Outcome("failed", error=errors.from_error(visit.error))
        if visit.status != "connected" or opened.is_update:
            return Outcome(visit.status)
        return self._exchange(visit)

    def _exchange(self, visit: link.Visit) -> Outcome:
        try:
            kept = self._write("/item/public_token/exchange", {"public_token": visit.public_token}, kind=link.Item)
        except LinkExpired as error:
            return Outcome("failed", error=error)
        return Outcome(
            "connected", secret=kept.access_token, provider_reference=kept.item_id, institution=visit.institution
        )

    def _open(self, body: dict[str, Any], *, is_update: bool) -> HostedPage:
        token = self._write("/link/token/create", body, kind=link.CreatedToken)
        state = link.State(link_token=token.link_token, is_update=is_update, expires_at=token.expiration)
        return HostedPage(url=token.hosted_link_url, expires_at=token.expiration, state=state.dump())

    # --- a connection --------------------------------------------------------------------------------------------
    def accounts(self, secret: str) -> tuple[AccountData, ...]:
        return parse.accounts(self._read("/accounts/get", {"access_token": secret}, kind=parse.AccountsPage).accounts)

    def refresh(self, secret: str, *, user: EndUser | None) -> RefreshData:
        told = self._item(secret)
        if told.item.error is not None:
            raise errors.from_error(told.item.error)
        if user is None and told.item.update_type == "user_present_required":
            return RefreshData(status="user_present")
        now = dt.datetime.now(dt.UTC)
        if user is not None and not _is_after(told.last_success_at, now - FRESH):
            self._ask_the_bank(secret)
        return self._readiness(secret, connected_at=told.item.created_at, now=now)

    def transactions(
        self, secret: str, account: str, *, position: str, first_day: dt.date | None, limit: int
    ) -> TransactionPage:
        """``first_day`` is not used: a cursor begins where the Item's history begins, or where it was left."""
        count = min(limit, TRANSACTIONS_PER_PAGE)
        page = self._sync(secret, account=account, cursor=position, count=count)
        if page.transactions_update_status == "NOT_READY":
            raise NotReady(retry_at=dt.datetime.now(dt.UTC) + errors.READY_PAUSE)
        rows = parse.transactions(page.added, at="$.added") + parse.transactions(page.modified, at="$.modified")
        balance = parse.balance_of(page.accounts, account)
        if balance is None and not page.has_more:
            balance = self._balance(secret, account)
        return TransactionPage(
            transactions=tuple(row for row in rows if row.status == "posted"),
            removed=tuple(gone.transaction_id for gone in page.removed),
            position=page.next_cursor,
            has_more=page.has_more,
            balance=balance,
        )

    def pending(self, secret: str, account: str) -> tuple[TransactionData, ...]:
        # One day more than today in UTC: east of it the bank's day has begun already.
        last_day = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)
        found: list[TransactionData] = []
        offset, total = 0, 1
        while offset < total:
            body = {
                "access_token": secret,
                "start_date": (last_day - dt.timedelta(days=PENDING_DAYS + 1)).isoformat(),
                "end_date": last_day.isoformat(),
                "options": {
                    "account_ids": [account],
                    "count": TRANSACTIONS_PER_PAGE,
                    "offset": offset,
                    "include_original_description": True,
                },
            }
            page = self._read("/transactions/get", body, kind=parse.GetPage)
            found += parse.transactions(page.transactions, at="$.transactions")
            offset, total = offset + len(page.transactions), page.total_transactions
            if not page.transactions and offset < total:
                raise not_understood(self.title, at="$.total_transactions", why=f"the list ends at {offset}")
        return tuple(row for row in found if row.status == "pending")

    def health(self, secret: str) -> Health:
        told = self._item(secret)
        error: FeedError | None = errors.from_error(told.item.error) if told.item.error is not None else None
        return Health(
            unattended=told.item.update_type != "user_present_required",
            consent_expires_at=told.item.consent_expiration_time,
            last_success_at=told.last_success_at,
            error=error or self._trouble_at(told.item.institution_id),
        )

    def webhook(self, headers: Mapping[str, str], body: bytes, *, url: str) -> tuple[ProviderEvent, ...]:
        """``url`` is not used: Plaid signs the body alone."""
        return webhooks.events(body, self._verifier.verify(headers, body, now=dt.datetime.now(dt.UTC)))

    def revoke(self, secret: str) -> None:
        try:
            self._write("/item/remove", {"access_token": secret}, kind=link.Nothing)
        except ConnectionGone:
            log.info("the Item was gone already")

    # --- steps ---------------------------------------------------------------------------------------------------
    def _item(self, secret: str) -> link.ItemStatus:
        return self._read("/item/get", {"access_token": secret}, kind=link.ItemStatus)

    def _trouble_at(self, institution: str | None) -> FeedError | None:
        """Whether nobody can read the bank at the moment; an Item alone does not tell."""
        if not institution:
            return None
        options = {"include_status": True}
        body = {"institution_id": institution, "country_codes": sorted(COUNTRIES), "options": options}
        try:
            told = self._read("/institutions/get_by_id", body, kind=link.InstitutionAnswer)
        except InstitutionRetired as error:
            return error
        return InstitutionDown() if told.institution.is_down else None

    def _webhook_key(self, kid: str) -> webhooks.PublishedKey:
        return self._read("/webhook_verification_key/get", {"key_id": kid}, kind=webhooks.KeyAnswer).key

    def _ask_the_bank(self, secret: str) -> None:
        """Has Plaid read the bank now. It is a paid extra; where it is not to be had, Plaid reads by itself."""
        try:
            self._write("/transactions/refresh", {"access_token": secret}, kind=link.Nothing)
        except RateLimited as error:
            log.info("not refreshed: %s", error)
        except FeedError as error:
            if error.provider is None or error.provider.code not in NO_REFRESH:
                raise
            log.info("not refreshed: %s", error.provider.code)

    def _readiness(self, secret: str, *, connected_at: dt.datetime | None, now: dt.datetime) -> RefreshData:
        """Whether there is something to read. The question is also what makes Plaid tell of later updates."""
        status = self._sync(secret, account="", cursor="", count=1).transactions_update_status
        is_new = _is_after(connected_at, now - HISTORY_PATIENCE)
        if status == "NOT_READY" or (status == "INITIAL_UPDATE_COMPLETE" and is_new):
            return RefreshData(status="working", retry_at=now + errors.READY_PAUSE)
        return RefreshData(status="ready")

    def _sync(self, secret: str, *, account: str, cursor: str, count: int) -> parse.SyncPage:
        # With an account the cursor is that account's own, so that one account's failure holds up no other.
        options: dict[str, Any] = {"include_original_description": True}
        if account:
            options["account_id"] = account
        body: dict[str, Any] = {"access_token": secret, "count": count, "options": options}
        if cursor:
            body["cursor"] = cursor
        return self._read("/transactions/sync", body, kind=parse.SyncPage)

    def _balance(self, secret: str, account: str) -> BalanceData | None:
        """For an account without transactions, which Plaid leaves out of their answer."""
        body = {"access_token": secret, "options": {"account_ids": [account]}}
        return parse.balance_of(self._read("/accounts/get", body, kind=parse.AccountsPage).accounts, account)

    # --- the wire ------------------------------------------------------------------------------------------------
    def _read(self, path: str, body: dict[str, Any], *, kind: type[T]) -> T:
        return self._call(path, body, kind=kind, is_read=True)

    def _write(self, path: str, body: dict[str, Any], *, kind: type[T]) -> T:
        return self._call(path, body, kind=kind, is_read=False)

    def _call(self, path: str, body: dict[str, Any], *, kind: type[T], is_read: bool) -> T:
        answer = self._http.post(path, msgspec.json.encode(body), is_read=is_read)
        if answer.status != 200:
            raise errors.from_answer(answer.status, answer.body)
        return decode(answer.body, kind, sender=self.title)


def _is_after(moment: dt.datetime | None, bound: dt.datetime) -> bool:
    return moment is not None and moment > bound
