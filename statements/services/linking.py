"""Which journal each bank account feeds, and from which day on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from companies.models import Company, User
from connections.models import Account, LinkAttempt
from connections.services import chatter
from statements.models import Journal
from statements.services import adviser, archiving, journals, takeover


class CannotLink(Exception):
    """An account cannot feed that journal; the message is one sentence for people."""


@dataclass(frozen=True)
class Choice:
    """What a person chose for one account. ``journal`` None and ``is_new`` false: do not synchronize."""

    account: Account
    journal: Journal | None = None
    is_new: bool = False
    first_day: dt.date | None = None


@transaction.atomic
def link(attempt: LinkAttempt, choices: Sequence[Choice], *, person: User | None = None) -> list[Journal]:
    """Links accounts to journals as chosen and closes the attempt; gives the journals. All of it or nothing.

    ``person`` chose; without one it was who made the attempt.

    A journal that an older connection to the same bank feeds is taken over. Doing it again changes nothing.
    Raises ``CannotLink``.
    """
    taken = [choice.journal.pk for choice in choices if choice.journal]
    if len(taken) != len(set(taken)):
        raise CannotLink(_("Two accounts cannot feed the same journal."))
    olders = takeover.quiet([choice.journal for choice in choices if choice.journal], unless=attempt.connection)
    linked = [journal for choice in choices if (journal := link_one(attempt.company, choice))]
    if attempt.status != LinkAttempt.Status.LINKED:
        attempt.status = LinkAttempt.Status.LINKED
        attempt.save(update_fields=["status"])
        if attempt.connection:
            names = ", ".join(journal.name for journal in linked)
            chatter.write(attempt.connection, "linked", person=person or attempt.person, journals=names)
    if attempt.connection:
        takeover.supersede(olders, attempt.connection, person=person or attempt.person)
    return linked


def free_journals(company: Company) -> list[Journal]:
    """The journals that an account in the same currency could feed: those no account feeds yet."""
    return list(Journal.objects.in_use().filter(company=company, account__isnull=True))


def link_one(company: Company, choice: Choice) -> Journal | None:
    """Links one account as chosen; None when it is not to be synchronized. Raises ``CannotLink``."""
    account = Account.objects.select_for_update().get(pk=choice.account.pk)
    linked = Journal.objects.filter(account=account).first()
    if linked is not None:
        return linked
    if choice.is_new or choice.journal is not None:
        archiving.release(account)
    if choice.is_new:
        return _new_journal(company, account, first_day=choice.first_day)
    if choice.journal is None:
        return None
    journal = Journal.objects.select_for_update().get(pk=choice.journal.pk, company=company)
    if journal.archived_at is not None:
        raise CannotLink(_("The journal %(journal)s is archived: bring it back first.") % {"journal": journal.name})
    if journal.currency != account.currency:
        raise CannotLink(
            _("%(account)s is in %(theirs)s and the journal %(journal)s in %(ours)s: choose one in the same currency.")
            % {"account": account.label, "theirs": account.currency, "journal": journal.name, "ours": journal.currency}
        )
    if journal.account_id is not None:
        if journal not in takeover.offered(account.connection):
            raise CannotLink(
                _("The journal %(journal)s is already fed by another account.") % {"journal": journal.name}
            )
        return takeover.take_over(journal, account)
    journal.account, journal.first_day = account, adviser.first_day_of(journal, choice.first_day)
    journal.save(update_fields=["account", "first_day"])
    return journal


def _new_journal(company: Company, account: Account, *, first_day: dt.date | None) -> Journal:
    journal = Journal(company=company, name=account.label, currency=account.currency, account=account)
    journal.account_number = account.number
    journal.first_day = adviser.first_day_of(journal, first_day)
    return journals.add(journal)
