"""Takes a journal out of use and brings it back: its books stay as they are, and its account is free meanwhile."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.models import User
from connections.models import Account, Connection
from connections.services import chatter
from statements.models import Journal, ProvenDays, ReviewItem, SyncRun
from statements.refusal import Refused
from statements.services import lines


@transaction.atomic
def archive(journal: Journal, *, person: User) -> Journal:
    """Nothing feeds the journal any more and no list has it; nothing of it is deleted. Gives it as it is then.

    Raises ``Refused`` while something of it waits for a decision, or its bank is being read. Doing it again changes
    nothing.
    """
    connection = _held_connection(journal)
    held = lines.hold(journal.pk)
    if held.archived_at is not None:
        return held
    if ReviewItem.objects.open().filter(journal=held).exists():
        raise Refused(_("Something in this journal waits for a decision: decide it in Review first."))
    if connection is not None and SyncRun.objects.open().filter(connection=connection).exists():
        raise Refused(_("Its bank is being read at the moment: archive the journal when that has ended."))
    held.archived_at, held.archived_account, held.account = timezone.now(), held.account, None
    held.save(update_fields=["archived_at", "archived_account", "account"])
    if connection is not None:
        chatter.write(connection, "journal_archived", person=person, journal=held.name)
    return held


@transaction.atomic
def bring_back(journal: Journal, *, person: User) -> Journal:
    """The journal is in use again; gives it as it is then.

    The account that fed it goes on where it stopped, unless another journal has it by now or the bank closed it.
    """
    former = _held_account(journal)
    held = lines.hold(journal.pk)
    if held.archived_at is None:
        return held
    is_free = former is not None and held.archived_account_id == former.pk and not former.is_closed
    is_free = is_free and not Journal.objects.filter(account=former).exists()
    held.archived_at, held.archived_account, held.account = None, None, former if is_free else None
    held.save(update_fields=["archived_at", "archived_account", "account"])
    if held.account is not None:
        chatter.write(held.account.connection, "journal_back", person=person, journal=held.name)
    return held


def release(account: Account) -> None:
    """Another journal is to be fed by this account: it is read from its beginning, and no archived one has it back.

    Must be called inside the transaction that links it.
    """
    if Journal.objects.filter(archived_account=account).update(archived_account=None):
        ProvenDays.objects.filter(account=account).delete()
        Account.objects.filter(pk=account.pk).update(position="")


def _held_connection(journal: Journal) -> Connection | None:
    """The connection that feeds it, held before the journal is: nobody begins to read it meanwhile."""
    feeding = Connection.objects.filter(accounts__journal=journal.pk)
    return Connection.objects.filter(pk__in=feeding.values("pk")).locked().first()


def _held_account(journal: Journal) -> Account | None:
    """The account that fed an archived journal, held before the journal is, as who links an account holds it."""
    former = Account.objects.filter(pk__in=Journal.objects.filter(pk=journal.pk).values("archived_account"))
    return former.select_for_update(of=("self",)).select_related("connection").first()
