"""Decodes and normalises what each provider answers, in this process, against reading the same bytes as JSON.

Runs with the proxy's settings: the connections are those in its vault. Prints one JSON object for each provider.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from datetime import timedelta

import django

django.setup()

from django.utils import timezone  # noqa: E402 - the models exist only after the setup

from providers.decoding import decode  # noqa: E402
from providers.http import Answer, ProviderHttp  # noqa: E402
from providers.plaid import parse as plaid  # noqa: E402
from providers.ponto import parse as ponto  # noqa: E402
from providers.saltedge import parse as saltedge  # noqa: E402
from providers.types import EndUser  # noqa: E402
from proxy.models import Grant  # noqa: E402
from proxy.services import reading  # noqa: E402

# As many transactions as the largest page of Plaid has; other providers need several pages for them.
WANTED = 500
ROUNDS = 30
USER = EndUser(ip="192.0.2.7", agent="bench")


def of_plaid(body: bytes) -> int:
    page = decode(body, plaid.SyncPage, sender=plaid.TITLE)
    return len(plaid.transactions(page.added, at="$.added"))


def of_saltedge(body: bytes) -> int:
    return len(saltedge.transactions(body).transactions)


def of_ponto(body: bytes) -> int:
    page = decode(body, ponto.Page, sender=ponto.TITLE)
    return len(ponto.transactions(page.data, zone=ponto.DEFAULT_ZONE, is_pending=False))


DECODERS: dict[str, Callable[[bytes], int]] = {
    plaid.PROVIDER: of_plaid,
    saltedge.PROVIDER: of_saltedge,
    ponto.PROVIDER: of_ponto,
}


class Tape:
    """Every answer that comes through the door to the providers, as it came."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    def record(self) -> None:
        """From now on; this process does nothing else."""
        once = ProviderHttp._once

        def recorded(door: ProviderHttp, method: str, path: str, **options: object) -> Answer:
            answer = once(door, method, path, **options)  # type: ignore[arg-type]  # handed on as they came
            self.bodies.append(answer.body)
            return answer

        ProviderHttp._once = recorded  # type: ignore[method-assign, assignment]  # no other place sees the bytes


def pages_of(grant: Grant, tape: Tape) -> list[bytes]:
    """The answers that hold the first ``WANTED`` posted transactions of a connection."""
    account = reading.accounts(grant.client, grant)[0].id
    first_day = timezone.now().date() - timedelta(days=700)
    position, found, pages = "", 0, []
    while found < WANTED:
        tape.bodies.clear()
        page = reading.transactions(
            grant.client, grant, account=account, position=position, first_day=first_day, limit=WANTED
        )
        # The largest answer is the one with the transactions; balances and the like are small.
        pages.append(max(tape.bodies, key=len))
        found, position = found + len(page.transactions), page.position
        if not page.has_more:
            break
    return pages


def best(work: Callable[[], object]) -> float:
    """The shortest of several times, in seconds: everything longer is the machine's."""
    times = []
    for _ in range(ROUNDS):
        before = time.perf_counter()
        work()
        times.append(time.perf_counter() - before)
    return min(times)


def measure(provider: str, pages: list[bytes]) -> dict[str, object]:
    """The count, both times, and the memory at most in MiB."""
    work = DECODERS[provider]
    count = sum(work(page) for page in pages)
    seconds = best(lambda: [work(page) for page in pages])
    against = best(lambda: [json.loads(page) for page in pages])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {"provider": provider, "n": count, "seconds": seconds, "against": against, "peak_mib": peak}


def main() -> int:
    """Gives the exit code: 0 when there was a connection of every provider."""
    tape = Tape()
    tape.record()
    measured = set()
    for grant in Grant.objects.filter(status=Grant.Status.ACTIVE).select_related("client").order_by("pk"):
        if grant.provider not in measured:
            measured.add(grant.provider)
            print(json.dumps(measure(grant.provider, pages_of(grant, tape))))
    missing = DECODERS.keys() - measured
    if missing:
        print(f"There is no connection of {', '.join(sorted(missing))}.", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
