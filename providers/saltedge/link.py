"""Salt Edge's hosted widget: what is sent to open it, and how a connection it made or renewed is read.

https://docs.saltedge.com/v6/#connections-connect
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal, Self

import msgspec
from msgspec import Struct

from providers.base import HostedRequest
from providers.errors import ConsentExpired, FeedError
from providers.saltedge import parse
from providers.saltedge.errors import Moment, from_class
from providers.saltedge.parse import Id, PageMeta

SCOPES = ["accounts", "transactions"]
FETCH_SCOPES = ["accounts", "balance", "transactions"]
# The widget's languages: https://docs.saltedge.com/v6/#locales
LANGUAGES = frozenset(
    ["bg", "cs", "de", "en", "es", "fr", "he", "hu", "it", "nl", "pl", "pt", "ro", "ru", "sk", "tr", "uk", "zh"]
)
# Our clock and Salt Edge's may differ by so much.
CLOCKS_DIFFER = dt.timedelta(minutes=5)
# Marks a reading that was asked for by a fetch, which looks by itself how it goes; visits are marked with "link".
ASKED = "asked"
# Once one of these began, the bank has accepted the sign-in. https://docs.saltedge.com/v6/#attempts
READING = frozenset({"fetch_holder_info", "fetch_accounts", "fetch_recent", "fetch_full", "disconnect", "finish"})


class CustomerBody(Struct):
    """A customer is called ``customer_id`` now, and ``id`` by older versions."""

    customer_id: Id | None = None
    id: Id | None = None
    identifier: str | None = None

    @property
    def reference(self) -> str:
        found = self.customer_id if self.customer_id is not None else self.id
        return "" if found is None else str(found)


class Customer(Struct):
    data: CustomerBody


class Customers(Struct):
    data: list[CustomerBody]
    meta: PageMeta | None = None


class Stage(Struct):
    name: str | None = None


class Attempt(Struct):
    """One reading of the bank, from the sign-in on."""

    created_at: Moment | None = None
    success_at: Moment | None = None
    fail_at: Moment | None = None
    fail_error_class: str | None = None
    fail_message: str | None = None
    finished: bool | None = None
    interactive: bool | None = None
    automatic_fetch: bool | None = None
    custom_fields: Any = None
    include_natures: list[str] | None = None
    last_stage: Stage | None = None

    @property
    def has_ended(self) -> bool:
        return bool(self.finished or self.success_at or self.fail_at)

    @property
    def has_failed(self) -> bool:
        """Also when an earlier stage of the same attempt succeeded."""
        return self.fail_at is not None and (self.success_at is None or self.fail_at > self.success_at)


class Connection(Struct):
    """``last_success_at`` is told by older versions; now it stands with the attempt."""

    id: Id
    status: str
    customer_id: Id | None = None
    provider_code: str | None = None
    created_at: Moment | None = None
    last_attempt: Attempt | None = None
    last_consent_id: Id | None = None
    last_success_at: Moment | None = None
    next_refresh_possible_at: Moment | None = None

    @property
    def reference(self) -> str:
        return str(self.id)

    @property
    def read_at(self) -> dt.datetime | None:
        """When the bank was last read."""
        return (self.last_attempt.success_at if self.last_attempt else None) or self.last_success_at


class Shown(Struct):
    """An answer that shows one connection."""

    data: Connection


class Connections(Struct):
    data: list[Connection]
    meta: PageMeta | None = None


class Consent(Struct):
    id: Id
    status: str | None = None
    expires_at: Moment | None = None
    revoked_at: Moment | None = None


class Consents(Struct):
    data: list[Consent]
    meta: PageMeta | None = None


class Session(Struct):
    """An opened widget."""

    connect_url: str
    expires_at: Moment


class Opened(Struct):
    data: Session


class Refreshing(Struct):
    """The answer to a refresh: a widget's address where the bank needs the holder, otherwise the connection's state."""

    connect_url: str | None = None
    last_attempt: Attempt | None = None


class Refreshed(Struct):
    data: Refreshing


class Removed(Struct):
    """An answer of which nothing is read."""


class State(Struct, frozen=True):
    """What is kept of an opened widget until it ends.

    ``connection`` is ``""`` for a new one; otherwise ``consent`` is the one it stood on until then.
    """

    link: str
    customer: str
    connection: str
    consent: str
    opened_at: dt.datetime
    expires_at: dt.datetime

    def dump(self) -> str:
        return msgspec.json.encode(self).decode()

    @classmethod
    def load(cls, text: str) -> Self:
        return msgspec.json.decode(text, type=cls)


def visit_body(request: HostedRequest, *, today: dt.date) -> dict[str, Any]:
    """What opening the widget always needs: the consent to be asked for, and where the browser goes afterwards."""
    days = min(max(request.history_days or parse.HISTORY_DAYS, 1), parse.HISTORY_DAYS)
    first_day = (today - dt.timedelta(days=days)).isoformat()
    return {
        "consent": {"scopes": SCOPES, "from_date": first_day},
        "attempt": {
            "fetch_scopes": FETCH_SCOPES,
            "fetch_from_date": first_day,
            # Salt Edge adds what it has to say, and nothing when the holder just leaves: so that coming back is
            # always noticed, the address says something of its own.
            "return_to": f"{request.return_url}?back=1",
            "locale": request.language if request.language in LANGUAGES else "en",
            "custom_fields": {"link": request.state},
            "unduplication_strategy": "mark_as_duplicate",
            "user_present": True,
            # Nothing stands for every account: https://docs.saltedge.com/v6/#connections-connect
            "include_natures": natures(request.account_kinds),
        },
        "widget": {"show_consent_confirmation": True, "skip_provider_selection": True},
        "automatic_refresh": True,
        "return_connection_id": True,
        "return_error_class": True,
    }


def natures(kinds: tuple[str, ...]) -> list[str] | None:
    """What Salt Edge calls these kinds of account; ``None`` for no kinds, which asks for all."""
    return [nature for nature, kind in parse.NATURES.items() if kind in kinds] or None


def is_of(state: State, connection: Connection) -> bool:
    """Whether this very visit made or renewed the connection: it must be its customer's, and carry its mark.

    Where a connection carries no visit's mark, a new one must be younger than the visit, and one that is signed in to
    again must stand on another consent than before: banks are read by Salt Edge itself and for fetches meanwhile.
    """
    if connection.customer_id is None or str(connection.customer_id) != state.customer:
        return False
    attempt = connection.last_attempt
    marks = attempt.custom_fields if attempt is not None else None
    if isinstance(marks, dict) and "link" in marks:
        return bool(marks["link"] == state.link)
    if state.connection:
        return str(connection.last_consent_id) != state.consent
    return connection.created_at is not None and connection.created_at >= state.opened_at - CLOCKS_DIFFER


def stand(attempt: Attempt) -> Literal["waiting", "connected", "failed"]:
    """How a visit's attempt stands. Once the bank has accepted the sign-in, reading it may take its time."""
    if attempt.has_failed:
        return "failed"
    stage = attempt.last_stage.name if attempt.last_stage else None
    return "connected" if attempt.has_ended or stage in READING else "waiting"


def failure(attempt: Attempt) -> FeedError:
    """Why an attempt failed."""
    return from_class(attempt.fail_error_class or "ConnectionFailed", attempt.fail_message or "")


def what_is_wrong(connection: Connection) -> FeedError | None:
    """Why the connection cannot be read any more, ``None`` when it can."""
    if connection.status == "active":
        return None
    if connection.status == "disabled":
        return from_class("ConnectionDisabled", "")
    attempt = connection.last_attempt
    if attempt is not None and attempt.has_failed:
        error = failure(attempt)
        if error.action in ("update_credentials", "reconnect", "disable_auto_sync"):
            return error
    return ConsentExpired("The bank asks for a new sign-in: update the credentials.")


def consent_of(connection: Connection, consents: list[Consent]) -> Consent | None:
    """The consent the connection stands on now."""
    current = [one for one in consents if str(one.id) == str(connection.last_consent_id)]
    return current[0] if current else (consents[-1] if consents else None)
