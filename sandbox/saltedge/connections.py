"""Connections through time: signed in, read, refused, repaired. What a reading found stands until the next one."""

from __future__ import annotations

import datetime as dt

import msgspec
from django.db import transaction

from sandbox.saltedge import banks, errors, numbers
from sandbox.saltedge.banks import Bank
from sandbox.saltedge.models import Attempt, Connection, Consent, Customer
from sandbox.saltedge.requests import AttemptWanted
from sandbox.world import readings
from sandbox.world.directory import Institution

# A bank is read once an hour, if it has no rule of its own.
REFRESH_SECONDS = 3600
USUAL_CONSENT_DAYS = 180
RECENT_DAYS = 30
# Salt Edge reads by itself about once a day.
AUTOMATIC = dt.timedelta(days=1)
DEFAULT_HISTORY = dt.timedelta(days=90)


def find(number: str) -> Connection:
    """The connection with this id. Raises ``ConnectionNotFound``."""
    found = Connection.objects.select_related("customer").filter(connection_id=number).first()
    if found is None:
        raise errors.not_found("Connection", number)
    return found


def bank_of(row: Connection) -> Bank:
    """The bank a connection is at."""
    return banks.of_code(row.provider_code)


def refresh_pause(institution: Institution) -> int:
    """Seconds between two readings."""
    scenario = institution.scenario
    per_day = 86_400 // scenario.refreshes_per_day if scenario.refreshes_per_day else 0
    return max(scenario.refresh_pause, per_day) or REFRESH_SECONDS


@transaction.atomic
def create(customer: Customer, bank: Bank, *, keys: list[str], now: dt.datetime, automatic_refresh: bool) -> Connection:
    """A new connection with the accounts of these keys."""
    return Connection.objects.create(
        connection_id=numbers.new("1", now),
        customer=customer,
        institution_id=bank.institution.id,
        provider_code=bank.code,
        account_keys=keys,
        natures=[],
        automatic_refresh=automatic_refresh,
        linked_at=now,
        signed_in_at=now,
    )


def sign_in_again(row: Connection, *, keys: list[str], now: dt.datetime) -> None:
    """The holder signed in once more and chose accounts."""
    row.account_keys = keys
    row.signed_in_at = now
    row.is_refused = False
    if bank_of(row).institution.scenario.renumbers:
        row.numbering += 1
    row.save(update_fields=["account_keys", "signed_in_at", "is_refused", "numbering"])


def consent(
    row: Connection, *, scopes: list[str], from_date: dt.date | None, days: int | None, now: dt.datetime
) -> Consent:
    """What the holder allowed, in the place of what was allowed before."""
    row.consents.filter(revoked_at=None).update(revoked_at=now, revoke_reason="client")
    period = days or bank_of(row).institution.scenario.consent_days or USUAL_CONSENT_DAYS
    return Consent.objects.create(
        consent_id=numbers.new("6", now),
        connection=row,
        scopes=scopes,
        from_date=from_date or (now - DEFAULT_HISTORY).date(),
        period_days=period,
        created_at=now,
        expires_at=now + dt.timedelta(days=period),
    )


def read(
    row: Connection,
    *,
    now: dt.datetime,
    user_present: bool,
    natures: list[str] | None,
    custom_fields: dict[str, object] | None = None,
    failing: tuple[str, str] = ("", ""),
) -> Attempt:
    """The bank is read for accounts of these ``natures``, ``None`` for all: what it once brought stays.

    ``failing`` is the class and the words of the error it ends with.
    """
    scenario = bank_of(row).institution.scenario
    is_first = not row.attempts.exists()
    seconds = max(scenario.reading_takes, scenario.complete_after if is_first else 0)
    if scenario.is_down and not failing[0]:
        failing = ("ProviderUnavailable", "The bank is not available.")
    if not failing[0] and row.natures is not None:
        row.natures = None if natures is None else sorted({*row.natures, *natures})
        row.save(update_fields=["natures"])
    return Attempt.objects.create(
        attempt_id=numbers.new("5", now),
        connection=row,
        consent=row.consents.last(),
        started_at=now,
        ends_at=now + dt.timedelta(seconds=0 if failing[0] else seconds),
        user_present=user_present,
        custom_fields=custom_fields or {},
        include_natures=natures,
        fail_error_class=failing[0],
        fail_message=failing[1],
    )


def refresh(row: Connection, asked: AttemptWanted, *, now: dt.datetime, user_present: bool) -> Attempt | None:
    """The bank is read anew; ``None`` where it wants the holder for that. Raises why it cannot be."""
    check(row, now=now)
    if is_processing(row, now=now):
        raise errors.processing(row.connection_id)
    scenario = bank_of(row).institution.scenario
    if scenario.asks_each_time:
        if not user_present:
            raise errors.too_early(None, None)
        return None
    if not scenario.is_unattended and not user_present:
        raise errors.too_early(None, None)
    following = _possible_at(row, now=now)
    if following is not None and now < following:
        raise errors.too_early(following, following.strftime("%Y-%m-%dT%H:%M:%SZ"))
    natures = msgspec.to_builtins(asked.include_natures)
    return read(row, now=now, user_present=user_present, natures=natures, custom_fields=asked.custom_fields)


def check(row: Connection, *, now: dt.datetime) -> None:
    """Raises why the bank may not be read through this connection any more."""
    if row.disabled_at is not None:
        raise errors.disabled(row.connection_id)
    last = row.consents.last()
    if last is not None and last.status(now) != "active":
        raise errors.consent_ended(last.status(now))
    if status(row, now=now) != "active":
        raise errors.invalid_credentials()


def status(row: Connection, *, now: dt.datetime) -> str:
    """``active``, ``inactive`` until the holder signs in again, or ``disabled`` for good."""
    if row.disabled_at is not None:
        return "disabled"
    last = row.consents.last()
    is_consented = last is not None and last.status(now) == "active"
    return "active" if is_consented and not row.is_refused and not _has_lapsed(row, now=now) else "inactive"


def is_processing(row: Connection, *, now: dt.datetime) -> bool:
    """Whether the bank is being read."""
    latest = row.attempts.last()
    return latest is not None and now < latest.ends_at


def next_refresh_at(row: Connection, *, now: dt.datetime) -> dt.datetime | None:
    """When the bank may be read next; ``None`` while it is being read, and where it needs the holder."""
    scenario = bank_of(row).institution.scenario
    if is_processing(row, now=now) or scenario.asks_each_time or not scenario.is_unattended:
        return None
    return _possible_at(row, now=now)


def stage(attempt: Attempt, *, now: dt.datetime) -> str:
    """How far a reading has come."""
    if now >= attempt.ends_at:
        return "finish"
    scenario = bank_of(attempt.connection).institution.scenario
    age = (now - attempt.started_at).total_seconds()
    return "fetch_accounts" if age < scenario.recent_after else "fetch_recent"


def read_at(row: Connection, *, now: dt.datetime) -> dt.datetime | None:
    """When the bank was last read well; ``None`` before it ever was."""
    well = row.attempts.filter(ends_at__lte=now, fail_error_class="")
    return well.order_by("-ends_at").values_list("ends_at", flat=True).first()


def first_day(row: Connection) -> dt.date:
    """The first booking date that can be read: what the holder allowed, as far as the bank shows."""
    allowed = row.consents.order_by("from_date").values_list("from_date", flat=True).first()
    shown = bank_of(row).institution.scenario.history_days
    oldest = (row.linked_at - dt.timedelta(days=shown)).date() if shown else dt.date.min
    return max(allowed or row.linked_at.date(), oldest)


def _possible_at(row: Connection, *, now: dt.datetime) -> dt.datetime | None:
    ended = row.attempts.filter(ends_at__lte=now).order_by("ends_at").values_list("ends_at", flat=True)
    earlier = list(ended)
    own = readings.next_at(bank_of(row).institution.scenario, earlier)
    if own is not None or not earlier:
        return own
    return earlier[-1] + dt.timedelta(seconds=REFRESH_SECONDS)


def _has_lapsed(row: Connection, *, now: dt.datetime) -> bool:
    """The sign-in of some banks lasts until it is renewed once."""
    lasts = bank_of(row).institution.scenario.sign_in_lasts
    if lasts is None or row.signed_in_at != row.linked_at:
        return False
    return now >= row.linked_at + dt.timedelta(seconds=lasts)
