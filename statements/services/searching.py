"""A search for missing transactions while a worker asks the bank: it can be left, and found again for a day."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from companies.models import User
from connections.services import chatter
from providers.decoding import decode
from providers.errors import FeedError
from providers.types import encode
from statements.models import Journal, MissingSearch
from statements.refusal import Refused
from statements.services import lines, missing, reading

# Longer than any page of a bank takes: a search that says nothing for so long has lost its worker.
PATIENCE = dt.timedelta(minutes=5)
# After that the books and the bank have moved on.
KEPT = dt.timedelta(days=1)


def begin(journal: Journal, *, since: dt.date, person: User) -> MissingSearch:
    """The search to watch: a new one in the place of the last, or the one that is under way.

    Raises ``Refused`` without a live connection, ``FeedError`` when the company cannot talk to the proxy.
    """
    reading.client_of(journal.account)
    now = timezone.now()
    with transaction.atomic():
        lines.hold(journal.pk)
        search = MissingSearch.objects.filter(journal=journal).first()
        if search is not None and search.is_open and not is_lost(search):
            return search
        MissingSearch.objects.filter(journal=journal).delete()
        return MissingSearch.objects.create(journal=journal, person=person, since=since, started_at=now, heard_at=now)


def last_of(journal: Journal) -> MissingSearch | None:
    """The last search of a journal, while it says something of its books."""
    return MissingSearch.objects.filter(journal=journal, started_at__gte=timezone.now() - KEPT).first()


def is_lost(search: MissingSearch) -> bool:
    """Whether it is under way by its row only: its worker is gone, or never came."""
    return search.is_open and search.heard_at < timezone.now() - PATIENCE


def answer_of(search: MissingSearch) -> missing.Answer:
    """What the bank said, of a search that is done."""
    return decode(bytes(search.answer or b""), missing.Answer, sender="the search")


def forget(journal: Journal) -> None:
    """What was found has been taken in: it is no news any more."""
    MissingSearch.objects.filter(journal=journal).delete()


def forget_old(now: dt.datetime) -> int:
    """Deletes the answers that are past their time; gives how many."""
    return MissingSearch.objects.filter(started_at__lt=now - KEPT).delete()[0]


def run(search_id: int) -> None:
    """Asks the bank, saying how far it is, and keeps the answer or the failure.

    Does nothing for a search that was begun already, or was replaced by another.
    """
    mine = MissingSearch.objects.filter(pk=search_id)
    if not mine.filter(state=MissingSearch.State.QUEUED).update(
        state=MissingSearch.State.RUNNING, heard_at=timezone.now()
    ):
        return
    search = mine.select_related("journal__account__connection__institution", "journal__company", "person").get()
    try:
        answer = missing.ask(
            search.journal,
            since=search.since,
            told=lambda seen: _note(search, seen=seen),
        )
    except Refused as refusal:
        _note(search, state=MissingSearch.State.FAILED, error_message=str(refusal))
    except FeedError as error:
        _fail(search, error)
    else:
        _note(search, state=MissingSearch.State.DONE, answer=encode(answer), seen=len(answer.posted))


def _fail(search: MissingSearch, error: FeedError) -> None:
    with transaction.atomic():
        _note(
            search,
            state=MissingSearch.State.FAILED,
            error_code=error.code,
            error_message=error.message,
            error_theirs=error.provider.message if error.provider else "",
            error_action=error.action,
            error_reference=error.reference,
        )
        if search.journal.account is not None:
            chatter.write_error(search.journal.account.connection, error, person=search.person)


def _note(search: MissingSearch, **facts: object) -> None:
    """Only while it is this very search: another one may stand in its place by now."""
    MissingSearch.objects.filter(pk=search.pk).update(heard_at=timezone.now(), **facts)
