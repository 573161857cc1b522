"""A newer connection to a bank goes on where an older one stopped: same journals, same lines, nothing twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils import timezone

from companies.models import User
from connections.models import Account, Connection
from connections.services import chatter, lifecycle
from statements.models import Journal, ProvenDays
from statements.services import runs

Status = Connection.Status


def offered(connection: Connection) -> list[Journal]:
    """The journals that this connection can take over: those that an older one to the same bank feeds or fed last.

    Where the number and the currency of an account are the same, the bank is the same however it is called.
    """
    others = Journal.objects.filter(company=connection.company_id, account__isnull=False)
    others = others.exclude(account__connection=connection).select_related("account__connection__institution")
    numbers = {_number(account) for account in connection.accounts.all()} - {("", "")}
    return [
        journal
        for journal in others
        if journal.account
        and (_is_same_bank(journal.account.connection, connection) or _number(journal.account) in numbers)
    ]


def matches(accounts: Sequence[Account], journals: Iterable[Journal]) -> dict[int, Journal]:
    """Account id -> the journal it goes on with: by number and currency, else by ending, name and currency.

    Each journal once, and nothing where two could be meant.
    """
    left = {journal.pk: journal for journal in journals if journal.account}
    found: dict[int, Journal] = {}
    for key in (_number, _look):
        for account in accounts:
            wanted = key(account)
            if account.pk in found or not wanted[0] or [key(one) for one in accounts].count(wanted) > 1:
                continue
            same = [journal for journal in left.values() if journal.account and key(journal.account) == wanted]
            if len(same) == 1:
                found[account.pk] = left.pop(same[0].pk)
    return found


def take_over(journal: Journal, account: Account) -> Journal:
    """The account feeds the journal from now on, in the place of another connection's; gives the journal.

    What was read stays read: the proven days go along, and nothing before the day the journal began with is booked.
    Must be called inside a transaction, after ``quiet`` where it is to last.
    """
    ProvenDays.objects.filter(account=account).delete()
    ProvenDays.objects.filter(account=journal.account_id).update(account=account)
    Account.objects.filter(pk=account.pk).update(position="")
    journal.account, journal.first_day = account, journal.first_day or _first_known_day(journal)
    journal.account_number = journal.account_number or account.number
    journal.save(update_fields=["account", "first_day", "account_number"])
    return journal


def rejoin(connection: Connection) -> None:
    """Journals of accounts that the provider names anew after a sign-in go on with the new names.

    The lines keep their ids, which say nothing under the new name: they are found by their facts, as across
    connections.
    """
    lost = Journal.objects.filter(account__connection=connection, account__is_closed=True).select_related("account")
    fresh = connection.accounts.filter(journal__isnull=True, is_closed=False)
    if not lost.exists() or not fresh.exists():
        return
    accounts = list(fresh)
    with transaction.atomic():
        found = matches(accounts, lost.select_for_update(of=("self",)))
        for account in accounts:
            if account.pk in found:
                take_over(found[account.pk], account)


def quiet(journals: Iterable[Journal], *, unless: Connection | None) -> list[Connection]:
    """Puts down the open runs of the connections that feed these journals: what they read would have no place.

    Gives those connections; the one in ``unless`` goes on. Must be called inside a transaction.
    """
    ids = Journal.objects.filter(pk__in=[journal.pk for journal in journals], account__isnull=False)
    feeding = Connection.objects.filter(pk__in=ids.values("account__connection")).order_by("pk")
    if unless is not None:
        feeding = feeding.exclude(pk=unless.pk)
    found = list(feeding.locked().select_related("institution"))
    for connection in found:
        runs.abandon(connection, reason="taken_over", now=timezone.now())
    return found


def supersede(olders: Iterable[Connection], connection: Connection, *, person: User) -> list[Connection]:
    """Ends those of the older connections that feed no journal any more; gives them. Must be called inside the
    transaction that took the journals over; the provider is told after it (``connections.services.ending``)."""
    ended = []
    for older in olders:
        if Journal.objects.filter(account__connection=older).exists():
            continue
        lifecycle.change(older, Status.SUPERSEDED, why="taken_over", person=person)
        chatter.write(connection, "took_over", person=person, institution=older.institution.name, older=older.pk)
        ended.append(older)
    return ended


def _first_known_day(journal: Journal) -> dt.date | None:
    return journal.lines.order_by("booking_date").values_list("booking_date", flat=True).first()


def _is_same_bank(one: Connection, other: Connection) -> bool:
    """The same row of the directory, or the same bank as another provider has it."""
    a, b = one.institution, other.institution
    return (
        a.pk == b.pk
        or bool(a.bic and a.bic == b.bic)
        or (a.name.casefold(), a.country) == (b.name.casefold(), b.country)
    )


def _number(account: Account) -> tuple[str, str]:
    number = "".join(account.number.split()).upper()
    return (number, account.currency) if number else ("", "")


def _look(account: Account) -> tuple[str, str, str]:
    return account.name.casefold(), account.mask, account.currency
