"""Real PostgreSQL, Redis and Chromium for the tests: those that are given, or private ones for as long as it takes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis

from scripts import databases
from scripts.packages import CHROMIUM, POSTGRESQL, REDIS, Package, require
from scripts.ports import HOST, free_ports
from scripts.programs import ROOT
from scripts.stack import Program, Stack

# Nothing of a test's database has to survive a power cut.
FAST_AND_FORGETFUL = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class ServiceProblem(Exception):
    """A service that was given cannot be used; the message says which and why."""


@dataclass(frozen=True)
class Services:
    """Where the servers are. ``database_url`` is that of a database in which others may be made."""

    database_url: str
    redis_url: str
    chromium: str

    def environment(self) -> dict[str, str]:
        """The variables under which the tests look for them, with a database for each site."""
        return {
            "DATABASE_URL": self.database_url,
            "PROXY_DATABASE_URL": databases.sibling(self.database_url, "banksync_proxy"),
            "SANDBOX_DATABASE_URL": databases.sibling(self.database_url, "banksync_sandbox"),
            "REDIS_URL": self.redis_url,
            "CHROMIUM": self.chromium,
        }


@contextmanager
def services(*, browser: bool = True) -> Iterator[Services]:
    """The servers for as long as the context is held. Raises ``ProgramMissing`` or ``ServiceProblem``.

    ``DATABASE_URL``, ``REDIS_URL`` and ``CHROMIUM`` are used when given; each of the others is started on a free
    port, in a folder that is removed at the end.
    """
    database_url, redis_url = _given("DATABASE_URL"), _given("REDIS_URL")
    needed: dict[str, Package] = {}
    if not database_url:
        needed["postgresql"] = POSTGRESQL
    if not redis_url:
        needed["redis"] = REDIS
    if browser:
        needed["chromium"] = CHROMIUM
    places = dict(zip(needed, require(needed.values(), log=ROOT / "var" / "log" / "packages.log"), strict=True))
    _refuse_unusable(database_url, redis_url)
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="banksync-services-")))
        # PostgreSQL runs as a user of its own when we are root, and must be able to pass through.
        folder.chmod(0o755)
        stack = held.enter_context(Stack(folder / "log"))
        if not database_url:
            database_url = start_postgresql(stack, places["postgresql"], folder=folder / "postgresql")
        if not redis_url:
            redis_url = start_redis(stack, places["redis"], folder=folder / "redis")
        yield Services(database_url, redis_url, str(places.get("chromium", "")))


def start_postgresql(stack: Stack, binaries: Path, *, folder: Path) -> str:
    """Starts a private PostgreSQL with an empty database ``banksync``; gives the database's address."""
    folder.mkdir()
    as_owner = _as_postgres_user(folder)
    [port] = free_ports(1)
    data = folder / "data"
    made = subprocess.run(
        [
            *(*as_owner, str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust"),
            *("--no-sync", "--encoding", "UTF8", "--locale", "C.UTF-8"),
        ],
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        raise ServiceProblem(f"PostgreSQL's initdb failed: {made.stderr.strip()[-500:]}")
    server_url = f"postgres://postgres@{HOST}:{port}/postgres"
    settings = (f"listen_addresses={HOST}", "unix_socket_directories=", *FAST_AND_FORGETFUL)
    options = [part for setting in settings for part in ("-c", setting)]
    stack.start(
        [
            Program(
                name="postgresql",
                command=(*as_owner, str(binaries / "postgres"), "-D", str(data), "-p", str(port), *options),
                environment=dict(os.environ),
                is_ready=lambda _log: databases.answers(server_url),
                folder=Path("/"),
                # What PostgreSQL calls a fast shutdown: it does not wait for those who are still connected.
                stop_signal=signal.SIGINT,
            )
        ]
    )
    return databases.create(server_url, "banksync")


def start_redis(stack: Stack, server: Path, *, folder: Path) -> str:
    """Starts a private Redis that keeps nothing; gives its address."""
    folder.mkdir()
    [port] = free_ports(1)
    stack.start(
        [
            Program(
                name="redis",
                command=(
                    *(str(server), "--port", str(port), "--bind", HOST, "--dir", str(folder)),
                    *("--save", "", "--appendonly", "no"),
                ),
                environment=dict(os.environ),
                is_ready=lambda _log: _redis_answers(f"redis://{HOST}:{port}/0"),
                folder=folder,
            )
        ]
    )
    return f"redis://{HOST}:{port}/0"


def _given(variable: str) -> str:
    return os.environ.get(variable, "").strip()


def _refuse_unusable(database_url: str, redis_url: str) -> None:
    if database_url and not databases.is_postgresql(database_url):
        raise ServiceProblem("DATABASE_URL is not a PostgreSQL address: unset it, or give postgres://…")
    if database_url and not databases.answers(database_url):
        raise ServiceProblem("The PostgreSQL in DATABASE_URL does not take connections.")
    if redis_url and not _redis_answers(redis_url):
        raise ServiceProblem("The Redis in REDIS_URL does not answer.")


def _redis_answers(url: str) -> bool:
    client = redis.Redis.from_url(url, socket_connect_timeout=2)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def _as_postgres_user(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root: then it runs as the user that Debian's package made for it."""
    if os.geteuid() != 0:
        return []
    shutil.chown(folder, "postgres", "postgres")
    become = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups", "--reset-env"]
    # A private server does not outlive the script that started it, however that one ends.
    return [*become, "--pdeathsig", "INT"]
