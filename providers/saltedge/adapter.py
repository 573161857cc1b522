"""Salt Edge's routes: hosted widget, connections, consents, accounts, transactions, the directory of banks.

Every request carries the proxy's keys and is signed. The secret of a connection is its id: without the proxy's keys
and signature it opens nothing. https://docs.saltedge.com/v6/api_reference
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from providers.base import Adapter, Health, HostedPage, HostedRequest, Outcome, ProviderEvent
from providers.decoding import decode, not_understood
from providers.errors import ConnectionGone, FeedError, LinkExpired, NotReady, RateLimited
from providers.http import ProviderHttp
from providers.saltedge import errors, link, paging, parse, webhooks
from providers.saltedge.paging import Position
from providers.saltedge.signing import check_public_key, signer
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

ROWS_PER_PAGE = 1000
# What was read from the bank so lately is not asked of it again.
FRESH = dt.timedelta(minutes=10)
# A reading that says nothing for so long is not waited for.
STUCK = dt.timedelta(hours=1)


class SaltEdgeAdapter(Adapter):
    """Salt Edge's account information, version 6. One customer there stands for each client of the proxy."""

    name = parse.PROVIDER
    title = errors.TITLE

    def __init__(self, http: ProviderHttp, *, callback_key: str, with_sandboxes: bool) -> None:
        self._http = http
        self._callback_key = callback_key
        self._with_sandboxes = with_sandboxes

    @classmethod
    def from_config(cls, config: Mapping[str, str]) -> Self:
        """``config`` has ``url``, ``app_id``, ``secret``, the proxy's ``private_key`` and Salt Edge's ``callback_key``.

        Both keys are PEM. ``with_sandboxes`` is ``"true"`` to list Salt Edge's own pretend banks too. Raises
        ``InvalidKey``.
        """
        headers = {"App-id": config["app_id"], "Secret": config["secret"], "User-Agent": "banksync"}
        http = ProviderHttp(config["url"], title=cls.title, headers=headers, sign=signer(config["private_key"]))
        callback_key = config.get("callback_key", "")
        if callback_key:
            check_public_key(callback_key)
        return cls(http, callback_key=callback_key, with_sandboxes=config.get("with_sandboxes", "") == "true")

    # --- institutions --------------------------------------------------------------------------------------------
    def institutions(self) -> Iterator[tuple[InstitutionData, ...]]:
        query = {"include_ais_fields": "true", "per_page": str(ROWS_PER_PAGE)}
        if self._with_sandboxes:
            query["include_sandboxes"] = "true"
        yield from self._pages("/providers", query, read=parse.institutions)

    # --- the hosted page -----------------------------------------------------------------------------------------
    def begin(self, request: HostedRequest) -> HostedPage:
        customer = self._customer(request.holder)
        body = link.visit_body(request, today=_now().date())
        body["customer_id"] = customer
        body["provider"] = {"code": request.institution, "include_sandboxes": self._with_sandboxes}
        return self._open("/connections/connect", body, request=request, customer=customer)

    def update(self, secret: str, request: HostedRequest) -> HostedPage:
        known = self._connection(secret)
        body = link.visit_body(request, today=_now().date())
        customer = str(known.customer_id) if known.customer_id is not None else self._customer(request.holder)
        return self._open(_path(secret, "/reconnect"), body, request=request, customer=customer, known=known)

    def finish(self, state: str, *, answer: Mapping[str, str]) -> Outcome:
        """What the browser says is a hint where to look; what counts is what Salt Edge shows of its own customer."""
        opened = link.State.load(state)
        found = self._visited(opened, hint=answer.get("connection_id", ""))
        if found is not None and found.last_attempt is not None:
            stands = link.stand(found.last_attempt)
            if stands == "connected":
                return self._connected(opened, found)
            if stands == "failed":
                return self._failed(opened, found, error=link.failure(found.last_attempt))
        if found is None and answer.get("error_class"):
            told = errors.from_class(answer["error_class"][:100], answer.get("error_message", "")[:500])
            return Outcome("failed", error=told)
        if found is None and answer:
            return Outcome("cancelled")
        is_over = opened.expires_at < _now()
        return Outcome("failed", error=LinkExpired()) if is_over else Outcome("waiting")

    def _open(
        self,
        path: str,
        body: dict[str, Any],
        *,
        request: HostedRequest,
        customer: str,
        known: link.Connection | None = None,
    ) -> HostedPage:
        session = self._ask("POST", path, kind=link.Opened, body=body).data
        state = link.State(
            link=request.state,
            customer=customer,
            connection=known.reference if known else "",
            consent=str(known.last_consent_id) if known else "",
            opened_at=_now(),
            expires_at=session.expires_at,
        )
        return HostedPage(url=session.connect_url, expires_at=session.expires_at, state=state.dump())

    def _customer(self, holder: str) -> str:
        """The customer that stands for the holder, made at the first visit. Asking by the identifier does not work."""
        try:
            made = self._ask("POST", "/customers", kind=link.Customer, body={"identifier": holder})
            return self._reference(made.data)
        except FeedError as error:
            if error.provider is None or error.provider.code != "DuplicatedCustomer":
                raise
        for page in self._listed("/customers", {}, kind=link.Customers):
            for each in page.data:
                if each.identifier == holder:
                    return self._reference(each)
        raise not_understood(self.title, at="$.data", why="the customer that is there already is not listed")

    def _reference(self, customer: link.CustomerBody) -> str:
        if not customer.reference:
            raise not_understood(self.title, at="$.data", why="the customer has no id")
        return customer.reference

    def _visited(self, opened: link.State, *, hint: str) -> link.Connection | None:
        """The connection this visit made or renewed, if there is one already."""
        if opened.connection or (hint.isascii() and hint.isdigit()):
            try:
                known = self._connection(opened.connection or hint)
            except ConnectionGone:
                if opened.connection:
                    raise
                return None
            return known if link.is_of(opened, known) else None
        for page in self._listed("/connections", {"customer_id": opened.customer}, kind=link.Connections):
            for each in page.data:
                if link.is_of(opened, each):
                    return each
        return None

    def _connected(self, opened: link.State, found: link.Connection) -> Outcome:
        if opened.connection:
            return Outcome("connected")
        return Outcome(
            "connected",
            secret=found.reference,
            provider_reference=found.reference,
            institution=found.provider_code or "",
        )

    def _failed(self, opened: link.State, found: link.Connection, *, error: FeedError) -> Outcome:
        """A new connection that failed is taken away: the same sign-in could not be connected again beside it."""
        if not opened.connection:
            try:
                self.revoke(found.reference)
            except FeedError as trouble:
                log.warning("a connection that failed stays at Salt Edge: %s", trouble)
        return Outcome("failed", error=error)

    # --- a connection --------------------------------------------------------------------------------------------
    def accounts(self, secret: str) -> tuple[AccountData, ...]:
        query = {"connection_id": secret, "per_page": str(ROWS_PER_PAGE)}
        found = tuple(row for page in self._pages("/accounts", query, read=parse.accounts) for row in page)
        if not found:
            self._check_was_read(secret)
        return found

    def refresh(self, secret: str, *, user: EndUser | None) -> RefreshData:
        known = self._connection(secret)
        wrong = link.what_is_wrong(known)
        if wrong is not None:
            raise wrong
        now, attempt = _now(), known.last_attempt
        if attempt is not None and not attempt.has_ended and _is_after(attempt.created_at, now - STUCK):
            return RefreshData(status="working", retry_at=now + errors.READY_PAUSE)
        if attempt is not None and attempt.has_failed and _is_lately(attempt.fail_at, now):
            raise link.failure(attempt)
        needs_holder = attempt is not None and _needs_holder(attempt)
        if needs_holder and user is None:
            return RefreshData(status="user_present")
        if (needs_holder or user is None) and _is_lately(known.read_at, now):
            # What was read a moment ago is not read again where that calls a person back to the bank, or where nobody
            # is there: those readings the bank counts.
            return RefreshData(status="ready")
        # What is not said again is not narrowed again: a reading without natures would bring every account.
        return self._read_the_bank(secret, user=user, natures=attempt.include_natures if attempt else None)

    def transactions(
        self, secret: str, account: str, *, position: str, first_day: dt.date | None, limit: int
    ) -> TransactionPage:
        """``first_day`` is not used: the list begins where the consent does, or where it was left."""
        at = Position.load(position)
        if at.is_beginning:
            self._check_was_read(secret)
        query = {"connection_id": secret, "account_id": account, "per_page": str(min(limit, ROWS_PER_PAGE))}
        if at.stage == "flagged":
            rows = self._rows({**query, "duplicated": "true"}, start=at.start)
            told = rows.transactions
            at = msgspec.structs.replace(at, start=rows.next_id)
        else:
            rows = self._rows(query, start=at.start)
            told = tuple(row for row in paging.news(at, rows) if row.status == "posted")
            at = paging.after(at, rows, today=_now().date())
        if not rows.next_id and at.stage == "posted":
            at = self._on_to_flagged(at, query)
            has_more = at.stage == "flagged"
        else:
            has_more = bool(rows.next_id)
        return TransactionPage(
            transactions=told,
            position=(at if has_more else paging.ended(at)).dump(),
            has_more=has_more,
            balance=None if has_more else self._balance(secret, account),
        )

    def pending(self, secret: str, account: str) -> tuple[TransactionData, ...]:
        query = {"connection_id": secret, "account_id": account, "pending": "true", "per_page": str(ROWS_PER_PAGE)}
        return tuple(row for rows in self._all_rows(query) for row in rows.transactions if row.status == "pending")

    def health(self, secret: str) -> Health:
        known = self._connection(secret)
        attempt = known.last_attempt
        pages = self._listed("/consents", {"connection_id": secret}, kind=link.Consents)
        consent = link.consent_of(known, [one for page in pages for one in page.data])
        return Health(
            unattended=attempt is None or not _needs_holder(attempt),
            consent_expires_at=consent.expires_at if consent else None,
            last_success_at=known.read_at,
            error=link.what_is_wrong(known),
        )

    def revoke(self, secret: str) -> None:
        """Deleting a connection ends its consent too."""
        try:
            self._ask("DELETE", _path(secret), kind=link.Removed)
        except ConnectionGone:
            log.info("the connection was gone already")

    def webhook(self, headers: Mapping[str, str], body: bytes, *, url: str) -> tuple[ProviderEvent, ...]:
        return webhooks.events(headers, body, url=url, public_key=self._callback_key)

    # --- steps ---------------------------------------------------------------------------------------------------
    def _connection(self, secret: str) -> link.Connection:
        return self._ask("GET", _path(secret), kind=link.Shown).data

    def _read_the_bank(self, secret: str, *, user: EndUser | None, natures: list[str] | None) -> RefreshData:
        """Has Salt Edge read the bank now. Where it is too early, what was read last can be had."""
        attempt: dict[str, Any] = {
            "fetch_scopes": link.FETCH_SCOPES,
            "user_present": user is not None,
            "custom_fields": {link.ASKED: True},
            "include_natures": natures or None,
        }
        verb = "/refresh" if user is not None else "/background_refresh"
        if user is not None:
            attempt["customer_last_logged_at"] = _now().strftime("%Y-%m-%dT%H:%M:%SZ")
        try:
            answer = self._ask("POST", _path(secret, verb), kind=link.Refreshed, body={"attempt": attempt})
        except RateLimited as error:
            log.info("not read from the bank: %s", error)
            return RefreshData(status="ready")
        except NotReady as error:
            return RefreshData(status="working", retry_at=error.retry_at)
        if answer.data.connect_url:
            return RefreshData(status="user_present")
        reading = answer.data.last_attempt
        if reading is not None and reading.has_failed:
            raise link.failure(reading)
        if reading is not None and reading.has_ended:
            return RefreshData(status="ready")
        return RefreshData(status="working", retry_at=_now() + errors.READY_PAUSE)

    def _check_was_read(self, secret: str) -> None:
        """Nothing is known of a bank that is being read for the first time: that is not the same as nothing there."""
        known = self._connection(secret)
        attempt = known.last_attempt
        if attempt is not None and not attempt.has_ended and known.last_success_at is None:
            raise NotReady(retry_at=_now() + errors.READY_PAUSE)

    def _on_to_flagged(self, at: Position, query: dict[str, str]) -> Position:
        """The posted rows are read: on to the flagged ones, if they are not those that were told last."""
        wanted = {**query, "duplicated": "true", "per_page": str(ROWS_PER_PAGE)}
        known = paging.fingerprint(row.id for rows in self._all_rows(wanted) for row in rows.transactions)
        if known and known != at.flagged:
            return paging.flagging(at, fingerprint=known)
        return msgspec.structs.replace(at, flagged=known)

    def _balance(self, secret: str, account: str) -> BalanceData | None:
        return next((each.balance for each in self.accounts(secret) if each.id == account), None)

    def _all_rows(self, query: dict[str, str]) -> Iterator[parse.Rows]:
        start, has_more = "", True
        while has_more:
            rows = self._rows(query, start=start)
            yield rows
            start, has_more = rows.next_id, bool(rows.next_id)

    def _rows(self, query: dict[str, str], *, start: str) -> parse.Rows:
        asked = {**query, "from_id": start} if start else query
        rows = parse.transactions(self._send("GET", f"/transactions?{urlencode(asked)}"))
        self._check_progress(rows.next_id, after=start)
        return rows

    # --- the wire ------------------------------------------------------------------------------------------------
    def _pages(
        self, path: str, query: dict[str, str], *, read: Callable[[bytes], tuple[tuple[T, ...], str]]
    ) -> Iterator[tuple[T, ...]]:
        start, has_more = "", True
        while has_more:
            asked = {**query, "from_id": start} if start else query
            rows, following = read(self._send("GET", f"{path}?{urlencode(asked)}"))
            self._check_progress(following, after=start)
            yield rows
            start, has_more = following, bool(following)

    def _listed(self, path: str, query: dict[str, str], *, kind: type[T]) -> Iterator[T]:
        """Every page of a list."""

        def whole(body: bytes) -> tuple[tuple[T, ...], str]:
            page = decode(body, kind, sender=self.title)
            return (page,), parse.next_id(getattr(page, "meta", None))

        for pages in self._pages(path, {**query, "per_page": str(ROWS_PER_PAGE)}, read=whole):
            yield from pages

    def _check_progress(self, following: str, *, after: str) -> None:
        """A page is asked from its first id, so one that names an earlier id would never end."""
        if following and parse.order(following) <= parse.order(after):
            raise not_understood(self.title, at="$.meta.next_id", why="the pages do not go on")

    def _ask(self, method: str, path: str, *, kind: type[T], body: dict[str, Any] | None = None) -> T:
        sent = b"" if body is None else msgspec.json.encode({"data": body})
        return decode(self._send(method, path, body=sent), kind, sender=self.title)

    def _send(self, method: str, path: str, *, body: bytes = b"") -> bytes:
        answer = self._http.send(method, path, body=body, is_read=method == "GET")
        if not 200 <= answer.status < 300:
            raise errors.from_answer(answer.status, answer.body)
        return answer.body


def _path(secret: str, verb: str = "") -> str:
    return f"/connections/{quote(secret, safe='')}{verb}"


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _is_after(moment: dt.datetime | None, bound: dt.datetime) -> bool:
    return moment is not None and moment > bound


def _is_lately(moment: dt.datetime | None, now: dt.datetime) -> bool:
    """Within the last minutes, as far as the two clocks agree."""
    return moment is not None and now - FRESH < moment < now + link.CLOCKS_DIFFER


def _needs_holder(attempt: link.Attempt) -> bool:
    """Whether the bank cannot be read while nobody is there. What is not said is not so."""
    return attempt.automatic_fetch is False or (attempt.interactive is True and attempt.automatic_fetch is not True)
