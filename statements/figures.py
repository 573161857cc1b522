"""The app's figures for a Prometheus, read from the database at the moment they are asked for.

Pages and workers are processes of their own, and workers come and go: what one of them counted would be a part of the
truth. The runs of the last hour, and what is due now, are the same from wherever one looks.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Count, Min, Sum
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from connections import vigil
from connections.models import Connection
from statements.models import SyncRun

WINDOW = dt.timedelta(hours=1)


def text() -> bytes:
    """All figures as Prometheus reads them: counts, without a name, an amount, or anything of a bank."""
    registry = CollectorRegistry()
    registry.register(Stored())
    return bytes(generate_latest(registry))


class Stored(Collector):
    """What the tables say; each question goes through an index, and none grows with the age of the books."""

    def collect(self) -> Iterable[GaugeMetricFamily]:
        now = timezone.now()
        yield from _runs(now)
        yield from _open_runs()
        yield from _due(now)
        yield from _feeds(now)


def _runs(now: dt.datetime) -> Iterable[GaugeMetricFamily]:
    """The runs that ended within the last hour."""
    ended = SyncRun.objects.filter(finished_at__gt=now - WINDOW).order_by()
    rows = ended.values_list("trigger", "state", "reason", "error_code").annotate(Count("pk"), Sum("new"))
    results: Counter[tuple[str, str, str]] = Counter()
    errors: Counter[str] = Counter()
    lines: Counter[str] = Counter()
    for trigger, state, reason, error, count, new in rows:
        results[trigger, state, reason] += count
        lines[trigger] += new or 0
        if error:
            errors[error] += count
    labels = ["trigger", "result", "reason"]
    yield _family("runs_last_hour", "Fetches that ended within the last hour.", labels=labels, values=results)
    yield _family("lines_booked_last_hour", "Lines they brought.", labels=["trigger"], values=_by_one(lines))
    yield _family("errors_last_hour", "Those of them that failed, by code.", labels=["code"], values=_by_one(errors))


def _open_runs() -> Iterable[GaugeMetricFamily]:
    rows = SyncRun.objects.open().order_by().values_list("state").annotate(Count("pk"))
    yield _family("open_runs", "Fetches under way.", labels=["state"], values={(row[0],): row[1] for row in rows})


def _due(now: dt.datetime) -> Iterable[GaugeMetricFamily]:
    """What the clock should have begun by now, and how long the oldest of it waits."""
    waiting = Connection.objects.due(now).aggregate(count=Count("pk"), oldest=Min("next_fetch_at"))
    lag = (now - waiting["oldest"]).total_seconds() if waiting["oldest"] else 0
    yield _one("due_connections", "Connections that are due and that nobody has begun with.", waiting["count"])
    yield _one("due_lag_seconds", "How long the oldest of them has been waiting.", lag)


def _feeds(now: dt.datetime) -> Iterable[GaugeMetricFamily]:
    seen = vigil.look(now)
    rows = Connection.objects.order_by().values_list("status").annotate(Count("pk"))
    statuses = {(row[0],): row[1] for row in rows}
    yield _family("connections", "Connections by status.", labels=["status"], values=statuses)
    yield _one("feeds_automatic", "Connections that are left to the clock.", seen.automatic)
    yield _one("feeds_silent", "Those of them that were not fetched for too long.", seen.silent)
    yield _one("outages", "Providers, banks and proxies that answer nobody at the moment.", seen.outages)
    yield _one(
        "clock_is_ticking", "1 while the clock ticks, 0 while it stands still.", int(not seen.clock_silent_since)
    )


def _one(name: str, said: str, value: float) -> GaugeMetricFamily:
    return _family(name, said, labels=[], values={(): value})


def _by_one(counts: Counter[str]) -> dict[tuple[str], int]:
    return {(label,): count for label, count in counts.items()}


def _family(name: str, said: str, *, labels: list[str], values: Mapping[Any, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"banksync_{name}", said, labels=labels)
    for label, value in values.items():
        family.add_metric(list(label), value)
    return family
