"""The bodies of requests to ``/v1``. What is answered is defined once, in ``providers.types``."""

from __future__ import annotations

from typing import Annotated, get_args

from ninja import Schema
from pydantic import Field, IPvAnyAddress

from providers.types import AccountKind

Text = Annotated[str, Field(min_length=1, max_length=255)]
Address = Annotated[str, Field(min_length=1, max_length=2000)]
# Each kind at most once.
Kinds = Annotated[list[AccountKind], Field(max_length=len(get_args(AccountKind)))]
Language = Annotated[str, Field(pattern="^[a-z]{2}$")]


class Registration(Schema):
    """A new client: what entitles it, how to reach its people, and the public half of its key in base64."""

    subscription_code: Annotated[str, Field(min_length=1, max_length=64)]
    phone_number: Annotated[str, Field(min_length=1, max_length=32)]
    name: Annotated[str, Field(min_length=1, max_length=200)]
    public_key: Annotated[str, Field(min_length=1, max_length=64)]


class NewKey(Schema):
    """The public half of a new key, of a client that was cut off and is let back."""

    subscription_code: Annotated[str, Field(min_length=1, max_length=64)]
    public_key: Annotated[str, Field(min_length=1, max_length=64)]


class PhoneCode(Schema):
    """The code that arrived on the phone."""

    code: Annotated[str, Field(pattern="^ *[0-9]{6} *$")]


class User(Schema):
    """Who sits at the browser."""

    ip: IPvAnyAddress
    agent: Annotated[str, Field(max_length=1000)]


class NewConnection(Schema):
    """A bank to connect; ``history_days`` null asks for all there is, no ``account_kinds`` for every account."""

    institution: Text
    return_url: Address
    history_days: Annotated[int, Field(ge=1, le=3650)] | None
    language: Language
    user: User
    account_kinds: Kinds = []


class FinishedFlow(Schema):
    """A visit to the bank's page."""

    flow: Text


class UpdatedConnection(Schema):
    """A connection whose sign-in or consent is to be renewed, for the same ``account_kinds`` as before or others."""

    return_url: Address
    language: Language
    user: User
    account_kinds: Kinds = []


class Refresh(Schema):
    """Whether somebody is there; null for nobody."""

    user: User | None
