"""Reads one connection: refresh, then each account that has a journal, on its own."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import asdict, dataclass, field

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from connections.models import Account, Connection
from connections.services import accounts, breaker, budget, lifecycle, registrations
from foundation import logs
from providers.client import ProxyClient
from providers.errors import FeedError, NotReady, PagesChanged, PositionLost, UserMustBePresent
from providers.types import BalanceData, EndUser
from statements.models import AccountRun, Journal, SyncRun
from statements.services import balances, proofs, proven, reading, runs, takeover
from statements.services.intake import Intake, take_in
from statements.services.runs import HeldRun
from statements.staging import Spool

log = logging.getLogger(__name__)

# Next steps that concern the whole connection: no other account could be read either.
_CONCERNS_ALL = {
    "update_credentials",
    "reconnect",
    "user_present",
    "reactivate",
    "renew_subscription",
    "contact_support",
}


class UnexpectedFailure(FeedError):
    """This server itself went wrong; the log has the details under the reference."""

    code = "internal"
    message = gettext_noop("Something unexpected went wrong on this server. It is tried again.")


@dataclass(frozen=True)
class Outcome:
    """How a fetch ended: ``retry_at`` is set when the provider is still reading and the fetch goes on then."""

    run: SyncRun | None
    retry_at: dt.datetime | None = None


def sync_connection(connection_id: int, trigger: str) -> Outcome:
    """Fetches a connection once; safe to call at any time, from any number of workers.

    ``trigger`` is a ``SyncRun.Trigger``. What goes wrong on the way is written to the run, the connection and the
    chatter; only what nobody foresaw is raised again after that. ``run`` is None when the connection cannot be fetched
    or another worker has it.
    """
    connection = Connection.objects.select_related("company", "institution").filter(pk=connection_id).first()
    if connection is None or not connection.is_live:
        return Outcome(run=None)
    held = runs.take(connection, trigger, now=timezone.now())
    if held is None:
        return Outcome(run=None)
    with logs.about(company=connection.company_id, connection=connection_id, run=held.run.pk):
        return _fetch(connection, held)


def _fetch(connection: Connection, held: HeldRun) -> Outcome:
    try:
        return _read(connection, held)
    except runs.LeaseLost as lost:
        log.warning("connection %s: %s", connection.pk, lost)
        return Outcome(run=None)
    except Exception:
        crash = UnexpectedFailure(reference=f"RUN-{held.run.pk}")
        log.exception("connection %s: the fetch broke", connection.pk, extra={"reference": crash.reference})
        _fail(connection, held, crash)
        raise


def _read(connection: Connection, held: HeldRun) -> Outcome:
    try:
        client = registrations.client_for(connection.company)
        retry_at = _refresh(connection, held, client=client)
        if retry_at is not None:
            return _come_back(connection, held, retry_at)
        failure = _read_accounts(connection, held, client=client)
    except NotReady as error:
        return _come_back(connection, held, error.retry_at or _soon())
    except FeedError as error:
        failure = error
    if failure is not None:
        return Outcome(run=_fail(connection, held, failure))
    breaker.note_answer(connection, timezone.now())
    with transaction.atomic():
        lifecycle.note_success(connection)
        run = runs.finish(held, reason=_reason(held.run), now=timezone.now())
    return Outcome(run=run)


def _refresh(connection: Connection, held: HeldRun, *, client: ProxyClient) -> dt.datetime | None:
    run = held.run
    user = EndUser(ip=run.user_ip, agent=run.user_agent) if run.user_ip else None
    if _is_call(held):
        budget.spend(connection, timezone.now(), is_attended=user is not None)
    answer = client.refresh(connection.reference or "", user=user)
    if answer.status == "user_present":
        raise UserMustBePresent(reference=client.last_reference)
    if answer.status == "working":
        return answer.retry_at or _soon()
    return None


def _is_call(held: HeldRun) -> bool:
    """Whether the bank is asked: what the provider has just read, or is still reading, is no further call."""
    return not held.is_continued and held.run.trigger != SyncRun.Trigger.EVENT


def _soon() -> dt.datetime:
    """When to look again where the provider does not say."""
    return timezone.now() + dt.timedelta(seconds=10)


def _come_back(connection: Connection, held: HeldRun, retry_at: dt.datetime) -> Outcome:
    """The provider is still reading: the run waits, unless it has waited long enough for now."""
    patience = dt.timedelta(seconds=settings.PROVIDER_PATIENCE_SECONDS)
    if timezone.now() - held.run.started_at < patience:
        runs.wait(held, retry_at)
        return Outcome(run=held.run, retry_at=retry_at)
    run = runs.finish(held, reason="still_fetching", now=timezone.now())
    Connection.objects.filter(pk=connection.pk).update(next_fetch_at=retry_at + dt.timedelta(minutes=5))
    return Outcome(run=run)


def _read_accounts(connection: Connection, held: HeldRun, *, client: ProxyClient) -> FeedError | None:
    """Reads every account that has a journal; gives the first failure, if there was one."""
    failure = None
    takeover.rejoin(connection)
    # A run that waited and came back does not read again what it has read.
    linked = connection.accounts.filter(journal__isnull=False).exclude(pk__in=held.run.accounts.values("account"))
    for account in linked.select_related("journal"):
        try:
            _read_account(connection, held, client=client, account=account)
        except FeedError as error:
            if isinstance(error, NotReady) or error.action in _CONCERNS_ALL:
                raise
            if account.is_closed and error.action not in {"retry", "wait"}:
                AccountRun.objects.create(run=held.run, account=account, reason="account_closed")
                continue
            log.warning("account %s was not read: %s", account.pk, error, extra={"reference": error.reference})
            _note_account_failure(held, account, error=error)
            failure = failure or error
    return failure


def _read_account(connection: Connection, held: HeldRun, *, client: ProxyClient, account: Account) -> None:
    for attempt in range(reading.RESTARTS):
        with Spool() as spool:
            try:
                found = _collect(connection, held, client=client, account=account, spool=spool)
            except PagesChanged:
                log.info("account %s: the pages changed, reading again (%d)", account.pk, attempt + 1)
                continue
            except PositionLost:
                log.warning("account %s: its position is not known to the proxy any more", account.pk)
                Account.objects.filter(pk=account.pk).update(position="")
                account.position = ""
                continue
            return _book(held, account, found=found)
    raise reading.kept_changing()


@dataclass
class _Found:
    """What the pages of one account brought. ``first_day`` is the day from which they were asked for."""

    spool: Spool
    position: str
    first_day: dt.date | None
    removed: list[str] = field(default_factory=list)
    balance: BalanceData | None = None
    has_pending: bool = False


def _collect(connection: Connection, held: HeldRun, *, client: ProxyClient, account: Account, spool: Spool) -> _Found:
    """Reads all pages from the position that the stored lines stand for. No transaction is open meanwhile."""
    first_day = proven.first_day_to_read(account, today=timezone.localdate())
    found = _Found(spool=spool, position=account.position, first_day=first_day)
    for page in reading.pages(client, account, position=account.position, first_day=first_day):
        spool.add(page.transactions)
        found.removed.extend(page.removed)
        found.position = page.position
        found.balance = page.balance or found.balance
        runs.keep(held, pages=1, seen=len(page.transactions))
    if not spool.count and held.run.person_id:
        found.has_pending = _has_pending(connection, account, client=client)
    return found


def _has_pending(connection: Connection, account: Account, *, client: ProxyClient) -> bool:
    """Whether a person who sees nothing new may see something on the bank's own page. Asked for a person alone."""
    try:
        return bool(client.pending(connection.reference or "", account.identifier))
    except FeedError as error:
        log.info("account %s: what is pending is not known: %s", account.pk, error)
        return False


@transaction.atomic
def _book(held: HeldRun, account: Account, *, found: _Found) -> None:
    """One commit: the lines, their statements, the balances, the position and the days they stand for, the result."""
    runs.keep(held)
    journal = Journal.objects.select_for_update(of=("self",)).select_related("company").get(account=account)
    covered_from = proven.covered_from(account, found.first_day, today=timezone.localdate())
    first_days = [day for day in (covered_from, found.spool.first_day) if day]
    intake = take_in(
        journal,
        held.run,
        transactions=found.spool,
        removed=found.removed,
        bank=found.balance,
        account=account,
        # Read from the very beginning, it told of everything; later on it tells of what changed.
        complete_from=None if account.position else min(first_days, default=None),
        covered_from=covered_from,
    )
    ours = balances.compare(journal, found.balance)
    if found.balance is not None:
        accounts.note_balance(account, found.balance)
    Account.objects.filter(pk=account.pk).update(position=found.position)
    # Of a bank that does not say how far back it tells, the first day it told of is what is known.
    told_from = covered_from or (None if account.position else found.spool.first_day)
    proven.note(account, first_day=told_from, last_day=timezone.localdate())
    proofs.mark(journal)
    AccountRun.objects.create(
        run=held.run,
        account=account,
        reason=_account_reason(intake, account, has_pending=found.has_pending),
        our_balance=ours,
        bank_balance=found.balance.booked if found.balance else None,
        **asdict(intake),
    )


def _note_account_failure(held: HeldRun, account: Account, *, error: FeedError) -> None:
    AccountRun.objects.create(
        run=held.run,
        account=account,
        reason=error.code,
        error_code=error.code,
        error_message=error.message,
        error_reference=error.reference,
    )


def _fail(connection: Connection, held: HeldRun, error: FeedError) -> SyncRun:
    """What is down for everyone is said once for all; who asked by hand is told of it all the same."""
    now = timezone.now()
    outage = breaker.note_failure(connection, error, now)
    budget.note_limit(connection, error)
    if outage is not None and _is_call(held):
        # Asking whether it is over, for all, costs none of them a call of the day.
        budget.give_back(connection, now, is_attended=bool(held.run.user_ip))
    with transaction.atomic():
        run = runs.fail(held, error, now=now, outage=outage)
        if outage is None or run.person_id:
            lifecycle.note_failure(connection, error, is_attended=bool(held.run.person_id))
    return run


def _account_reason(intake: Intake, account: Account, *, has_pending: bool) -> str:
    if intake.new:
        return "new_lines"
    if intake.held:
        return "all_held"
    if intake.seen and intake.skipped == intake.seen:
        return "before_first_day"
    if account.is_closed:
        return "account_closed"
    return "only_pending" if has_pending else "nothing_new"


def _reason(run: SyncRun) -> str:
    """The one reason of the whole run: the most telling of its accounts'."""
    reasons = set(run.accounts.values_list("reason", flat=True))
    for reason in ("new_lines", "all_held", "before_first_day", "only_pending", "nothing_new", "account_closed"):
        if reason in reasons:
            return reason
    return "no_account_linked" if run.connection.accounts.exists() else "no_account_authorised"
