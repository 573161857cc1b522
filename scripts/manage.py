"""Django's commands of the three sites, run as programs of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from scripts.programs import ROOT, of_site

SITES = ("banksync", "proxy", "sandbox")


class CommandFailed(Exception):
    """A command ended badly; the message holds what it wrote last."""


def manage(site: str, *arguments: str, environment: dict[str, str]) -> str:
    """Runs ``manage.py`` for one site and gives what it printed. Raises ``CommandFailed``."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=of_site(site, environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = "\n".join((done.stderr or done.stdout).strip().splitlines()[-8:])
        raise CommandFailed(f"“manage.py {' '.join(arguments)}” of the {site} site failed:\n{last}")
    return done.stdout


def manage_json(site: str, *arguments: str, environment: dict[str, str]) -> Any:
    """Like ``manage``, for a command whose last line is JSON."""
    return json.loads(manage(site, *arguments, environment=environment).strip().splitlines()[-1])


def migrate(environment: dict[str, str]) -> None:
    """Brings the databases of the three sites up to date, all at once: they share nothing."""
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda site: manage(site, "migrate", "-v", "0", environment=environment), SITES))
