"""``make test``: the whole suite on real PostgreSQL, Redis and Chromium, and its middle once more on SQLite."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from scripts import databases
from scripts.interruption import stop_on_signals
from scripts.packages import ProgramMissing
from scripts.programs import ROOT
from scripts.services import ServiceProblem, services

# Rooms that must work alike on both databases.
ON_BOTH = ("tests/foundation", "tests/companies", "tests/connections", "tests/statements")
LANES = 2
# People at a real browser, and the app before a real proxy: the longest way of a test, mostly spent waiting.
JOURNEYS = ("tests/browser", "tests/feed")
OTHER_SITES = ("tests/proxy", "tests/sandbox", "tests/providers")


@dataclass(frozen=True)
class Run:
    """One call of pytest: the tests of one site on one database; ``database`` is one of its own on the same server."""

    title: str
    site: str
    arguments: tuple[str, ...]
    is_embedded: bool = False
    database: str = ""


# The longest first: two run at a time, and the last one should be short.
RUNS = (
    Run("the app", "banksync", ("tests", *(f"--ignore={folder}" for folder in (*OTHER_SITES, *JOURNEYS)))),
    Run("the journeys", "banksync", JOURNEYS, database="banksync_journeys"),
    Run("the proxy", "proxy", ("tests/proxy", "tests/providers")),
    Run("the sandbox", "sandbox", ("tests/sandbox",)),
    Run("the app on SQLite", "banksync", ON_BOTH, is_embedded=True),
)


def main(arguments: list[str]) -> int:
    """Runs everything, or with arguments only the app's first run with these handed to pytest."""
    stop_on_signals()
    chosen = (Run("the chosen tests", "banksync", tuple(arguments)),) if arguments else RUNS
    try:
        with (
            services() as servers,
            tempfile.TemporaryDirectory(prefix="banksync-test-") as folder,
            _own_databases(chosen, servers.database_url) as own,
        ):
            environment = {**os.environ, **servers.environment()}
            counts = _run_all(chosen, environment, folder=Path(folder), own=own)
    except (ProgramMissing, ServiceProblem) as problem:
        print(problem, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped before the end.", file=sys.stderr)
        return 130
    total: Counter[str] = sum(counts, Counter())
    for run, count in zip(chosen, counts, strict=True):
        if not count["passed"]:
            print(f"No test of {run.title} passed: that run counts as failed.")
            total["failed"] += 1
    if total["skipped"]:
        print(f"{total['skipped']} skipped, which counts as failed: say what is missing instead.")
        total["failed"] += total["skipped"]
    print(f"{total['passed']} passed, {total['failed']} failed")
    return 1 if total["failed"] else 0


@contextmanager
def _own_databases(runs: tuple[Run, ...], server: str) -> Iterator[dict[str, str]]:
    """The databases of the runs that have one of their own; gives their addresses by the run's title."""
    with ExitStack() as held:
        own = {}
        for run in runs:
            if run.database:
                own[run.title] = databases.create(server, run.database)
                held.callback(databases.drop, server, run.database)
        yield own


def _run_all(
    runs: tuple[Run, ...], environment: dict[str, str], *, folder: Path, own: dict[str, str]
) -> list[Counter[str]]:
    """All runs, two at a time: most tests wait for other programs. What still runs is stopped with us."""
    started: list[subprocess.Popen[str]] = []
    with ThreadPoolExecutor(max_workers=LANES) as lanes:
        counting = []
        for run in runs:
            here = {**environment, "DATABASE_URL": own.get(run.title, environment["DATABASE_URL"])}
            counting.append(lanes.submit(_run, run, here, folder=folder, started=started))
        try:
            return [count.result() for count in counting]
        except KeyboardInterrupt:
            lanes.shutdown(wait=False, cancel_futures=True)
            for process in started:
                process.send_signal(signal.SIGINT)
            raise


def _run(run: Run, environment: dict[str, str], *, folder: Path, started: list[subprocess.Popen[str]]) -> Counter[str]:
    """One call of pytest, whose words are printed at its end; gives how many passed, failed and were skipped."""
    name = run.title.replace(" ", "-")
    report = folder / f"{name}.xml"
    here = {**environment, "BANKSYNC_VAR": str(folder / f"var-of-{name}")}
    if run.is_embedded:
        for variable in ("DATABASE_URL", "REDIS_URL"):
            del here[variable]
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", f"--ds={run.site}.settings", f"--junitxml={report}", *run.arguments],
        cwd=ROOT,
        env=here,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    started.append(process)
    said, _ = process.communicate()
    print(f"— {run.title} —\n{said}", flush=True)
    count = _counts(report) if report.exists() else Counter()
    if process.returncode and not count["failed"]:
        count["failed"] = 1  # pytest itself failed: nothing collected, a plugin's error
    return count


def _counts(report: Path) -> Counter[str]:
    suites = ElementTree.parse(report).getroot().iter("testsuite")  # noqa: S314 - pytest wrote it a moment ago
    count: Counter[str] = Counter()
    for suite in suites:
        failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped = int(suite.get("skipped", 0))
        count.update(failed=failed, skipped=skipped, passed=int(suite.get("tests", 0)) - failed - skipped)
    return count


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
