"""Visits to the widget: opened, signed in, ended with a connection or without one."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode

import msgspec
from django.db import transaction

from sandbox.saltedge import banks, callbacks, connections, numbers
from sandbox.saltedge.errors import SaltEdgeError
from sandbox.saltedge.models import Connection, Customer, Session
from sandbox.saltedge.requests import ConsentWanted, Reconnect
from sandbox.world import accounts
from sandbox.world.accounts import Account

LIFE = dt.timedelta(minutes=30)
LONGEST_CONSENT = dt.timedelta(days=366)
MOST_FIELDS = 1024
REFUSED = "wrong"


def open_widget(
    asked: Reconnect, *, customer: Customer, connection: Connection | None, code: str, now: dt.datetime
) -> Session:
    """A session as asked for; ``connection`` is the one to sign in again for. Raises what is wrong with the request."""
    # By the real day: a caller knows no other.
    if asked.consent.from_date < (dt.datetime.now(dt.UTC) - LONGEST_CONSENT).date():
        raise SaltEdgeError("InvalidAispConsentFromDate", "data.consent.from_date must be within 365 days.")
    if asked.attempt.fetch_from_date and asked.attempt.fetch_from_date < asked.consent.from_date:
        raise SaltEdgeError("DateOutOfAispConsentRange", "data.attempt.fetch_from_date is outside of the consent.")
    if len(msgspec.json.encode(asked.attempt.custom_fields)) > MOST_FIELDS:
        raise SaltEdgeError("CustomFieldsSizeTooBig", "data.attempt.custom_fields is larger than 1 KB.")
    return Session.objects.create(
        token=numbers.token(),
        customer=customer,
        connection=connection,
        institution_id=banks.of_code(code).institution.id if code else "",
        provider_code=code,
        consent=msgspec.to_builtins(asked.consent),
        return_to=asked.attempt.return_to,
        custom_fields=asked.attempt.custom_fields,
        include_natures=asked.attempt.include_natures,
        automatic_refresh=asked.automatic_refresh,
        return_connection_id=asked.return_connection_id,
        return_error_class=asked.return_error_class,
        expires_at=now + LIFE,
    )


def choose(session: Session, code: str) -> None:
    """The visitor chooses a bank."""
    session.provider_code = code
    session.institution_id = banks.of_code(code).institution.id
    session.save(update_fields=["provider_code", "institution_id"])


def sign_in(session: Session, *, password: str, now: dt.datetime) -> str:
    """The visitor signs in: anybody with any password but “wrong”. Gives the class of error of a refusal.

    Nothing of what was typed is kept.
    """
    scenario = banks.of_code(session.provider_code).institution.scenario
    refusal = "InvalidCredentials" if password.strip().lower() == REFUSED else ""
    session.error_class = "ProviderUnavailable" if scenario.is_down else refusal
    session.signed_in_at = None if session.error_class else now
    session.save(update_fields=["error_class", "signed_in_at"])
    return session.error_class


def approve(session: Session, keys: list[str], *, now: dt.datetime) -> None:
    """The visitor lets the accounts of these keys be read: a new connection, or the old one signed in again."""
    if session.connection is None and _is_there_already(session, now=now):
        session.error_class = "ConnectionDuplicated"
        leave(session, now=now)
        return
    with transaction.atomic():
        made = _made(session, keys, now=now)
        _read(session, made, now=now)
        _finish(session, made=made, now=now)
    callbacks.reading(made, now=now)


def leave(session: Session, *, now: dt.datetime) -> None:
    """The visitor leaves. A sign-in that the bank refused leaves a connection behind that cannot be read."""
    made = None
    with transaction.atomic():
        if session.error_class and session.connection is None and session.error_class != "ConnectionDuplicated":
            made = _made(session, [], now=now)
            made.is_refused = True
            made.save(update_fields=["is_refused"])
        target = made or session.connection
        if session.error_class and target is not None:
            failing = (session.error_class, "The bank did not let the holder in.")
            _read(session, target, now=now, failing=failing)
        _finish(session, made=made, now=now)
    if session.error_class and target is not None:
        callbacks.reading(target, now=now)


def back(session: Session) -> str:
    """Where the visitor goes: what Salt Edge was asked to say is added to the caller's address."""
    said = {}
    if session.return_connection_id and session.made is not None:
        said["connection_id"] = session.made.connection_id
    if session.return_error_class and session.error_class:
        said["error_class"] = session.error_class
    if not said:
        return session.return_to
    return f"{session.return_to}{'&' if '?' in session.return_to else '?'}{urlencode(said)}"


def accounts_of(session: Session) -> tuple[Account, ...]:
    """The accounts that can be chosen in a visit."""
    return accounts.accounts_of(session.institution_id)


def _read(session: Session, row: Connection, *, now: dt.datetime, failing: tuple[str, str] = ("", "")) -> None:
    """The bank is read as the session asked for it, while the visitor is there."""
    connections.read(
        row,
        now=now,
        user_present=True,
        natures=session.include_natures,
        custom_fields=session.custom_fields,
        failing=failing,
    )


def _made(session: Session, keys: list[str], *, now: dt.datetime) -> Connection:
    made = session.connection
    if made is None:
        made = connections.create(
            session.customer,
            banks.of_code(session.provider_code),
            keys=keys,
            now=now,
            automatic_refresh=session.automatic_refresh,
        )
    else:
        connections.sign_in_again(made, keys=keys, now=now)
    wanted = msgspec.convert(session.consent, ConsentWanted)
    connections.consent(made, scopes=list(wanted.scopes), from_date=wanted.from_date, days=wanted.period_days, now=now)
    return made


def _finish(session: Session, *, made: Connection | None, now: dt.datetime) -> None:
    session.made = made
    session.finished_at = now
    session.save(update_fields=["made", "finished_at", "error_class"])


def _is_there_already(session: Session, *, now: dt.datetime) -> bool:
    """Whether the bank takes one connection of a holder, and has it."""
    if not banks.of_code(session.provider_code).institution.scenario.is_exclusive:
        return False
    others = session.customer.connections.filter(institution_id=session.institution_id)
    return any(connections.status(other, now=now) == "active" for other in others)
