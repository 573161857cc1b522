"""Claims what is due with two worker processes at once, on PostgreSQL, and prints as JSON how long that takes.

Against it stands the bare statement that any queue in a table needs: one UPDATE of a batch that skips what others have
locked. Each connection must be claimed exactly once, or nothing is measured. Beside it: what one claim costs that finds
nothing, in a table without connections and in one with a hundred thousand that are not due.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402 - the models exist only after the setup
from django.utils import timezone  # noqa: E402

from companies.models import Company  # noqa: E402
from connections.models import Connection, Institution  # noqa: E402
from connections.services import schedule  # noqa: E402

BATCH = 100
WORKERS = 2
IDLE = 100_000
ROUNDS = 50
TABLE = Connection._meta.db_table
BARE = f"""
    UPDATE {TABLE} SET claimed_until = %s WHERE id IN (
        SELECT id FROM {TABLE}
        WHERE status = 'connected' AND is_automatic AND next_fetch_at <= %s
          AND claimed_until IS NULL AND waits_for_id IS NULL
        ORDER BY next_fetch_at LIMIT {BATCH} FOR UPDATE SKIP LOCKED
    ) RETURNING id
"""  # noqa: S608 - every name is ours


class Twice(Exception):
    """A connection was claimed by two workers, or by none."""


def main(arguments: list[str]) -> int:
    """Measures each size; as ``worker <how>`` it is one of the workers that claim."""
    if arguments[:1] == ["worker"]:
        _work(arguments[1])
        return 0
    none = _idle(0)
    print(json.dumps(_row("claim_nothing_due", 0, none, rows=1, against=none)), flush=True)
    for size in map(int, arguments):
        _fill(size, due_in=-dt.timedelta(minutes=1))
        bare = _together("bare", size)
        print(json.dumps(_row("claim_due", size, _together("ours", size), rows=size, against=bare)), flush=True)
    print(json.dumps(_row("claim_nothing_due", IDLE, _idle(IDLE), rows=1, against=none)), flush=True)
    return 0


def _row(name: str, size: int, seconds: float, *, rows: int, against: float) -> dict[str, Any]:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {"name": name, "n": size, "seconds": seconds, "rows": rows, "against": against, "peak_mib": peak}


def _together(how: str, size: int) -> float:
    """Seconds until all is claimed by workers that begin at the same moment. Raises ``Twice``."""
    Connection.objects.update(claimed_until=None)
    connection.cursor().execute(f"VACUUM ANALYZE {TABLE}")
    command = [sys.executable, "-m", "scripts.measured_clock", "worker", how]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    workers: list[Any] = [subprocess.Popen(command, env=os.environ, **pipes) for _ in range(WORKERS)]
    for worker in workers:
        worker.stdout.readline()  # it is ready
    begun = time.perf_counter()
    for worker in workers:
        worker.stdin.write("\n")
        worker.stdin.flush()
    claimed = [pk for worker in workers for pk in json.loads(worker.stdout.readline())]
    seconds = time.perf_counter() - begun
    for worker in workers:
        worker.wait()
    if len(claimed) != size or len(set(claimed)) != size:
        raise Twice(f"{len(claimed)} claims, {len(set(claimed))} connections of {size}")
    return seconds


def _work(how: str) -> None:
    """One worker: claims batches until nothing is due, and says which connections it had."""
    now = timezone.now()
    claimed: list[int] = []
    connection.ensure_connection()
    print("ready", flush=True)
    sys.stdin.readline()
    while ids := schedule.claim_due(now, limit=BATCH) if how == "ours" else _bare(now):
        claimed += ids
    print(json.dumps(claimed), flush=True)


def _bare(now: dt.datetime) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(BARE, [now + dt.timedelta(minutes=3), now])
        return [pk for (pk,) in cursor.fetchall()]


def _idle(size: int) -> float:
    """Seconds of the median claim where nothing is due."""
    _fill(size, due_in=dt.timedelta(hours=6))
    now = timezone.now()
    took = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        found = schedule.claim_due(now, limit=BATCH)
        took.append(time.perf_counter() - begun)
        if found:
            raise Twice("something was claimed that is not due")
    return statistics.median(took)


def _fill(size: int, *, due_in: dt.timedelta) -> None:
    """The table with so many connections and no others."""
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {TABLE} CASCADE")
    company, _made = Company.objects.get_or_create(name="bench")
    bank, _made = Institution.objects.get_or_create(
        identifier="plaid:bench", defaults={"provider": "plaid", "name": "bench", "country": "BE"}
    )
    at = timezone.now() + due_in
    Connection.objects.bulk_create(
        (
            Connection(
                company=company,
                institution=bank,
                provider="plaid",
                reference=f"bench-{number}",
                status=Connection.Status.CONNECTED,
                next_fetch_at=at - dt.timedelta(milliseconds=number),
            )
            for number in range(size)
        ),
        batch_size=2000,
    )
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM ANALYZE {TABLE}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
