"""``make lint``: every check that runs without starting the project. All of them run, then it says which failed."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from scripts.production import example
from scripts.programs import ROOT, of_site

PY = sys.executable
SITES = ("banksync", "proxy", "sandbox")
DEPLOYED_SITES = ("banksync", "proxy")


@dataclass(frozen=True)
class Check:
    """A command that must end well."""

    title: str
    command: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=lambda: dict(os.environ))


def main() -> int:
    """Runs the checks two at a time and prints what those that failed said."""
    with tempfile.TemporaryDirectory(prefix="banksync-lint-") as folder:
        checks = _checks(Path(folder))
        with ThreadPoolExecutor(max_workers=2) as pool:
            outcomes = list(pool.map(_run, checks))
    for check, outcome in zip(checks, outcomes, strict=True):
        if outcome.returncode:
            print(f"— {check.title} —\n{outcome.stdout.strip()}\n")
    failed = [check.title for check, outcome in zip(checks, outcomes, strict=True) if outcome.returncode]
    print(f"lint: {', '.join(failed)} failed" if failed else f"lint: {len(checks)} checks passed")
    return 1 if failed else 0


def _run(check: Check) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        check.command,
        cwd=ROOT,
        env=check.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def _checks(folder: Path) -> list[Check]:
    development = {**os.environ, "BANKSYNC_VAR": str(folder)}
    tools = [
        Check("types", (PY, "-m", "mypy"), development),
        Check("format", (PY, "-m", "ruff", "format", "--check", "-q", ".")),
        Check("ruff", (PY, "-m", "ruff", "check", "-q", ".")),
        Check("templates", (PY, "-m", "djlint", "templates", "--lint", "--quiet")),
        Check("import direction", (str(Path(PY).parent / "lint-imports"), "--no-cache")),
    ]
    migrations = [
        Check(
            f"migrations of {site}",
            (PY, "manage.py", "makemigrations", "--check", "--dry-run"),
            of_site(site, development),
        )
        for site in SITES
    ]
    production = {**os.environ, **example(), "BANKSYNC_VAR": str(folder)}
    deploy = [
        Check(
            f"deployment of {site}",
            (PY, "manage.py", "check", "--deploy", "--fail-level", "WARNING"),
            of_site(site, production),
        )
        for site in DEPLOYED_SITES
    ]
    return tools + migrations + deploy


if __name__ == "__main__":
    sys.exit(main())
