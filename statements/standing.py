"""How a journal stands towards its bank: whether the balances agree, what explains where not, and what was read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from providers.types import TransactionData
from statements.coverage import Coverage, coverage_of
from statements.explanation import Explanation, explain
from statements.flags import Evidence, Flags, Ranges
from statements.models import AccountRun, Journal, Statement
from statements.queries import Proof, proof_of

FETCHES_SHOWN = 20


@dataclass(frozen=True)
class Standing:
    """``explanation`` is None where the balances agree; ``coverage`` where nothing was read from a bank."""

    proof: Proof
    explanation: Explanation | None
    coverage: Coverage | None


def standing_of(journal: Journal, *, pending: Sequence[TransactionData] = ()) -> Standing:
    """The standing of a journal that was read ``with_balance``; ``pending`` is what the bank shows, where asked."""
    proof = proof_of(journal)
    explanation = (
        explain(journal, proof.difference, since=journal.agreed_at, pending=pending) if proof.difference else None
    )
    return Standing(proof=proof, explanation=explanation, coverage=coverage(journal))


def coverage(journal: Journal, ranges: Ranges | None = None) -> Coverage | None:
    """What was read of the account that feeds the journal; ``ranges`` are its days where they are known already."""
    if journal.account is None:
        return None
    return coverage_of([journal.account], today=timezone.localdate(), ranges=ranges).get(journal.account.pk)


def explanation_of(statement: Statement, flags: Flags) -> Explanation | None:
    """Why a statement is not complete, where that is a difference."""
    if flags.complete is not False or not flags.difference:
        return None
    if flags.evidence == Evidence.CLOSING:
        return explain(statement.journal, flags.difference, until=statement.last_day)
    return explain(statement.journal, flags.difference, since=statement.journal.agreed_at)


def explanations_of(results: Sequence[AccountRun]) -> list[tuple[AccountRun, Explanation | None, dt.datetime | None]]:
    """Each account's part in a run, why it left a difference, and when the balances have agreed since, if they have."""
    return [(result, *_told_since(result)) for result in results]


def _told_since(result: AccountRun) -> tuple[Explanation | None, dt.datetime | None]:
    journal: Journal | None = getattr(result.account, "journal", None)
    difference = result.difference
    if journal is None or not difference:
        return None, None
    agreed, finished = journal.agreed_at, result.run.finished_at
    if agreed and finished and agreed > finished:
        return None, agreed
    return explain(journal, difference, since=agreed), None


def fetches_of(journal: Journal) -> list[AccountRun]:
    """The journal's last fetches with the balances they compared, newest first."""
    mine = AccountRun.objects.filter(account=journal.account).select_related("run")
    return list(mine.order_by("-run__started_at", "-pk")[:FETCHES_SHOWN])
