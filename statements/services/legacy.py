"""Connections of an older system: shown, never synchronized, and taken over by new ones with their journals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from companies.models import Company
from connections.models import Account, Connection, Institution
from connections.models.institution import fold
from connections.services import chatter
from statements.models import Journal
from statements.refusal import Refused
from statements.services import journals
from statements.services.legacy_list import LegacyAccount, ListRefused, bare, said

Status = Connection.Status
ONE_DAY = dt.timedelta(days=1)


@dataclass
class Taken:
    """What was made; ``known`` accounts were there from an earlier time."""

    connections: int = 0
    accounts: int = 0
    journals: int = 0
    known: int = 0


@transaction.atomic
def take_in(company: Company, rows: Sequence[LegacyAccount]) -> Taken:
    """Makes legacy connections with these accounts, each feeding its journal. All of the list or nothing of it.

    Again it makes only what is not there yet, also when a new connection has taken some of it over meanwhile. Raises
    ``ListRefused`` with everything that stands in the way.
    """
    Company.objects.select_for_update().get(pk=company.pk)
    taken = Taken()
    problems = []
    for row in rows:
        try:
            _take_in_one(company, row, taken=taken)
        except Refused as refusal:
            problems.append(said(row.line, str(refusal)))
    if problems:
        raise ListRefused(problems)
    return taken


def _take_in_one(company: Company, row: LegacyAccount, *, taken: Taken) -> None:
    connection = _known_connection(company, row)
    if connection is not None and connection.accounts.filter(identifier=row.identifier).exists():
        taken.known += 1
        return
    _refuse_connected(company, row)
    journal, is_new = _journal(company, row)
    if connection is None:
        connection = _new_connection(company, row)
        taken.connections += 1
    journal.account = Account.objects.create(
        connection=connection,
        identifier=row.identifier,
        name=row.label,
        number=row.number,
        # Some providers tell the end of a number only.
        mask=row.number[-4:],
        currency=row.currency,
    )
    journal.account_number = journal.account_number or row.number
    if row.last_day and journal.first_day is None and (is_new or not journal.lines.exists()):
        # What the older system brought is in other books already.
        journal.first_day = row.last_day + ONE_DAY
    _store(journal, is_new=is_new)
    taken.accounts += 1
    taken.journals += is_new


def _known_connection(company: Company, row: LegacyAccount) -> Connection | None:
    """The connection that an earlier line or an earlier time made for this bank."""
    made = Connection.objects.filter(
        company=company, provider=row.provider, reference__isnull=True, status__in=[Status.LEGACY, Status.SUPERSEDED]
    ).select_related("institution")
    return next((one for one in made if fold(one.institution.name) == fold(row.institution)), None)


def _new_connection(company: Company, row: LegacyAccount) -> Connection:
    connection = Connection.objects.create(
        company=company,
        institution=_institution(row),
        provider=row.provider,
        status=Status.LEGACY,
        is_automatic=False,
    )
    chatter.write(connection, "imported_legacy")
    return connection


def _institution(row: LegacyAccount) -> Institution:
    """The bank as the directory has it, where one row alone has this name; else a row of its own that nobody finds."""
    offered = Institution.objects.offered().filter(provider=row.provider, folded__startswith=fold(row.institution))
    same = [one for one in offered if fold(one.name) == fold(row.institution)]
    if len(same) == 1:
        return same[0]
    institution = Institution(
        identifier=f"legacy:{slugify(row.provider)}:{fold(row.institution)}"[:255],
        provider=row.provider,
        name=row.institution,
        is_removed=True,
    )
    institution.make_findable()
    known = Institution.objects.filter(identifier=institution.identifier).first()
    if known is None:
        institution.save()
    return known or institution


def _refuse_connected(company: Company, row: LegacyAccount) -> None:
    """An account that a connection of today feeds needs none of an older system."""
    live = Connection.objects.live().filter(company=company)
    fed = Account.objects.filter(connection__in=live, currency=row.currency).exclude(number="")
    if row.number and any(bare(number) == row.number for number in fed.values_list("number", flat=True)):
        raise Refused(_("the account %(account)s is connected already.") % {"account": row.label})


def _journal(company: Company, row: LegacyAccount) -> tuple[Journal, bool]:
    """The journal that the account feeds, and whether it is a new one. Raises ``Refused``."""
    found = _named_journals(company, row)
    if len(found) > 1:
        raise Refused(_("several journals are named %(name)s: give the code.") % {"name": row.journal_name})
    if not found:
        name = row.journal_name or row.label
        return Journal(
            company=company, name=name[:255], code=row.journal_code, currency=row.currency, bank_name=row.institution
        ), True
    journal = found[0]
    facts = {"name": journal.name, "currency": journal.currency, "wanted": row.currency}
    if journal.currency != row.currency:
        raise Refused(_("the journal %(name)s is in %(currency)s, and the account in %(wanted)s.") % facts)
    if journal.archived_at is not None:
        raise Refused(_("the journal %(name)s is archived: bring it back first.") % facts)
    if journal.account_id is not None:
        raise Refused(_("the journal %(name)s is fed by another account.") % facts)
    return journal, False


def _named_journals(company: Company, row: LegacyAccount) -> list[Journal]:
    mine = Journal.objects.filter(company=company)
    if row.journal_code:
        return list(mine.filter(code=row.journal_code))
    return list(mine.filter(name=row.journal_name)) if row.journal_name else []


def _store(journal: Journal, *, is_new: bool) -> None:
    if not is_new:
        journal.save(update_fields=["account", "account_number", "first_day"])
    else:
        journals.add(journal, code=journal.code)
