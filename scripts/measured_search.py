"""Searches a directory of banks as people type, in this process, and prints what it took as JSON: time and queries.

Against it stands the bare SQL of the same searches, run again through the same connection with nothing around it. How
many of the banks that were meant stood among the first twenty goes to standard error, by the way of typing.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402 - the models exist only after the setup

from connections.models import Institution  # noqa: E402
from connections.models.institution import fold  # noqa: E402
from connections.search import search  # noqa: E402

EACH = 100
FIRST = 20
SHARE = 0.95
SEED = 26_845


@dataclass
class Statements:
    """The SQL that passes, with its parameters."""

    passed: list[tuple[str, Any]] = field(default_factory=list)

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        self.passed.append((sql, params))
        return execute(sql, params, many, context)


def main() -> int:
    """Measures and gives the exit code."""
    connection.cursor().execute(f"VACUUM ANALYZE {Institution._meta.db_table}")
    chance = random.Random(SEED)  # noqa: S311
    ours, bare, queries = [], [], 0
    for kind, typed in _typed(chance):
        found = 0
        for name, text in typed:
            search(text)  # both are measured with the pages they need in memory
            statements = Statements()
            with connection.execute_wrapper(statements):
                seconds, banks = _timed(lambda text=text: search(text, limit=FIRST))  # type: ignore[misc]
            ours.append(seconds)
            bare.append(_timed(lambda statements=statements: _again(statements))[0])  # type: ignore[misc]
            queries = max(queries, len(statements.passed))
            found += any(way.name == name for bank in banks for way in bank.ways)
        print(f"bank search, {kind}: {found} of {len(typed)} found among the first {FIRST}", file=sys.stderr)
    row = {
        "n": len(ours),
        "banks": Institution.objects.offered().values("bank").distinct().count(),
        "seconds": _at(SHARE, ours),
        "against": _at(SHARE, bare),
        "queries": queries,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    print(json.dumps(row))
    return 0


def _typed(chance: random.Random) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """For each way of typing: the names meant, and what is typed for them."""
    names = sorted(set(Institution.objects.offered().values_list("name", flat=True)))
    long = [name for name in names if len(name) >= 6]
    accented = [name for name in long if fold(name) != name.casefold()]
    several = [name for name in long if len(name.split()) > 1]
    yield "whole name", [(name, name) for name in chance.sample(long, EACH)]
    yield "beginning", [(name, name[: chance.randint(4, 8)]) for name in chance.sample(long, EACH)]
    yield "without accents", [(name, fold(name)) for name in chance.sample(accented, EACH)]
    yield "mistyped", [(name, _mistyped(name, chance=chance)) for name in chance.sample(long, EACH)]
    yield "two words", [(name, " ".join(chance.sample(name.split(), 2))) for name in chance.sample(several, EACH)]


def _mistyped(name: str, *, chance: random.Random) -> str:
    """The name with one letter lost, changed, or swapped with the next one."""
    at = chance.randrange(1, len(name) - 1)
    ways = (name[:at] + name[at + 1 :], name[:at] + "x" + name[at + 1 :])
    swapped = name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    return chance.choice((*ways, swapped))


def _again(statements: Statements) -> None:
    with connection.cursor() as cursor:
        for sql, params in statements.passed:
            cursor.cursor.execute(sql, params)
            cursor.cursor.fetchall()


def _timed(do: Callable[[], Any]) -> tuple[float, Any]:
    before = time.perf_counter()
    given = do()
    return time.perf_counter() - before, given


def _at(share: float, seconds: list[float]) -> float:
    return sorted(seconds)[int(share * (len(seconds) - 1))]


if __name__ == "__main__":
    sys.exit(main())
