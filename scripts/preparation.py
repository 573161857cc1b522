"""What an installation needs once: tables, a subscription, demo people, the directory of banks.

It takes longer than all the rest of a start, so an installation on SQLite files remembers that it was done, and for
which code.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from scripts.manage import SITES, manage, manage_json, migrate
from scripts.programs import ROOT

Person = dict[str, str]
MEMORY = "prepared.json"
DATABASES = ("DATABASE_URL", "PROXY_DATABASE_URL", "SANDBOX_DATABASE_URL")


def before_start(environment: dict[str, str]) -> None:
    """What the sites need to start: their tables. Raises ``CommandFailed``."""
    migrate(environment)


def after_start(environment: dict[str, str]) -> list[Person]:
    """What needs the sites running: the directory goes from the banks to the proxy, and on to the app.

    Gives the people who may sign in. Raises ``CommandFailed``.
    """
    manage("proxy", "seed_development", environment=environment)
    manage("proxy", "sync_directory", environment=environment)
    manage("banksync", "update_directory", environment=environment)
    people: list[Person] = manage_json("banksync", "demo_company", environment=environment)["people"]
    if _is_in_files(environment):
        _memory(environment).write_text(json.dumps({"code": _code(), "people": people}))
    return people


def remembered(environment: dict[str, str]) -> list[Person] | None:
    """The people of an installation that was prepared by this very code; ``None``: it has to be done now."""
    files = [Path(environment["BANKSYNC_VAR"]) / f"{site}.sqlite3" for site in SITES]
    memory = _memory(environment)
    if not (_is_in_files(environment) and memory.exists() and all(file.exists() for file in files)):
        return None
    known = json.loads(memory.read_text())
    people: list[Person] = known["people"]
    return people if known["code"] == _code() else None


def _is_in_files(environment: dict[str, str]) -> bool:
    """Only a file beside the memory is lost together with it; a server's database may have been emptied meanwhile."""
    return not any(environment.get(variable) for variable in DATABASES)


def _memory(environment: dict[str, str]) -> Path:
    return Path(environment["BANKSYNC_VAR"]) / MEMORY


def _code() -> str:
    """A mark that changes when a migration, a package with migrations, or what the sandbox's banks are, changes."""
    migrations = [*ROOT.glob("*/migrations/*.py"), *ROOT.glob("*/*/migrations/*.py"), ROOT / "requirements.txt"]
    sources = sorted([*migrations, *ROOT.glob("sandbox/world/*")])
    mark = hashlib.sha256()
    for source in sources:
        if source.is_file():
            mark.update(str(source.relative_to(ROOT)).encode() + b"\0" + source.read_bytes())
    return mark.hexdigest()
