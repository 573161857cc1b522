"""Does the fetch that waits, in this process, and prints what it took as JSON: time, queries, memory."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402 - the models exist only after the setup

from statements.models import SyncRun  # noqa: E402
from statements.services import sync  # noqa: E402


class Counter:
    """Counts the queries that pass."""

    def __init__(self) -> None:
        self.queries = 0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        self.queries += 1
        return execute(sql, params, many, context)


def main() -> int:
    """Gives the exit code: 0 when the run ended well."""
    waiting = SyncRun.objects.get()
    counter = Counter()
    before = time.perf_counter()
    with connection.execute_wrapper(counter):
        sync.sync_connection(waiting.connection_id, waiting.trigger)
    seconds = time.perf_counter() - before
    run = SyncRun.objects.get()
    if run.state != SyncRun.State.DONE:
        print(f"The run ended as {run.state}: {run.error_message}", file=sys.stderr)
        return 1
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"lines": run.new, "seconds": seconds, "queries": counter.queries, "peak_mib": peak}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
