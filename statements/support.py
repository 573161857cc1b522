"""The support bundle: what happened to a connection, for someone who helps, with nothing that must stay secret."""

from __future__ import annotations

import datetime as dt
import platform
import re
import tomllib
from typing import Any

import django
from django.conf import settings
from django.db.models import Model

from connections.models import ChatterEntry, Connection
from statements.models import AccountRun, ProvenDays, SyncRun

RUNS = 50
ENTRIES = 200
# What looks like a number of an account, a card or a phone: an IBAN, or seven digits or more in a row.
_NUMBER = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){2,}\b|\+?\d(?: ?\d){6,}")
_COUNTS = ("seen", "new", "known", "changed", "held", "skipped")
_FACTS = frozenset({"state", "before", "why", "trigger", "reason", "error", "provider_code", *_COUNTS})
_WORDS = frozenset({"message", "provider_message"})


def bundle(connection: Connection, *, now: dt.datetime) -> dict[str, Any]:
    """States, runs, errors, references and versions of one connection, as JSON.

    Left out are names of people and of the account holder, notes, amounts, the numbers and ids of accounts, the
    connection's own reference, and everything sealed. Numbers in a provider's words are blackened.
    """
    return {
        "made_at": _moment(now),
        "versions": _versions(),
        "client_id": connection.company.registration.client_id if hasattr(connection.company, "registration") else "",
        "connection": _connection(connection),
        "accounts": [
            {
                **_plain(account, "id", "currency", "type", "is_closed"),
                "is_linked": hasattr(account, "journal"),
                "has_position": bool(account.position),
                "proven": [
                    [one.first_day.isoformat(), one.last_day.isoformat()]
                    for one in ProvenDays.objects.filter(account=account)
                ],
            }
            for account in connection.accounts.select_related("journal")
        ],
        "runs": [_run(run) for run in connection.runs.prefetch_related("accounts")[:RUNS]],
        "chatter": [_entry(entry) for entry in connection.chatter.all()[:ENTRIES]],
    }


def blacken(text: str) -> str:
    """The text without anything that looks like a number of an account, a card or a phone."""
    return _NUMBER.sub("███", text)


def _versions() -> dict[str, str]:
    project = tomllib.loads((settings.ROOT / "pyproject.toml").read_text())["project"]
    database = settings.DATABASES["default"]["ENGINE"].rpartition(".")[2]
    return {
        "banksync": str(project["version"]),
        "python": platform.python_version(),
        "django": django.get_version(),
        "database": database,
    }


def _connection(connection: Connection) -> dict[str, Any]:
    return {
        **_plain(connection, "id", "provider", "status", "is_automatic", "interval_hours", "failures"),
        **_plain(connection, "error_code", "error_action", "error_reference"),
        "error_message": blacken(connection.error_message),
        "institution": connection.institution.identifier,
        "bank": connection.institution.name,
        **{
            name: _moment(getattr(connection, name))
            for name in ("created_at", "consent_expires_at", "last_success_at", "next_fetch_at", "ended_at")
        },
    }


def _run(run: SyncRun) -> dict[str, Any]:
    return {
        **_plain(run, "id", "trigger", "state", "reason", "pages", *_COUNTS),
        **_plain(run, "error_code", "error_action", "error_reference"),
        "error_message": blacken(run.error_message),
        "started_at": _moment(run.started_at),
        "finished_at": _moment(run.finished_at),
        "accounts": [_account_run(result) for result in run.accounts.all()],
    }


def _account_run(result: AccountRun) -> dict[str, Any]:
    return {
        **_plain(result, "account_id", "reason", *_COUNTS),
        **_plain(result, "error_code", "error_reference"),
        "agrees": None if result.difference is None else result.difference == 0,
    }


def _entry(entry: ChatterEntry) -> dict[str, Any]:
    facts = {name: value for name, value in entry.facts.items() if name in _FACTS}
    words = {name: blacken(str(value)) for name, value in entry.facts.items() if name in _WORDS}
    return {
        **_plain(entry, "code", "reference", "action"),
        "at": _moment(entry.at),
        "by_person": entry.person_id is not None,
        "facts": {**facts, **words},
    }


def _plain(row: Model, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _moment(moment: dt.datetime | None) -> str | None:
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds") if moment else None
