"""What somebody who looks for a fault needs to see: ids, leases, capabilities, what the provider sent. No secrets."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
from django.utils.translation import gettext as _

from connections.models import Account, Connection, ProxyRegistration
from statements.models import StatementLine, SyncRun


@dataclass(frozen=True)
class Section:
    """Facts under one title; ``raw`` is a text that is shown as it is."""

    title: str
    facts: tuple[tuple[str, str], ...] = ()
    raw: str = ""


def of_connection(connection: Connection, accounts: Iterable[Account]) -> list[Section]:
    """A connection's names at the proxy and the provider, where its clock stands, and what its bank can do."""
    client_id = ProxyRegistration.objects.filter(company=connection.company_id).values_list("client_id", flat=True)
    institution = connection.institution
    facts = [
        (_("Client id"), client_id.first()),
        (_("Connection"), connection.pk),
        (_("Connection reference"), connection.reference),
        (_("Institution id"), institution.identifier),
        (_("Next fetch"), connection.next_fetch_at),
        (_("Claimed until"), connection.claimed_until),
        (_("Woken"), connection.woken_at),
        (_("Failures in a row"), connection.failures),
        (_("Ended"), connection.ended_at),
    ]
    capabilities = Section(_("Capabilities"), raw=json.dumps(institution.capabilities, indent=2, sort_keys=True))
    return [Section(_("Connection"), _shown(facts)), *(_account(account) for account in accounts), capabilities]


def of_line(line: StatementLine) -> list[Section]:
    """Where a line is kept, whose id it has, and what the provider sent."""
    facts = [
        (_("Line"), line.pk),
        (_("Statement"), line.statement_id),
        (_("Origin"), line.origin),
        (_("Transaction id"), line.transaction_id),
        (_("Account"), line.account_id),
        (_("Account id at the provider"), line.account.identifier if line.account else None),
        (_("Connection"), line.account.connection_id if line.account else None),
        (_("Run"), line.run_id),
        (_("File"), line.import_file_id),
    ]
    sections = [Section(_("Technical details"), _shown(facts))]
    if line.raw not in ("", "null"):
        sections.append(Section(_("As the provider sent it"), raw=indented(line.raw)))
    return sections


def of_run(run: SyncRun) -> list[Section]:
    """How a run stood, and the references of what went wrong in it."""
    facts = [
        (_("Run"), run.pk),
        (_("Connection"), run.connection_id),
        (_("Connection reference"), run.connection.reference),
        (_("State"), run.state),
        (_("Trigger"), run.trigger),
        (_("Reason"), run.reason),
        (_("Pages"), run.pages),
        (_("Started"), run.started_at),
        (_("Finished"), run.finished_at),
        (_("Lease until"), run.lease_until),
        (_("Looking again"), run.retry_at),
        (_("Error"), run.error_code),
        (_("Next step"), run.error_action),
        (_("Reference"), run.error_reference),
    ]
    results = [
        Section(
            result.account.label,
            _shown(
                [
                    (_("Account"), result.account_id),
                    (_("Account id at the provider"), result.account.identifier),
                    (_("Reason"), result.reason),
                    (_("Error"), result.error_code),
                    (_("Reference"), result.error_reference),
                ]
            ),
        )
        for result in run.accounts.all()
    ]
    return [Section(_("Technical details"), _shown(facts)), *results]


def indented(text: str) -> str:
    """JSON with a line for each thing, its numbers to the last digit; what is no JSON, as it is."""
    try:
        return msgspec.json.format(text, indent=2)
    except msgspec.DecodeError:
        return text


def _account(account: Account) -> Section:
    facts = [
        (_("Account"), account.pk),
        (_("Account id at the provider"), account.identifier),
        (_("Kind"), account.type),
        # The position itself is sealed text that says nothing to anybody.
        (_("Position, characters"), len(account.position)),
        (_("Balance as of"), account.balance_at),
    ]
    return Section(account.label, _shown(facts))


def _shown(facts: Iterable[tuple[str, object]]) -> tuple[tuple[str, str], ...]:
    return tuple((label, _text(value)) for label, value in facts)


def _text(value: object) -> str:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return "–" if value in (None, "") else str(value)
