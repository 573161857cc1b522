"""Programs of the machine that the tests need: found where they are, installed where that is allowed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path


class ProgramMissing(Exception):
    """A program is not on this machine and could not be installed; the message says what would help."""


@dataclass(frozen=True)
class Package:
    """A program of the machine: how it is found, and Debian's package that holds it."""

    title: str
    debian: str
    find: Callable[[], Path | None]


def find_postgresql() -> Path | None:
    """The folder of PostgreSQL's server programs, the newest version first."""
    debians = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    folders = [*debians, *([Path(on_path).resolve().parent] if on_path else []), *_pg_config()]
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


def find_redis() -> Path | None:
    """Redis's server program."""
    return _which("redis-server")


def find_chromium() -> Path | None:
    """A Chromium: the one in ``CHROMIUM``, or one of the machine."""
    given = os.environ.get("CHROMIUM")
    return Path(given) if given else _which("chromium", "chromium-browser", "google-chrome")


POSTGRESQL = Package("PostgreSQL", "postgresql", find_postgresql)
REDIS = Package("Redis", "redis-server", find_redis)
CHROMIUM = Package("Chromium", "chromium", find_chromium)


def require(packages: Iterable[Package], *, log: Path) -> list[Path]:
    """Where each program is, after installing those that are missing. Raises ``ProgramMissing``."""
    wanted = list(packages)
    missing = [package for package in wanted if package.find() is None]
    if missing:
        _install([package.debian for package in missing], log=log)
    found = [(package, package.find()) for package in wanted]
    lacking = [package for package, path in found if path is None]
    if lacking:
        names = " and ".join(package.title for package in lacking)
        debian = " ".join(package.debian for package in lacking)
        raise ProgramMissing(
            f"The tests need {names} on this machine: install it (on Debian: apt-get install {debian}), or give "
            f"DATABASE_URL, REDIS_URL and CHROMIUM. What was tried is in {log}."
        )
    return [path for _, path in found if path is not None]


def _install(names: list[str], *, log: Path) -> None:
    """Tries Debian's packages, as root or through sudo that asks nothing; the caller looks whether it helped."""
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    log.parent.mkdir(parents=True, exist_ok=True)
    if shutil.which("apt-get") is None or (prefix and shutil.which("sudo") is None):
        log.write_text("There is no apt-get that may be used.\n")
        return
    print(f"Installing {', '.join(names)} with apt-get…", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with log.open("wb") as output:
        for command in (["update", "-q"], ["install", "-y", "-q", "--no-install-recommends", *names]):
            subprocess.run(
                [*prefix, "apt-get", *command],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )


def _which(*names: str) -> Path | None:
    found = next((path for name in names if (path := shutil.which(name))), None)
    return Path(found) if found else None


def _pg_config() -> list[Path]:
    if shutil.which("pg_config") is None:
        return []
    done = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=False)
    return [Path(done.stdout.strip())] if done.returncode == 0 else []
