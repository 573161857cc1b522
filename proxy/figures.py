"""The proxy's figures for a Prometheus: what it is asked and how long that takes, and what it keeps.

Several processes serve the site. What each counts lies in files of one folder (``PROMETHEUS_MULTIPROC_DIR``, which
gunicorn.conf.py sets) and is added up when it is read; what is kept is asked of the database.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from django.db.models import Count
from django.http import HttpRequest
from django.utils import timezone
from prometheus_client import REGISTRY, CollectorRegistry, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from proxy.models import Client, Flow, Grant, Incident, Subscription

_SECONDS = Histogram(
    "banksync_proxy_request_seconds",
    "Seconds until a request was answered, by verb and HTTP status.",
    ("verb", "status"),
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def note_request(request: HttpRequest, status: int, *, seconds: float) -> None:
    """One answered request. Its verb is the address's pattern, so that nobody can make up ever new ones."""
    found = request.resolver_match
    method = request.method if request.method in _METHODS else "OTHER"
    verb = f"{method} /{found.route}" if found else f"{method} (no such address)"
    _SECONDS.labels(verb, str(status)).observe(seconds)


def text() -> bytes:
    """All figures as Prometheus reads them."""
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.MultiProcessCollector(registry)
        counted = generate_latest(registry)
    else:
        counted = generate_latest(REGISTRY)
    kept = CollectorRegistry()
    kept.register(Kept())
    return bytes(counted + generate_latest(kept))


class Kept(Collector):
    """What stands in the tables, counted there when it is asked for: five small counts."""

    def collect(self) -> Iterable[GaugeMetricFamily]:
        today = timezone.now().date()
        clients = GaugeMetricFamily("banksync_proxy_clients", "Clients by status.", labels=["status"])
        for status, count in _counted(Client, "status"):
            clients.add_metric([status], count)
        grants = GaugeMetricFamily(
            "banksync_proxy_grants", "Bank connections in the vault.", labels=["provider", "status"]
        )
        for row in Grant.objects.order_by().values_list("provider", "status").annotate(Count("pk")):
            grants.add_metric([row[0], row[1]], row[2])
        visits = GaugeMetricFamily("banksync_proxy_open_visits", "Visits to a bank's page that have not ended.")
        visits.add_metric([], Flow.objects.filter(status=Flow.Status.OPEN).count())
        ended = GaugeMetricFamily("banksync_proxy_subscriptions_ended", "Subscriptions whose last day is over.")
        ended.add_metric([], Subscription.objects.filter(valid_until__lt=today).count())
        incidents = GaugeMetricFamily("banksync_proxy_incidents", "What the guard counts now.", labels=["kind"])
        for kind, count in _counted(Incident, "kind"):
            incidents.add_metric([kind], count)
        return [clients, grants, visits, ended, incidents]


def _counted(model: type[Client] | type[Incident], column: str) -> Iterable[tuple[str, int]]:
    return model._default_manager.order_by().values_list(column).annotate(Count("pk"))
