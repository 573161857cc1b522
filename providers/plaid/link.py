"""Plaid's hosted page and Item: what is sent to open a page, and how a visit to it is read.

https://plaid.com/docs/link/hosted-link/
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Self

import msgspec
from msgspec import Meta, Struct

from providers.base import HostedRequest
from providers.errors import NotSupported
from providers.plaid.errors import PlaidError
from providers.plaid.parse import SAVINGS
from providers.types import AccountKind

PAGE_SECONDS = 1800
# https://plaid.com/docs/api/link/#link-token-create-request-language
LANGUAGES = frozenset(
    ["da", "nl", "en", "et", "fr", "de", "hi", "it", "lv", "lt", "no", "pl", "pt", "ro", "es", "sv", "vi"]
)  # fmt: skip

# What is asked for, by kind and type of account. Of loans the Transactions product knows those of students alone.
# https://plaid.com/docs/api/link/#link-token-create-request-account-filters
_SUBTYPES: dict[AccountKind, tuple[str, tuple[str, ...]]] = {
    "current": ("depository", ("checking", "cash management", "paypal", "prepaid", "ebt")),
    "savings": ("depository", SAVINGS),
    "cards": ("credit", ("all",)),
    "loans": ("loan", ("student",)),
}

Secret = Annotated[str, Meta(min_length=1)]
Moment = Annotated[dt.datetime, Meta(tz=True)]


class CreatedToken(Struct):
    link_token: Secret
    expiration: Moment
    hosted_link_url: Secret


class Item(Struct):
    """The answer to an exchange."""

    access_token: Secret
    item_id: str


class Nothing(Struct):
    """An answer of which nothing is read."""


class ItemState(Struct):
    """``item`` of ``/item/get``."""

    error: PlaidError | None = None
    update_type: str = "background"
    consent_expiration_time: Moment | None = None
    created_at: Moment | None = None
    institution_id: str | None = None


class Updates(Struct):
    last_successful_update: Moment | None = None


class Products(Struct):
    transactions: Updates | None = None


class ItemStatus(Struct):
    """``/item/get``."""

    item: ItemState
    status: Products | None = None

    @property
    def last_success_at(self) -> dt.datetime | None:
        """When Plaid last read the bank's transactions."""
        updates = self.status.transactions if self.status else None
        return updates.last_successful_update if updates else None


class Working(Struct):
    status: str = ""


class Statuses(Struct):
    transactions_updates: Working | None = None


class InstitutionState(Struct):
    status: Statuses | None = None

    @property
    def is_down(self) -> bool:
        """Plaid says so of its reading of transactions; not told everywhere."""
        updates = self.status.transactions_updates if self.status else None
        return updates is not None and updates.status == "DOWN"


class InstitutionAnswer(Struct):
    """``/institutions/get_by_id``."""

    institution: InstitutionState


class ChosenInstitution(Struct):
    institution_id: str | None = None


class ItemAdded(Struct):
    public_token: Secret
    institution: ChosenInstitution | None = None


class Results(Struct):
    item_add_results: list[ItemAdded] = []


class Metadata(Struct):
    institution: ChosenInstitution | None = None


class Success(Struct):
    """What older Plaid accounts get in the place of ``results``."""

    public_token: str = ""
    metadata: Metadata | None = None


class Exit(Struct):
    error: PlaidError | None = None


class Session(Struct):
    finished_at: Moment | None = None
    results: Results | None = None
    on_success: Success | None = None
    exit: Exit | None = None
    on_exit: Exit | None = None


class LinkToken(Struct):
    """``/link/token/get``: one token may have seen several visits, when the holder tried again."""

    link_sessions: list[Session] = []


class State(Struct, frozen=True):
    """What is kept of an opened page until it ends."""

    link_token: str
    is_update: bool
    expires_at: dt.datetime

    def dump(self) -> str:
        return msgspec.json.encode(self).decode()

    @classmethod
    def load(cls, text: str) -> Self:
        return msgspec.json.decode(text, type=cls)


@dataclass(frozen=True)
class Visit:
    """All visits to one page, as one answer."""

    status: Literal["waiting", "connected", "cancelled", "failed"]
    public_token: str = field(default="", repr=False)
    institution: str = ""
    error: PlaidError | None = None


def request_body(request: HostedRequest, *, client_name: str, countries: list[str]) -> dict[str, Any]:
    """What opening a page always needs, in Plaid's words."""
    body: dict[str, Any] = {
        # Plaid's page shows "This Application" in the place of a longer one.
        "client_name": client_name[:30],
        "language": request.language if request.language in LANGUAGES else "en",
        "country_codes": countries,
        "user": {"client_user_id": request.holder},
        "webhook": request.webhook_url,
        "hosted_link": {"completion_redirect_uri": request.return_url, "url_lifetime_seconds": PAGE_SECONDS},
    }
    if request.account_kinds:
        body["account_filters"] = _filters(request.account_kinds)
    return body


def _filters(kinds: tuple[AccountKind, ...]) -> dict[str, dict[str, list[str]]]:
    """A type of account that is not in it is not shown at all. Raises ``NotSupported`` for what it cannot be asked."""
    if not set(kinds) <= set(_SUBTYPES):
        raise NotSupported("Plaid cannot be asked for these kinds of account.")
    filters: dict[str, dict[str, list[str]]] = {}
    for kind in kinds:
        account_type, subtypes = _SUBTYPES[kind]
        filters.setdefault(account_type, {"account_subtypes": []})["account_subtypes"].extend(subtypes)
    return filters


def visit(sessions: list[Session], *, is_update: bool) -> Visit:
    """How the visits of one page stand. A success in any of them counts, the latest first; then one still open."""
    for session in reversed(sessions):
        added = _added(session)
        if added is not None:
            return added
        if is_update and session.finished_at is not None and _left(session) is None:
            return Visit("connected")
    if not sessions or any(session.finished_at is None and _left(session) is None for session in sessions):
        return Visit("waiting")
    error = next((left.error for left in map(_left, reversed(sessions)) if left and left.error), None)
    return Visit("failed", error=error) if error else Visit("cancelled")


def _added(session: Session) -> Visit | None:
    if session.results and session.results.item_add_results:
        item = session.results.item_add_results[-1]
        return Visit("connected", public_token=item.public_token, institution=_id(item.institution))
    if session.on_success and session.on_success.public_token:
        metadata = session.on_success.metadata
        institution = _id(metadata.institution) if metadata else ""
        return Visit("connected", public_token=session.on_success.public_token, institution=institution)
    return None


def _left(session: Session) -> Exit | None:
    return session.exit or session.on_exit


def _id(institution: ChosenInstitution | None) -> str:
    return (institution.institution_id if institution else None) or ""
