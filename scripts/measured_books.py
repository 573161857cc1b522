"""Takes synthetic feeds into the books, in this process, and prints what it took as JSON: time, queries, memory.

The feed is one account over 36 months with one percent genuine twins, as pages of 500 in the proxy's own JSON.
Against it stands a plain COPY of the same rows into the same table with its indexes and keys: the COPY alone, its text
is there before the clock starts.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import django

django.setup()

import msgspec  # noqa: E402 - the models exist only after the setup
from django.db import connection, transaction  # noqa: E402

from companies.models import Company  # noqa: E402
from connections.models import Account, Connection, Institution  # noqa: E402
from providers.types import BalanceData, CounterpartyData, TransactionData, TransactionPage, encode  # noqa: E402
from statements.models import Journal, StatementLine  # noqa: E402
from statements.periods import Period  # noqa: E402
from statements.services import balances, intake, proofs, proven  # noqa: E402
from statements.staging import COPIED, Spool, spooled_line  # noqa: E402

PAGE = 500
MONTHS = 36
TODAY = dt.date(2026, 11, 20)
FIRST_DAY = TODAY - dt.timedelta(days=MONTHS * 30)
LINE = StatementLine._meta.db_table
DECODE = msgspec.json.Decoder(TransactionPage).decode


class Counter:
    """Counts the queries that pass."""

    def __init__(self) -> None:
        self.queries = 0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        self.queries += 1
        return execute(sql, params, many, context)


def main(sizes: list[int]) -> int:
    """Measures each size and gives the exit code."""
    for size in sizes:
        for row in _measure(size):
            print(json.dumps(row), flush=True)
    return 0


def _measure(size: int) -> Iterator[dict[str, Any]]:
    journal, beside = fed_journal(size), fed_journal(-size)
    pages = Pages(0, size)
    plain = _copy_plain(beside, pages)
    yield _row("import_first", size, timed(journal, pages), rows=size, against=plain)
    connection.cursor().execute(f"VACUUM ANALYZE {LINE}")
    yield _row("import_again", size, timed(journal, pages), rows=size, against=plain)
    daily = Pages(size - 50, 100)
    yield _row("import_daily", size, timed(journal, daily), rows=100, against=_copy_plain(beside, daily))
    yield _row("fetch_nothing_new", size, timed(journal, Pages(0, 0)), rows=0, against=0.0)


def _row(name: str, size: int, took: tuple[float, int], *, rows: int, against: float) -> dict[str, Any]:
    seconds, queries = took
    return {
        "name": name,
        "n": size,
        "rows": rows,
        "seconds": seconds,
        "against": against,
        "queries": queries,
        "peak_mib": peak_mib(),
    }


def peak_mib() -> int:
    """The most memory this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def timed(journal: Journal, pages: Pages) -> tuple[float, int]:
    """Seconds and queries of one fetch: decode, dedup, lines, statements, balances, proofs."""
    counter = Counter()
    account = Account.objects.select_related("connection__institution").get(journal=journal)
    before = time.perf_counter()
    with connection.execute_wrapper(counter), Spool() as spool:
        for page in pages:
            spool.add(DECODE(page).transactions)
        bank = BalanceData(booked=Decimal("1000.00"), available=None, currency="EUR")
        with transaction.atomic():
            locked = (
                Journal.objects.select_for_update(of=("self",)).select_related("company", "account").get(pk=journal.pk)
            )
            intake.take_in(locked, None, transactions=spool, bank=bank, account=account)
            balances.compare(locked, bank)
            proven.note(account, first_day=FIRST_DAY, last_day=TODAY)
            proofs.mark(locked)
    return time.perf_counter() - before, counter.queries


def _copy_plain(journal: Journal, pages: Pages) -> float:
    """Seconds of a plain COPY of the same rows into the table of the lines, which are taken out again."""
    balances.ensure_statements(journal, [Period(TODAY, TODAY)])
    statement = journal.statements.get()
    owner = f"{journal.pk}\t{statement.pk}\t{journal.account_id}\tfeed\t"
    with connection.cursor() as cursor:
        with tempfile.TemporaryFile("w+") as text:
            rows = itertools.chain.from_iterable(DECODE(page).transactions for page in pages)
            for number, data in enumerate(rows):
                text.write(owner + spooled_line(number, data).partition("\t")[2])
            text.seek(0)
            before = time.perf_counter()
            columns = ", ".join(("journal_id", "statement_id", "account_id", "origin", *COPIED))
            cursor.copy_expert(f"COPY {LINE} ({columns}) FROM STDIN", text)
            seconds = time.perf_counter() - before
        cursor.execute(f"DELETE FROM {LINE} WHERE journal_id = %s", [journal.pk])  # noqa: S608
        cursor.execute(f"VACUUM ANALYZE {LINE}")
    journal.statements.all().delete()
    return seconds


def fed_journal(size: int) -> Journal:
    """A journal of its own, fed by an account of its own; ``size`` tells it from the others."""
    company = Company.objects.create(name=f"Bench {size}")
    institution = Institution.objects.create(identifier=f"bench:{size}", provider="bench", name="Bench", country="BE")
    feed = Connection.objects.create(
        company=company, institution=institution, provider="bench", reference=f"bench {size}", status="connected"
    )
    account = Account.objects.create(connection=feed, identifier="1", name="Bench", currency="EUR")
    return Journal.objects.create(company=company, name="Bench", code="BNK1", currency="EUR", account=account)


class Pages:
    """Pages as they come over the wire, on disk, so that the process holds one at a time."""

    def __init__(self, first: int, count: int) -> None:
        self.count = count
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the measurement
        self._lengths: list[int] = []
        for start in range(first, first + count, PAGE):
            rows = tuple(_transaction(number) for number in range(start, min(start + PAGE, first + count)))
            page = encode(TransactionPage(transactions=rows, position=str(start), has_more=True))
            self._lengths.append(self._file.write(page))

    def __iter__(self) -> Iterator[bytes]:
        self._file.seek(0)
        return (self._file.read(length) for length in self._lengths)


def _transaction(number: int) -> TransactionData:
    # One in a hundred is the twin of the one before it: equal in everything but its id.
    draw = random.Random(number - 1 if number % 100 == 99 else number)  # noqa: S311
    amount = Decimal(draw.randrange(-500_000, 400_000)).scaleb(-2)
    day = TODAY - dt.timedelta(days=draw.randrange(MONTHS * 30))
    party = f"Supplier {draw.randrange(2_000)} BV"
    return TransactionData(
        id=f"{number:08d}-{draw.getrandbits(64):016x}",
        status="posted",
        booking_date=day,
        amount=amount,
        currency="EUR",
        counterparty=CounterpartyData(name=party, account_number="BE68539007547034"),
        remittance=f"Invoice {draw.randrange(10**6)} of {party}",
        kind="payment",
        raw=msgspec.Raw(b'{"transaction_id":"%d","amount":%s,"name":"%s"}' % (number, b"1.00", party.encode())),
    )


if __name__ == "__main__":
    sys.exit(main([int(size) for size in sys.argv[1:]] or [1_000, 10_000, 100_000]))
