"""What of a kept file is a journal's: how its columns are read, its account's part, entries with ids of their own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace

import msgspec
from django.utils import timezone
from django.utils.translation import gettext as _

from providers.types import TransactionData
from statements.imports import csv, ofx
from statements.imports.accounts import ending, same_account
from statements.imports.columns import ColumnMapping, guess
from statements.imports.facts import FileEntry, FileRefused, StatementFile
from statements.imports.sniff import read
from statements.models import CsvMapping, ImportFile, Journal
from statements.refusal import Refused

# A booking date further ahead than this is a typing error.
_AHEAD = dt.timedelta(days=366)


class OtherAccount(Refused):
    """The file is of another account than the journal; a person may say that it is right all the same."""


def read_part(file: ImportFile, *, any_account: bool) -> StatementFile:
    """The part of the file that is of the journal's account, in the journal's currency, its ids told apart.

    Raises ``FileRefused`` with line and reason, ``OtherAccount`` unless ``any_account``, or ``Refused``.
    """
    mapping = mapping_of(file) if file.format == csv.FORMAT else None
    statement = _of_journal(read(_content(file), mapping), file.journal, any_account=any_account)
    last = timezone.localdate() + _AHEAD
    for entry in statement.entries:
        if entry.data.booking_date > last:
            raise FileRefused(entry.line, _("this entry's booking date lies more than a year ahead."))
    return replace(statement, entries=tuple(_named(statement, file.journal)))


def namespace(statement: StatementFile) -> str:
    """What the ids of a file's entries begin with: those of one format are told apart from all others."""
    return f"{statement.format}:"


def mapping_of(file: ImportFile) -> ColumnMapping:
    """How this CSV file is read: as a person said, as the journal's last one with the same header, or guessed."""
    if file.mapping:
        return ColumnMapping.from_json(file.mapping)
    remembered = CsvMapping.objects.filter(journal=file.journal_id).first()
    return guess(_content(file), ColumnMapping.from_json(remembered.mapping) if remembered else None)


def is_mapped(file: ImportFile) -> bool:
    """Whether nothing has to be asked before the preview: not of CSV alone, or its columns are known already."""
    if file.format != csv.FORMAT:
        return True
    if file.mapping:
        return not mapping_of(file).problem
    remembered = CsvMapping.objects.filter(journal=file.journal_id).first()
    return bool(remembered and ColumnMapping.from_json(remembered.mapping).header == mapping_of(file).header != ())


def choose_mapping(file: ImportFile, mapping: ColumnMapping) -> None:
    """Keeps how a person said that this file is read; the journal remembers it once the file is taken in."""
    file.mapping = mapping.to_json()
    file.save(update_fields=["mapping"])


def _content(file: ImportFile) -> bytes:
    if file.content is None:
        raise Refused(_("This file was taken in already."))
    return bytes(file.content)


def _of_journal(statements: Sequence[StatementFile], journal: Journal, *, any_account: bool) -> StatementFile:
    ours = journal.account_number or (journal.account.number or journal.account.mask if journal.account else "")
    mine = [one for one in statements if not ours or not one.account_number or _fits(one.account_number, ours)]
    if not mine and any_account:
        mine = list(statements)
    numbers = sorted({one.account_number for one in mine or statements})
    endings = ", ".join(f"··{ending(number)}" for number in numbers)
    if not mine:
        raise OtherAccount(
            _("The file is of the account %(theirs)s and the journal %(journal)s of ··%(ours)s.")
            % {"theirs": endings, "journal": journal.name, "ours": ending(ours)}
        )
    if len(numbers) > 1:
        sentence = _("The file holds the accounts %(endings)s: give the journal its number, so that its own is taken.")
        raise Refused(sentence % {"endings": endings})
    fitting = [one for one in mine if one.currency in ("", journal.currency)]
    if not fitting:
        raise Refused(
            _("The file is in %(theirs)s and the journal in %(ours)s.")
            % {"theirs": mine[0].currency, "ours": journal.currency}
        )
    # Entries in other currencies come along, to wait for a decision; balances are those in the journal's currency.
    entries = tuple(entry for one in mine for entry in one.entries)
    if not entries:
        raise Refused(_("There is no entry in this file."))
    return replace(fitting[0], currency=journal.currency, entries=entries)


def _fits(theirs: str, ours: str) -> bool:
    return same_account(theirs, ours) or (len(ours) <= 4 and theirs.endswith(ours))


def _named(statement: StatementFile, journal: Journal) -> Iterator[FileEntry]:
    """Entries with the journal's currency where none is said, and ids that no other source and no other entry has.

    An id is unique by OFX's rules. Where other formats repeat a reference (a payment and its fee), the n-th entry with
    it is told apart by its number.
    """
    seen: dict[str, list[TransactionData]] = {}
    for entry in statement.entries:
        data = entry.data
        currency = journal.currency if data.currency == csv.NO_CURRENCY else data.currency
        identifier = f"{namespace(statement)}{data.id}" if data.id else ""
        if identifier:
            others = seen.setdefault(identifier, [])
            is_repeated = statement.format == ofx.FORMAT and any(
                (other.amount, other.booking_date) == (data.amount, data.booking_date) for other in others
            )
            if not is_repeated:
                others.append(data)
                identifier += f"#{len(others)}" if len(others) > 1 else ""
        yield replace(entry, data=msgspec.structs.replace(data, id=identifier, currency=currency))
