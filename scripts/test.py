"""``make test``: the whole suite on real PostgreSQL, Redis and Chromium, and its middle once more on SQLite."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from scripts.interruption import stop_on_signals
from scripts.packages import ProgramMissing
from scripts.programs import ROOT
from scripts.services import ServiceProblem, services

# Rooms that must work alike on both databases.
ON_BOTH = ("tests/foundation", "tests/companies", "tests/connections", "tests/statements")
OTHER_SITES = ("tests/proxy", "tests/sandbox", "tests/providers")


@dataclass(frozen=True)
class Run:
    """One call of pytest: the tests of one site on one database."""

    title: str
    site: str
    arguments: tuple[str, ...]
    is_embedded: bool = False


RUNS = (
    Run("the app", "banksync", ("tests", *(f"--ignore={folder}" for folder in OTHER_SITES))),
    Run("the proxy", "proxy", ("tests/proxy", "tests/providers")),
    Run("the sandbox", "sandbox", ("tests/sandbox",)),
    Run("the app on SQLite", "banksync", ON_BOTH, is_embedded=True),
)


def main(arguments: list[str]) -> int:
    """Runs everything, or with arguments only the app's first run with these handed to pytest."""
    stop_on_signals()
    try:
        with services() as servers, tempfile.TemporaryDirectory(prefix="banksync-test-") as folder:
            environment = {**os.environ, **servers.environment(), "BANKSYNC_VAR": f"{folder}/var"}
            chosen = (Run("the chosen tests", "banksync", tuple(arguments)),) if arguments else RUNS
            counts = [_run(run, environment, report=Path(folder) / f"report{i}.xml") for i, run in enumerate(chosen)]
    except (ProgramMissing, ServiceProblem) as problem:
        print(problem, file=sys.stderr)
        return 2
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


def _run(run: Run, environment: dict[str, str], *, report: Path) -> Counter[str]:
    """One call of pytest; gives how many passed, failed and were skipped."""
    print(f"\n— {run.title} —", flush=True)
    here = dict(environment)
    if run.is_embedded:
        for variable in ("DATABASE_URL", "REDIS_URL"):
            here.pop(variable, None)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", f"--ds={run.site}.settings", f"--junitxml={report}", *run.arguments],
        cwd=ROOT,
        env=here,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if not report.exists():
        return Counter(failed=1)
    count = _counts(report)
    if done.returncode and not count["failed"]:
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
