"""``data`` of requests, as far as they are acted on; more fields are known to Salt Edge and let pass."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

Text = Annotated[str, Meta(min_length=1)]
Scope = Literal["accounts", "transactions", "holder_info"]
FetchScope = Literal["accounts", "balance", "transactions", "holder_info"]
Days = Annotated[int, Meta(ge=1)]
Nature = Literal[
    "account", "bonus", "card", "checking", "credit", "credit_card", "debit_card", "ewallet", "insurance",
    "investment", "loan", "mortgage", "savings",
]  # fmt: skip


class CustomerCreate(Struct):
    identifier: Text


class ConsentWanted(Struct):
    scopes: Annotated[list[Scope], Meta(min_length=1)]
    from_date: dt.date
    period_days: Days | None = None


class AttemptWanted(Struct, frozen=True):
    fetch_scopes: list[FetchScope] | None = None
    fetch_from_date: dt.date | None = None
    return_to: Annotated[str, Meta(max_length=2040)] = ""
    locale: str = "en"
    custom_fields: dict[str, Any] = {}
    user_present: bool = False
    include_natures: list[Nature] | None = None


class ProviderWanted(Struct, frozen=True):
    code: str = ""
    include_sandboxes: bool = False


class Reconnect(Struct, kw_only=True):
    consent: ConsentWanted
    attempt: AttemptWanted = AttemptWanted()
    automatic_refresh: bool = False
    return_connection_id: bool = False
    return_error_class: bool = False


class Connect(Reconnect, kw_only=True):
    customer_id: Text
    provider: ProviderWanted = ProviderWanted()


class Refresh(Struct):
    attempt: AttemptWanted = AttemptWanted()
    automatic_refresh: bool | None = None
    show_widget: bool = False


class ConnectionUpdate(Struct):
    """``inactive`` and ``disabled`` show what a bank or Salt Edge may do to a connection."""

    status: Literal["active", "inactive", "disabled"] | None = None
    automatic_refresh: bool | None = None


class Duplicates(Struct):
    connection_id: Text
    transaction_ids: Annotated[list[Text], Meta(min_length=1)]
    duplicate: bool
