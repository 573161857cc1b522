"""Connecting a bank, or signing in there again: out to its page, and back with a connection."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from companies.models import Company, User
from connections.models import Account, Connection, Institution, LinkAttempt
from connections.services import accounts, chatter, lifecycle, schedule
from connections.services.registrations import client_for
from providers.errors import FeedError, LinkExpired, NotSupported, quoting
from providers.types import AccountData, EndUser, ErrorData

Status = LinkAttempt.Status


def begin(
    company: Company,
    institution: Institution,
    *,
    person: User,
    language: str,
    end_user: EndUser,
    return_url_for: str,
    account_kinds: Sequence[str] = (),
) -> LinkAttempt:
    """Opens the bank's page for this person; the attempt's ``hosted_url`` is where to send them.

    ``account_kinds`` are the only kinds of account to be asked for, of the institution's ``choosable_kinds``; none
    for all.

    The company is registered and its phone confirmed (``registrations``). ``return_url_for`` is the address of the way
    back with ``{attempt}`` where its id goes. Raises ``FeedError``; then nothing is left behind.
    """
    attempt = LinkAttempt(company=company, person=person, institution=institution, account_kinds=list(account_kinds))
    hosted = client_for(company).start_connection(
        institution.identifier,
        return_url=return_url_for.replace("{attempt}", str(attempt.pk)),
        history_days=institution.history_days,
        language=language,
        user=end_user,
        account_kinds=attempt.account_kinds,
    )
    attempt.flow, attempt.hosted_url, attempt.expires_at = hosted.flow, hosted.url, hosted.expires_at
    attempt.save(force_insert=True)
    return attempt


def begin_update(
    connection: Connection,
    person: User,
    *,
    language: str,
    end_user: EndUser,
    return_url_for: str,
    every_account: bool = False,
) -> LinkAttempt:
    """Opens the bank's page again for a connection that is there: the sign-in or the permission is renewed, ids stay.

    The same kinds of account are asked for as before, unless ``every_account`` is to be asked for from now on.
    The attempt is settled like any other. Raises ``FeedError``, ``NotSupported`` for a connection that is no longer
    live; then nothing is left behind.
    """
    if not connection.is_live:
        raise NotSupported(gettext_noop("This connection has ended: connect the bank again."))
    attempt = LinkAttempt(
        company=connection.company,
        person=person,
        institution=connection.institution,
        connection=connection,
        purpose=LinkAttempt.Purpose.UPDATE,
        account_kinds=[] if every_account else connection.account_kinds,
    )
    hosted = client_for(connection.company).update_connection(
        connection.reference or "",
        return_url=return_url_for.replace("{attempt}", str(attempt.pk)),
        language=language,
        user=end_user,
        account_kinds=attempt.account_kinds,
    )
    attempt.flow, attempt.hosted_url, attempt.expires_at = hosted.flow, hosted.url, hosted.expires_at
    attempt.save(force_insert=True)
    return attempt


def settle(attempt: LinkAttempt) -> LinkAttempt:
    """Asks the proxy how the attempt stands and keeps the answer; an attempt that is settled stays as it is.

    Safe to call again after a crash anywhere: the proxy gives the same reference, and a reference makes one
    connection. Raises ``FeedError`` when the proxy cannot say.
    """
    if attempt.status == Status.WAITING:
        _ask(attempt)
    if attempt.is_update and attempt.status == Status.CONNECTED:
        _read_again(attempt)
    return attempt


def _ask(attempt: LinkAttempt) -> LinkAttempt:
    client = client_for(attempt.company)
    try:
        outcome = client.finish_connection(attempt.flow)
    except LinkExpired as error:
        return _close(attempt, Status.FAILED, code=error.code, message=error.message, reference=error.reference)
    if outcome.status == "connected":
        return _keep(attempt, outcome.connection)
    if outcome.status == "waiting":
        expired = attempt.expires_at is not None and attempt.expires_at <= timezone.now()
        return (
            _close(attempt, Status.FAILED, code=LinkExpired.code, message=LinkExpired.message) if expired else attempt
        )
    return _close(
        attempt,
        Status.CANCELLED if outcome.status == "cancelled" else Status.FAILED,
        code=outcome.error.code if outcome.error else "",
        message=_words(outcome.error),
        reference=(outcome.error.reference if outcome.error else "") or client.last_reference,
    )


def cancel(attempt: LinkAttempt) -> LinkAttempt:
    """The person gave up; an attempt that has ended otherwise stays as it ended."""
    if attempt.status == Status.WAITING:
        _close(attempt, Status.CANCELLED, message="")
    return attempt


def fetch_accounts(connection: Connection) -> list[Account]:
    """Asks which accounts the connection gives, and until when; keeps and gives all known. Raises ``FeedError``."""
    client = client_for(connection.company)
    reference = connection.reference or ""
    # Some banks' own pages show every account, whatever is asked for: what nobody asked for is not kept.
    found = [each for each in client.accounts(reference) if _is_asked_for(each, connection.account_kinds)]
    consent = client.connection(reference)
    Connection.objects.filter(pk=connection.pk).update(
        consent_expires_at=consent.consent_expires_at, shared_with=list(consent.shared_with)
    )
    if not consent.unattended or connection.institution.capabilities.get("unattended") is False:
        schedule.stop_automatic(connection, why="user_present")
    return accounts.store(connection, found)


@transaction.atomic
def _keep(attempt: LinkAttempt, reference: str) -> LinkAttempt:
    """The reference is stored before anything else is asked: from here on the connection cannot be lost.

    Of two that settle the same attempt at once, the first writes.
    """
    row = LinkAttempt.objects.select_for_update().get(pk=attempt.pk)
    if row.status == Status.WAITING:
        connection, created = Connection.objects.get_or_create(
            reference=reference,
            defaults={
                "company": attempt.company,
                "institution": attempt.institution,
                "provider": attempt.institution.provider,
                "created_by": attempt.person,
                "interval_hours": settings.FETCH_INTERVAL_HOURS,
                "account_kinds": attempt.account_kinds,
            },
        )
        if created:
            lifecycle.change(connection, Connection.Status.CONNECTED, why="approved", person=attempt.person)
        else:
            _renewed(connection, attempt)
        row.connection, row.status = connection, Status.CONNECTED
        row.save(update_fields=["connection", "status"])
    attempt.connection, attempt.status = row.connection, row.status
    return attempt


def _renewed(connection: Connection, attempt: LinkAttempt) -> None:
    """Signed in again: it works from here on, and what came meanwhile is fetched."""
    lifecycle.note_success(connection, why="approved", person=attempt.person)
    chatter.write(connection, "renewed", person=attempt.person)
    if connection.account_kinds and not attempt.account_kinds:
        Connection.objects.filter(pk=connection.pk).update(account_kinds=[])
        connection.account_kinds = []
        chatter.write(connection, "every_account", person=attempt.person)
    schedule.wake(connection, timezone.now())


def _read_again(attempt: LinkAttempt) -> None:
    """What the holder may have chosen anew: the accounts, and until when. A failure is written down; the fetch that
    follows says it again if it lasts."""
    connection = attempt.connection
    if connection is None:
        return
    try:
        fetch_accounts(connection)
    except FeedError as error:
        chatter.write_error(connection, error, person=attempt.person)
    attempt.status = Status.LINKED
    attempt.save(update_fields=["status"])


def _is_asked_for(account: AccountData, kinds: Sequence[str]) -> bool:
    """One of a kind without a word of ours stays: the provider was asked, and gave it."""
    return not kinds or not account.kind or account.kind in kinds


def _close(attempt: LinkAttempt, status: str, *, message: str, code: str = "", reference: str = "") -> LinkAttempt:
    """Ends an attempt that is still open; of two ends the first one stays."""
    ended = {"status": status, "error_code": code, "error_message": message, "error_reference": reference}
    LinkAttempt.objects.filter(pk=attempt.pk, status=Status.WAITING).update(**ended)
    attempt.refresh_from_db(fields=[*ended, "connection"])
    return attempt


def _words(error: ErrorData | None) -> str:
    """Our sentence, and the bank's own words beside it."""
    if error is None:
        return ""
    return quoting(error.message, error.provider.message if error.provider else "")
