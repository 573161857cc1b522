"""Find Missing Transactions: what the bank has and the books do not, from a chosen day on.

The bank is asked each time, also when the chosen ones are imported: what travels through the browser is only the names
of what was chosen, never an amount.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils.translation import gettext as _
from msgspec import Struct

from companies.models import User
from connections.models import Account
from connections.services import chatter
from providers.client import ProxyClient
from providers.types import BalanceData, TransactionData
from statements.models import AccountRun, Journal, RemovedLine, ReviewItem, StatementLine, SyncRun
from statements.refusal import Refused
from statements.services import balances, decisions, lines, proofs, reading
from statements.services.intake import Intake, take_in
from statements.services.rehearsal import note_run, rehearse

# How far from its day a line entered by hand may be the same payment.
NEAR = dt.timedelta(days=5)


@dataclass(frozen=True)
class Candidate:
    """A posted transaction that is not in the books, as the line it would become.

    ``waits`` is the kind of review item that importing makes of it instead of a line, "" for none. ``similar`` are
    lines entered by hand with the same amount near its day. ``was_removed``: a person took it out before.
    """

    key: str
    line: StatementLine
    waits: str = ""
    similar: Sequence[StatementLine] = ()
    was_removed: bool = False


@dataclass(frozen=True)
class Missing:
    """What was found: ``candidates`` newest first, and ``pending``, which can only be looked at."""

    candidates: Sequence[Candidate]
    pending: Sequence[TransactionData]


class Answer(Struct, frozen=True):
    """What the bank said of one account."""

    posted: list[TransactionData]
    balance: BalanceData | None
    pending: list[TransactionData] = []


def ask(journal: Journal, *, since: dt.date, told: Callable[[int], None] | None = None) -> Answer:
    """What the bank has booked since a day, and what is pending; stores nothing. ``told`` as for ``posted_since``.

    Raises ``Refused`` without a live connection, ``FeedError`` when the bank cannot be read.
    """
    client = reading.client_of(journal.account)
    account = _account(journal)
    posted, balance = reading.posted_since(client, account, since=since, told=told)
    return Answer(posted=posted, balance=balance, pending=_pending(client, account, since=since))


def look(journal: Journal, answer: Answer) -> Missing:
    """What of the bank's answer the journal does not hold now; stores nothing."""
    return Missing(candidates=_candidates(journal, answer), pending=answer.pending)


def pending(journal: Journal) -> list[TransactionData]:
    """What the bank shows as pending now; stores nothing. Raises as ``find``."""
    client = reading.client_of(journal.account)
    return _pending(client, journal.account, since=dt.date.min) if journal.account else []


def take(journal: Journal, keys: Collection[str], *, since: dt.date, person: User) -> Intake:
    """Imports the chosen ones (``Candidate.key``); gives what became of them.

    Pending ones have no key and so cannot be chosen. Raises ``Refused`` when nothing was chosen or the bank no longer
    has any of it, ``FeedError`` when the bank cannot be read.
    """
    if not keys:
        raise Refused(_("Choose at least one transaction to import."))
    posted, balance = reading.posted_since(reading.client_of(journal.account), _account(journal), since=since)
    answer = Answer(posted=posted, balance=balance)
    candidates = _candidates(journal, answer)
    chosen = [candidate for candidate in candidates if candidate.key in keys]
    if not chosen:
        raise Refused(_("The bank no longer has what was chosen, or it is in the books by now: look again."))
    others = [candidate.line for candidate in candidates if candidate.key not in keys]
    return _import(journal, answer, chosen=chosen, others=others, person=person)


def _account(journal: Journal) -> Account:
    if journal.account is None:
        raise Refused(_("No bank feeds this journal: connect the bank first."))
    return journal.account


def _pending(client: ProxyClient, account: Account, *, since: dt.date) -> list[TransactionData]:
    connection = account.connection
    if not connection.institution.capabilities.get("pending", True):
        return []
    found = client.pending(connection.reference or "", account.identifier)
    return [one for one in found if one.booking_date >= since]


@transaction.atomic
def _import(
    journal: Journal,
    answer: Answer,
    *,
    chosen: Sequence[Candidate],
    others: Sequence[StatementLine],
    person: User,
) -> Intake:
    account = _account(journal)
    journal = _whole_journal(journal.pk)
    again = [one.line.transaction_id for one in chosen if one.was_removed]
    RemovedLine.objects.filter(journal=journal, transaction_id__in=again).delete()
    run = note_run(account, person=person)
    kept = _without(answer.posted, others)
    result = take_in(journal, run, transactions=kept, bank=answer.balance, account=account)
    ours = balances.compare(journal, answer.balance)
    proofs.mark(journal)
    run.reason = "new_lines" if result.new else "all_held" if result.held else "nothing_new"
    for name in ("seen", "new", "known", "changed", "held", "skipped"):
        setattr(run, name, getattr(result, name))
    run.save()
    AccountRun.objects.create(
        run=run,
        account=account,
        reason=run.reason,
        our_balance=ours,
        bank_balance=answer.balance.booked if answer.balance else None,
        **asdict(result),
    )
    chatter.write(account.connection, "missing_imported", person=person, new=result.new, held=result.held)
    return result


def _candidates(journal: Journal, answer: Answer) -> list[Candidate]:
    """What is missing, by the rules of a fetch, newest first."""

    def look(_journal: Journal, run: SyncRun, _result: Intake) -> list[tuple[StatementLine, str]]:
        booked = [(line, "") for line in StatementLine.objects.filter(run=run).order_by("booking_date", "pk")]
        for line, _kind in booked:
            line.pk = None  # it is taken back in a moment
        items = ReviewItem.objects.filter(run=run, kind__in=decisions.HELD).select_related("run", "journal__account")
        return booked + [(decisions.draft(item), item.kind) for item in items]

    found = rehearse(_account(journal), lambda: _whole_journal(journal.pk), transactions=answer.posted, look=look)
    removed = _removed(journal, answer.posted)
    by_hand = _by_hand(journal, [line for line, _kind in found])
    seen: Counter[tuple[object, ...]] = Counter()
    candidates = []
    for line, kind in [*found, *((line, "") for line in removed)]:
        seen[_facts(line)] += 1
        candidates.append(
            Candidate(
                key=_key(line, nth=seen[_facts(line)]),
                line=line,
                waits=kind,
                similar=[one for one in by_hand if _is_near(one, line)],
                was_removed=line in removed,
            )
        )
    return sorted(candidates, key=lambda one: (one.line.booking_date, one.key), reverse=True)


def _whole_journal(journal_id: int) -> Journal:
    """The journal, held; its first day does not matter to a person who looks for something older."""
    journal = lines.hold(journal_id)
    journal.first_day = None
    return journal


def _removed(journal: Journal, posted: Sequence[TransactionData]) -> list[StatementLine]:
    """What the bank still has of what a person took out of the books."""
    ids = {one.id for one in posted if one.id}
    earliest = min((one.booking_date for one in posted), default=dt.date.max)
    memories = RemovedLine.objects.filter(journal=journal, booking_date__gte=earliest)
    return [
        StatementLine(
            transaction_id=one.transaction_id,
            booking_date=one.booking_date,
            amount=one.amount,
            currency=one.currency,
            **lines.texts_of({**one.facts, "raw": None}),
        )
        for one in memories
        if one.transaction_id in ids
    ]


def _by_hand(journal: Journal, found: Sequence[StatementLine]) -> list[StatementLine]:
    if not found:
        return []
    days = [line.booking_date for line in found]
    entered = journal.lines.filter(origin=StatementLine.Origin.HAND)
    return list(entered.filter(booking_date__range=(min(days) - NEAR, max(days) + NEAR)).defer("raw"))


def _is_near(entered: StatementLine, line: StatementLine) -> bool:
    is_same = (entered.amount, entered.currency) == (line.amount, line.currency)
    return is_same and abs(entered.booking_date - line.booking_date) <= NEAR


def _without(posted: Sequence[TransactionData], others: Sequence[StatementLine]) -> list[TransactionData]:
    """Everything the bank has but these: what is in the books already is needed to tell equal ones apart."""
    left_out = Counter(_facts(line) for line in others)
    kept = []
    for one in posted:
        facts = (one.id,) if one.id else ("", one.currency, one.amount, one.booking_date)
        if left_out[facts]:
            left_out[facts] -= 1
        else:
            kept.append(one)
    return kept


def _facts(line: StatementLine) -> tuple[object, ...]:
    if line.transaction_id:
        return (line.transaction_id,)
    return ("", line.currency, line.amount, line.booking_date)


def _key(line: StatementLine, *, nth: int) -> str:
    """The name of a candidate: the same each time the bank is asked."""
    said = [str(fact) for fact in _facts(line)]
    return hashlib.sha256("\x00".join([*said, str(nth)]).encode()).hexdigest()[:24]
