"""Whole installations for a test or a measurement: real programs on databases of their own, gone at the end."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import redis

from scripts import databases, ports, programs
from scripts.installation import Installation, running
from scripts.services import Services

# Redis has sixteen databases; the first one is for tests that talk to the queue themselves.
REDIS_DATABASES = range(1, 16)


@contextmanager
def installed(
    servers: Services, folder: Path, *, clock: bool = True, more: dict[str, str] | None = None
) -> Iterator[Installation]:
    """Sandbox, proxy, web, worker and, with ``clock``, beat: all started, ready, and gone at the end."""
    chosen = ports.free()
    with own_databases(servers, count=3) as urls, own_queue(servers) as redis_url:
        environment = {
            **programs.inherited(),
            **programs.addresses(folder / "var", chosen),
            **dict(zip(("DATABASE_URL", "PROXY_DATABASE_URL", "SANDBOX_DATABASE_URL"), urls, strict=True)),
            "REDIS_URL": redis_url,
            **(more or {}),
        }
        with running(environment, chosen, clock=clock) as installation:
            yield installation


@contextmanager
def own_databases(servers: Services, *, count: int) -> Iterator[list[str]]:
    """Empty databases that nobody else uses; gives their addresses."""
    with ExitStack() as held:
        urls = []
        for _ in range(count):
            name = f"banksync_test_{uuid.uuid4().hex[:12]}"
            urls.append(databases.create(servers.database_url, name))
            held.callback(databases.drop, servers.database_url, name)
        yield urls


@contextmanager
def own_queue(servers: Services) -> Iterator[str]:
    """An empty Redis database that nobody else uses; gives its address."""
    for number in REDIS_DATABASES:
        url = urlunsplit(urlsplit(servers.redis_url)._replace(path=f"/{number}"))
        with redis.Redis.from_url(url) as client:
            # Who sets the mark first has the database, also beside another run of the tests.
            if not client.set("banksync test", "taken", nx=True, ex=3600):
                continue
            try:
                yield url
            finally:
                client.flushdb()
            return
    raise AssertionError("every Redis database is taken by another test")
