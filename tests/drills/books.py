"""Looking into an installation's books and at the bank's own, past the app."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

import psycopg2
import requests

from foundation.money import from_units
from scripts.installation import Installation

Movement = tuple[str, Decimal]


def ask(installation: Installation, query: str) -> list[tuple[Any, ...]]:
    """Rows of a query on the app's database."""
    connection = psycopg2.connect(installation.environment["DATABASE_URL"])
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(query)
            return list(cursor.fetchall())
    finally:
        connection.close()


def last_run(installation: Installation) -> dict[str, Any]:
    """State and counts of the newest run; empty when there is none."""
    rows = ask(
        installation,
        "SELECT state, pages, new, reason, error_message, trigger FROM statements_syncrun ORDER BY id DESC LIMIT 1",
    )
    names = ("state", "pages", "new", "reason", "error_message", "trigger")
    return dict(zip(names, rows[0], strict=True)) if rows else {}


def booked(installation: Installation) -> Counter[Movement]:
    """(booking date, amount) of every statement line, and how many of each there are."""
    rows = ask(installation, "SELECT booking_date, amount FROM statements_statementline")
    return Counter((day.isoformat(), from_units(units)) for day, units in rows)


def true(installation: Installation) -> Counter[Movement]:
    """The same of what the connected bank itself has booked since the first day of the books."""
    [(identifier,)] = ask(
        installation,
        "SELECT i.identifier FROM connections_connection c JOIN connections_institution i ON i.id = c.institution_id",
    )
    [(first,)] = ask(installation, "SELECT min(booking_date) FROM statements_statementline")
    url = f"{installation.environment['SANDBOX_BASE_URL']}/control/truth"
    told = requests.get(url, params={"institution": identifier.removeprefix("plaid:")}, timeout=60).json()
    return Counter(
        (row["booking_date"], Decimal(row["amount"]))
        for account in told["accounts"]
        for row in account["transactions"]
        if row["booking_date"] >= first.isoformat()
    )
