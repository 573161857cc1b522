"""The sample files, and their facts in a form that is easy to compare."""

from __future__ import annotations

from pathlib import Path

from statements.imports.columns import guess
from statements.imports.facts import StatementFile
from statements.imports.sniff import format_of, read

FOLDER = Path(__file__).parent / "samples"
NAMES = sorted(path.name for path in FOLDER.iterdir())


def sample(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def read_all(content: bytes) -> tuple[StatementFile, ...]:
    """As a person would who agrees with every guess."""
    return read(content, guess(content) if format_of(content) == "CSV" else None)


def read_one(name: str) -> StatementFile:
    (only,) = read_all(sample(name))
    return only


def facts(statement: StatementFile) -> list[tuple[str, ...]]:
    """(line, id, booking date, value date, amount, currency, name, account, text, kind) of each entry."""
    return [
        (
            str(entry.line),
            entry.data.id,
            entry.data.booking_date.isoformat(),
            entry.data.value_date.isoformat() if entry.data.value_date else "",
            str(entry.data.amount),
            entry.data.currency,
            entry.data.counterparty.name,
            entry.data.counterparty.account_number,
            entry.data.remittance,
            entry.data.kind,
        )
        for entry in statement.entries
    ]


def balances(statement: StatementFile) -> list[str]:
    """Opening and closing, as "amount on day"."""
    return [f"{one.amount} on {one.day}" if one else "" for one in (statement.opening, statement.closing)]
