"""The app's only door out: every verb of the proxy's ``/v1``, signed, in the neutral vocabulary."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests

from providers import signing
from providers.decoding import decode, not_understood
from providers.errors import FeedError, InvalidResponse, ProxyUnreachable, from_data
from providers.types import (
    AccountData,
    AccountList,
    ClientData,
    ConnectionData,
    Done,
    EndUser,
    ErrorEnvelope,
    EventPage,
    FlowData,
    HostedPageData,
    InstitutionPage,
    PendingList,
    RefreshData,
    TransactionData,
    TransactionPage,
    encode,
)

__all__ = ["EndUser", "ProxyClient"]

log = logging.getLogger(__name__)
T = TypeVar("T")

REFERENCE_HEADER = "Banksync-Reference"
# Seconds before the second and third attempt of a read; each attempt is signed anew, or it would be a replay.
READ_PAUSES = (0.2, 0.8)
# Answers of something between us and the proxy (a gateway whose back end restarts), worth another try of a read.
GATEWAY_STATUSES = frozenset({502, 503, 504})
SENDER = "The proxy"


class ProxyClient:
    """One installation's conversation with its proxy.

    ``client_id`` is ``""`` until ``register`` has answered. ``private_key`` is base64 as ``signing`` makes it.
    ``timeout`` is (connect, read) in seconds. Every method raises a ``FeedError`` (``providers.errors``) that carries
    the ``reference`` of the exchange; ``last_reference`` is that of the last answer of any kind. ``heard`` is told
    after each exchange which path it was about and how it failed, ``None`` when it did not.
    """

    def __init__(
        self,
        base_url: str,
        client_id: str,
        *,
        private_key: str,
        timeout: tuple[float, float] = (5, 60),
        heard: Callable[[str, FeedError | None], None] = lambda _path, _error: None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.client_id = client_id
        self.last_reference = ""
        self._private_key = private_key
        self._timeout = timeout
        self._heard = heard
        self._session = requests.Session()
        self._session.headers["User-Agent"] = "banksync"

    # --- this installation ---------------------------------------------------------------------------------------
    def register(self, subscription_code: str, phone_number: str, *, name: str) -> ClientData:
        """Makes this key known to the proxy; the request is signed with it, which proves that it is held.

        ``phone_number`` is E.164 (``+3225550100``). Registering the same key again gives the same client. The
        returned ``client_id`` is what this object signs with from now on.
        """
        body = {
            "subscription_code": subscription_code,
            "phone_number": phone_number,
            "name": name,
            "public_key": signing.public_key_of(self._private_key),
        }
        client = self._post("/clients", body, kind=ClientData)
        self.client_id = client.client_id
        return client

    def come_back(self, client_id: str, subscription_code: str) -> ClientData:
        """Gives a client that was disconnected this object's key, if the proxy's operator lets it back; it is blocked
        until the code sent to its phone is entered. Doing it again changes nothing.
        """
        body = {"subscription_code": subscription_code, "public_key": signing.public_key_of(self._private_key)}
        self.client_id = ""
        client = self._post(f"/clients/{client_id}/key", body, kind=ClientData)
        self.client_id = client.client_id
        return client

    def status(self) -> ClientData:
        """How the proxy sees this installation: active, blocked or disconnected, and until when it is subscribed."""
        return self._get("/client", {}, kind=ClientData)

    def send_phone_code(self) -> None:
        """Has a code sent to the registered phone number."""
        self._post("/client/phone-code", {}, kind=Done)

    def confirm_phone_code(self, code: str) -> ClientData:
        """Confirms the phone number with the code that arrived there; a blocked client is active again."""
        return self._post("/client/phone-code/confirm", {"code": code}, kind=ClientData)

    # --- institutions --------------------------------------------------------------------------------------------
    def institutions(self, after: int = 0, *, limit: int = 1000) -> InstitutionPage:
        """What changed in the directory since ``after``, oldest change first; 0 gives all of it, in pages."""
        return self._get("/institutions", {"after": after, "limit": limit}, kind=InstitutionPage)

    # --- connecting ----------------------------------------------------------------------------------------------
    def start_connection(
        self,
        institution: str,
        *,
        return_url: str,
        history_days: int | None,
        language: str,
        user: EndUser,
        account_kinds: Sequence[str] = (),
    ) -> HostedPageData:
        """Opens a page where the holder approves at the bank; afterwards the browser is sent to ``return_url``.

        ``institution`` is an ``InstitutionData.id``; ``history_days`` how far back the consent should reach, ``None``
        for all the provider has; ``language`` two letters; ``account_kinds`` the only kinds of account to be given,
        none for all, where the institution's ``can_narrow`` says that it can be asked.
        """
        body = {
            "institution": institution,
            "return_url": return_url,
            "history_days": history_days,
            "language": language,
            "user": _user(user),
            "account_kinds": list(account_kinds),
        }
        return self._post("/connections", body, kind=HostedPageData)

    def finish_connection(self, flow: str) -> FlowData:
        """How the attempt ended. Asking again gives the same answer, so it may be asked after a crash."""
        return self._post("/connections/finish", {"flow": flow}, kind=FlowData)

    def update_connection(
        self, reference: str, *, return_url: str, language: str, user: EndUser, account_kinds: Sequence[str] = ()
    ) -> HostedPageData:
        """Opens the bank's page again for a connection whose sign-in or consent ended; finish it as a new one.

        ``account_kinds`` as when it was started: what is not said again is not narrowed again.
        """
        body = {
            "return_url": return_url,
            "language": language,
            "user": _user(user),
            "account_kinds": list(account_kinds),
        }
        return self._post(f"/connections/{reference}/update", body, kind=HostedPageData)

    # --- a connection --------------------------------------------------------------------------------------------
    def connection(self, reference: str) -> ConnectionData:
        """The connection as the provider sees it now, with ``error`` set when it does not work."""
        return self._get(f"/connections/{reference}", {}, kind=ConnectionData)

    def accounts(self, reference: str) -> tuple[AccountData, ...]:
        """Every account the holder gave access to."""
        return self._get(f"/connections/{reference}/accounts", {}, kind=AccountList).accounts

    def refresh(self, reference: str, *, user: EndUser | None) -> RefreshData:
        """Asks that the provider reads the bank; ``user`` is who sits there, ``None`` for nobody."""
        body = {"user": _user(user) if user else None}
        return self._post(f"/connections/{reference}/refresh", body, kind=RefreshData)

    def transactions(
        self,
        reference: str,
        account: str,
        *,
        position: str = "",
        first_day: dt.date | None = None,
        limit: int = 500,
    ) -> TransactionPage:
        """One page of an account's posted transactions, from ``position`` on (``""``: from the beginning).

        ``first_day`` spares pages that are older, where the provider can leave them out; older rows may still come.
        Raises ``PagesChanged`` when all pages must be read again from the position before the first of them.
        """
        query = {"account": account, "position": position, "first_day": first_day, "limit": limit}
        page = self._get(f"/connections/{reference}/transactions", query, kind=TransactionPage)
        _check_amounts(page.transactions)
        return page

    def pending(self, reference: str, account: str) -> tuple[TransactionData, ...]:
        """The account's pending transactions as they stand now; to be shown, never stored as lines."""
        found = self._get(f"/connections/{reference}/pending", {"account": account}, kind=PendingList)
        _check_amounts(found.transactions)
        return found.transactions

    def revoke(self, reference: str) -> None:
        """Ends the connection at the provider and forgets its secret. Ending it again is no error."""
        self._post(f"/connections/{reference}/revoke", {}, kind=Done)

    # --- events --------------------------------------------------------------------------------------------------
    def events(self, after: int = 0, *, limit: int = 500) -> EventPage:
        """What happened to this installation's connections since ``after``, oldest first."""
        return self._get("/events", {"after": after, "limit": limit}, kind=EventPage)

    # --- the wire ------------------------------------------------------------------------------------------------
    def _get(self, path: str, query: dict[str, Any], *, kind: type[T]) -> T:
        present = {key: str(value) for key, value in query.items() if value is not None and value != ""}
        with self._listening(path):
            for pause in READ_PAUSES:
                try:
                    return self._exchange("GET", path, kind=kind, query=present)
                except ProxyUnreachable as error:
                    if isinstance(error.__cause__, requests.exceptions.ReadTimeout):
                        raise
                    log.info("reading %s again in %s s: %s", path, pause, error)
                    time.sleep(pause)
            return self._exchange("GET", path, kind=kind, query=present)

    def _post(self, path: str, body: dict[str, Any], *, kind: type[T]) -> T:
        with self._listening(path):
            return self._exchange("POST", path, kind=kind, body=encode(body))

    @contextmanager
    def _listening(self, path: str) -> Iterator[None]:
        """Tells how the exchange inside ended, the last attempt of a read that is tried again."""
        try:
            yield
        except FeedError as error:
            self._heard(path, error)
            raise
        self._heard(path, None)

    def _exchange(
        self, method: str, path: str, *, kind: type[T], query: dict[str, str] | None = None, body: bytes = b""
    ) -> T:
        self.last_reference = ""
        response = self._send(method, path, query=query or {}, body=body)
        self.last_reference = response.headers.get(REFERENCE_HEADER, "")
        if response.status_code >= 300:
            raise self._failure(response)
        try:
            return decode(response.content, kind, sender=SENDER)
        except InvalidResponse as error:
            error.reference = self.last_reference
            raise

    def _send(self, method: str, path: str, *, query: dict[str, str], body: bytes) -> requests.Response:
        headers = {"Content-Type": "application/json"} if body else {}
        request = requests.Request(method, f"{self.base_url}/v1{path}", params=query, data=body, headers=headers)
        prepared = self._session.prepare_request(request)
        # An unregistered key names itself; the proxy then checks against the key in the body.
        signing.sign(prepared, body, key_id=self.client_id or "new", private_key=self._private_key)
        try:
            return self._session.send(prepared, timeout=self._timeout, allow_redirects=False)
        except requests.RequestException as error:
            raise ProxyUnreachable(self._unreachable(error)) from error

    def _failure(self, response: requests.Response) -> Exception:
        """The error an answer stands for: the proxy's own envelope, or by status what something between us said."""
        try:
            envelope = decode(response.content, ErrorEnvelope, sender=SENDER)
        except InvalidResponse:
            kind = response.headers.get("Content-Type", "nothing").split(";")[0]
            said = f"answered HTTP {response.status_code} with {kind} instead of its own words"
            if response.status_code in GATEWAY_STATUSES:
                return ProxyUnreachable(f"The banksync proxy at {self._host} {said}.", reference=self.last_reference)
            return InvalidResponse(
                f"What stands at {self._host} {said}: is PROXY_URL the address of a banksync proxy?",
                reference=self.last_reference,
            )
        error = from_data(envelope.error)
        error.reference = error.reference or self.last_reference
        return error

    def _unreachable(self, error: requests.RequestException) -> str:
        if isinstance(error, requests.exceptions.ReadTimeout):
            return f"The banksync proxy at {self._host} did not answer within {self._timeout[1]} seconds."
        if isinstance(error, requests.exceptions.ChunkedEncodingError):
            return f"The banksync proxy at {self._host} broke off in the middle of its answer."
        return (
            f"The banksync proxy at {self._address} cannot be reached. Check that it runs; if a firewall stands "
            f"between, allow connections from this server to {self._address}."
        )

    @property
    def _address(self) -> str:
        return f"{urlsplit(self.base_url).scheme}://{self._host}"

    @property
    def _host(self) -> str:
        parts = urlsplit(self.base_url)
        return f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


def _user(user: EndUser) -> dict[str, str]:
    return {"ip": user.ip, "agent": user.agent[:1000]}


def _check_amounts(transactions: tuple[TransactionData, ...]) -> None:
    """A decimal's text can also say NaN or Infinity, which is no amount."""
    for index, transaction in enumerate(transactions):
        if not transaction.amount.is_finite():
            raise not_understood(SENDER, at=f"$.transactions[{index}].amount", why="it is not an amount")
