"""Opens the pages that people look at most, in this process, and prints what they took as JSON: time, queries, weight.

The time is the server's: the whole stack of middleware, warm, at the 95th percentile. Against it stands the page's own
SQL, run alone and read to its end, in turns with the page. Two companies are measured, a small one and a large one: the
number of queries must be the same.
"""

from __future__ import annotations

import datetime as dt
import gzip
import json
import random
import re
import resource
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

# First of all, so that models exist after it: the process is set up as a server's.
import banksync.wsgi  # noqa: F401 - for what it does
from companies.models import Company, User
from connections.models import Account, Connection, Institution
from foundation.money import from_units
from statements.models import Journal, ProvenDays, Statement, StatementLine, SyncRun
from statements.periods import periods_between

DAYS = 600
TIMES = 100
LINE = StatementLine._meta.db_table
COPIED = (
    "journal_id",
    "statement_id",
    "account_id",
    "origin",
    "transaction_id",
    "booking_date",
    "amount",
    "currency",
    "original_currency",
    "counterparty_name",
    "counterparty_account",
    "remittance",
    "kind",
    "is_flagged_duplicate",
    "raw",
)
Query = tuple[str, Any]


class TooManyQueries(Exception):
    """A page asks more of the database for long books than for short ones; the message names it."""


@dataclass(frozen=True)
class Look:
    """One page of one company: ``page`` and ``bare`` are seconds at the 95th percentile."""

    page: float
    bare: float
    queries: int
    kilobytes: float


def main(sizes: list[int]) -> int:
    """Measures every page of a company with so many journals and lines (``sizes``: both, again and again)."""
    counted: dict[str, int] = {}
    for journals, lines in zip(sizes[::2], sizes[1::2], strict=True):
        person = _company(journals, lines)
        for name, address in _addresses(person).items():
            look = _look(person, address)
            if counted.setdefault(name, look.queries) != look.queries:
                raise TooManyQueries(f"{name}: {counted[name]} queries for short books, {look.queries} for long ones")
            print(json.dumps(_row(name, lines, look)), flush=True)
    return 0


def _row(name: str, lines: int, look: Look) -> dict[str, Any]:
    return {
        "name": f"page_{name}",
        "n": lines,
        "seconds": look.page,
        "against": look.bare,
        "queries": look.queries,
        "kilobytes": look.kilobytes,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _addresses(person: User) -> dict[str, str]:
    company = Company.objects.get(memberships__user=person)
    journal = company.journals.order_by("pk")[company.journals.count() // 2]
    statement = journal.statements.order_by("first_day")[journal.statements.count() // 2]
    lines = reverse("line_list", args=[journal.pk])
    middle = statement.lines.order_by("booking_date", "pk").values_list("booking_date", "pk")[statement.line_count // 2]
    return {
        "dashboard": reverse("dashboard"),
        "lines": lines,
        "lines_late": f"{lines}?before={middle[0].isoformat()}_{middle[1]}",
        "lines_found": f"{lines}?q=supplier+17&direction=out",
        "statement": reverse("statement", args=[statement.pk]),
    }


def _look(person: User, address: str) -> Look:
    client = Client(headers={"accept-encoding": "gzip"}, SERVER_NAME="localhost")
    client.force_login(person)
    queries = _recorded(lambda: _open(client, address))
    pages, bares = [], []
    for turn in range(TIMES + 10):
        took = _timed(lambda: _open(client, address)), _timed(lambda: _run(queries))
        if turn >= 10:  # the first ones warm the caches
            pages.append(took[0])
            bares.append(took[1])
    return Look(
        page=_percentile(pages), bare=_percentile(bares), queries=len(queries), kilobytes=_weight(client, address)
    )


def _open(client: Client, address: str) -> bytes:
    response = client.get(address)
    if response.status_code != 200:
        raise RuntimeError(f"{address} answers {response.status_code}")
    return response.content


def _recorded(call: Callable[[], object]) -> list[Query]:
    found: list[Query] = []

    def record(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        found.append((sql, params))
        return execute(sql, params, many, context)

    call()  # what only the first visit asks for is not the page's
    with connection.execute_wrapper(record):
        call()
    return found


def _run(queries: list[Query]) -> None:
    """The queries alone, on the bare connection."""
    with connection.connection.cursor() as cursor:
        for sql, params in queries:
            cursor.execute(sql, params)
            if cursor.description:
                cursor.fetchall()


def _timed(call: Callable[[], object]) -> float:
    before = time.perf_counter()
    call()
    return time.perf_counter() - before


def _percentile(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1]


def _weight(client: Client, address: str) -> float:
    """Kilobytes of a first visit, as they are sent: the page and everything that it loads."""
    sent = _open(client, address)
    page = gzip.decompress(sent).decode()
    names = set(re.findall(r'(?:src|href)="/static/([^"#]+)', page))
    files = [finders.find(name) for name in sorted(names)]
    return round((len(sent) + sum(_compressed(str(path)) for path in files)) / 1024, 1)


def _compressed(path: str) -> int:
    with open(path, "rb") as file:
        return len(gzip.compress(file.read(), 9))


def _company(journals: int, lines: int) -> User:
    """A company with so many journals, each with its feed, and so many lines over all of them; gives its person."""
    company = Company.objects.create(name=f"Bench {lines}")
    person = User.objects.create_user(f"bench{lines}@example.com", password="a-password-for-the-bench")  # noqa: S106
    company.memberships.create(user=person)
    today = timezone.localdate()
    with tempfile.TemporaryFile("w+") as text, connection.cursor() as cursor:
        for number in range(journals):
            journal = _journal(company, f"{lines}-{number}")
            text.writelines(_book(journal, lines // journals, today=today))
        text.seek(0)
        with _bare_table(cursor):
            cursor.copy_expert(f"COPY {LINE} ({', '.join(COPIED)}) FROM STDIN", text)
        cursor.execute("VACUUM ANALYZE")
    return person


@contextmanager
def _bare_table(cursor: Any) -> Iterator[None]:
    """The table of the lines without what would be kept up with each row: it is made anew at the end, all at once."""
    keys = (
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'"
    )
    cursor.execute(keys, [LINE])
    constraints = cursor.fetchall()
    plain = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexname NOT LIKE '%%_pkey'"
    cursor.execute(plain, [LINE])
    indexes = cursor.fetchall()
    for name, _definition in constraints:
        cursor.execute(f"ALTER TABLE {LINE} DROP CONSTRAINT {name}")
    for name, _definition in indexes:
        cursor.execute(f"DROP INDEX {name}")
    yield
    for _name, definition in indexes:
        cursor.execute(definition)
    for name, definition in constraints:
        cursor.execute(f"ALTER TABLE {LINE} ADD CONSTRAINT {name} {definition}")


def _journal(company: Company, name: str) -> Journal:
    now = timezone.now()
    institution = Institution.objects.create(identifier=f"bench:{name}", provider="bench", name=name, country="BE")
    feed = Connection.objects.create(
        company=company,
        institution=institution,
        provider="bench",
        reference=name,
        status=Connection.Status.CONNECTED,
        last_success_at=now,
        next_fetch_at=now + dt.timedelta(hours=3),
    )
    account = Account.objects.create(connection=feed, identifier="1", name=name, currency="EUR")
    today = timezone.localdate()
    ProvenDays.objects.create(account=account, first_day=today - dt.timedelta(days=DAYS - 1), last_day=today)
    ended = {"reason": "new_lines", "new": 3}
    for _ in range(20):
        run = SyncRun.objects.create(
            connection=feed, trigger="clock", state="done", finished_at=now, lease_until=now, **ended
        )
        run.accounts.create(account=account, **ended)
    return Journal.objects.create(company=company, name=name, code=name[-12:], currency="EUR", account=account)


def _book(journal: Journal, count: int, *, today: dt.date) -> Iterator[str]:
    """The journal's lines as COPY takes them, after its statements were made and chained."""
    draw = random.Random(journal.pk)  # noqa: S311 - amounts to measure with
    first_day = today - dt.timedelta(days=DAYS - 1)
    days = sorted(first_day + dt.timedelta(days=draw.randrange(DAYS)) for _ in range(count))
    amounts = [draw.randrange(-500_000, 480_000) * 100 for _ in range(count)]
    statements = _statements(journal, list(zip(days, amounts, strict=True)), first_day=first_day, today=today)
    for number, (day, units) in enumerate(zip(days, amounts, strict=True)):
        party = f"Supplier {draw.randrange(2_000)} BV"
        values = (
            *(journal.pk, statements[day.replace(day=1)], journal.account_id, "feed", f"{journal.pk}-{number}"),
            *(day, units, "EUR", "", party, "BE68539007547034", f"Invoice {draw.randrange(10**6)} of {party}"),
            *("payment", "f", ""),
        )
        yield "\t".join(map(str, values)) + "\n"


def _statements(
    journal: Journal, moves: list[tuple[dt.date, int]], *, first_day: dt.date, today: dt.date
) -> dict[dt.date, int]:
    """A chained statement for each month; gives their ids by first day. The bank agrees with the last one."""
    made, balance = [], 10**9
    months: dict[tuple[int, int], list[int]] = defaultdict(list)
    for day, units in moves:
        months[day.year, day.month].append(units)
    journal.opening_balance, journal.opening_date = from_units(balance), first_day
    for period in periods_between(first_day, today, kind=Journal.Period.MONTH):
        inside = months[period.first_day.year, period.first_day.month]
        plus, minus = sum(units for units in inside if units > 0), sum(units for units in inside if units < 0)
        made.append(
            Statement(
                journal=journal,
                first_day=period.first_day,
                last_day=period.last_day,
                opening=from_units(balance),
                total_in=from_units(plus),
                total_out=from_units(minus),
                closing=from_units(balance + plus + minus),
                line_count=len(inside),
            )
        )
        balance += plus + minus
    journal.bank_balance, journal.bank_balance_at = from_units(balance), timezone.now()
    journal.save()
    return {statement.first_day: statement.pk for statement in Statement.objects.bulk_create(made)}


if __name__ == "__main__":
    sys.exit(main([int(size) for size in sys.argv[1:]] or [5, 1_000, 50, 1_000_000]))
