"""Takes the feed that other systems were measured with into the books, beside the least that it can cost.

The feed is one account over 36 months with one percent genuine twins. The limit: the JSON pages decoded, one COPY into
a temporary table, one INSERT … ON CONFLICT DO NOTHING into a table with the columns and indexes of the lines, commit.
Both take turns on one database, three times; printed as JSON are the medians.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Iterator
from typing import Any

from django.db import connection, transaction

from scripts.measured_books import DECODE, LINE, Pages, fed_journal, peak_mib, timed
from statements.models import Journal
from statements.staging import COPIED, Spool

ROUNDS = 3
KNOWN, NEW = 50, 50
LIMIT = "least_line"


def main(sizes: list[int]) -> int:
    """Measures each size and gives the exit code."""
    for size in sizes:
        rounds = [list(_round(size, number)) for number in range(ROUNDS)]
        for steps in zip(*rounds, strict=True):
            print(json.dumps(_median(size, steps)), flush=True)
    return 0


def _round(size: int, number: int) -> Iterator[dict[str, Any]]:
    """First import, again, and a day with as many known as new ones: the limit and the books in turn."""
    journal = fed_journal(size * 10 + number)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {LIMIT}")
        cursor.execute(f"CREATE TABLE {LIMIT} (LIKE {LINE} INCLUDING ALL)")
    feed = Pages(0, size)
    steps = (("peer_first", feed), ("peer_again", feed), ("peer_daily", Pages(size - KNOWN, KNOWN + NEW)))
    for name, pages in steps:
        least = _least(journal, pages)
        seconds, queries = timed(journal, pages)
        yield {"name": name, "seconds": seconds, "against": least, "queries": queries, "rows": pages.count}
        with connection.cursor() as cursor:
            cursor.execute(f"VACUUM ANALYZE {LINE}")
            cursor.execute(f"VACUUM ANALYZE {LIMIT}")
    journal.lines.all().delete()


def _least(journal: Journal, pages: Pages) -> float:
    """Seconds of the least that storing these pages once can cost."""
    columns = ", ".join(COPIED)
    before = time.perf_counter()
    with Spool() as spool, transaction.atomic(), connection.cursor() as cursor:
        for page in pages:
            spool.add(DECODE(page).transactions)
        cursor.execute(f"CREATE TEMPORARY TABLE least (row_id bigint, LIKE {LINE}) ON COMMIT DROP")
        for name in ("id", "journal_id", "statement_id", "origin"):
            cursor.execute(f"ALTER TABLE least ALTER {name} DROP NOT NULL")
        cursor.copy_expert(f"COPY least (row_id, {columns}) FROM STDIN", spool.read())
        cursor.execute(
            f"INSERT INTO {LIMIT} (id, journal_id, statement_id, origin, {columns}) "  # noqa: S608
            f"SELECT nextval('{LINE}_id_seq'), %s, 1, 'feed', {columns} FROM least ON CONFLICT DO NOTHING",
            [journal.pk],
        )
    return time.perf_counter() - before


def _median(size: int, steps: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    seconds, against = (statistics.median(step[name] for step in steps) for name in ("seconds", "against"))
    return {**steps[0], "n": size, "seconds": seconds, "against": against, "peak_mib": peak_mib()}


if __name__ == "__main__":
    sys.exit(main([int(size) for size in sys.argv[1:]] or [1_000, 10_000, 100_000]))
