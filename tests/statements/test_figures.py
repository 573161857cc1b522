"""The app's figures: read from the database when they are asked for, in a handful of questions."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django.fixtures import Settings

from statements import figures
from tests.factories import make_connection, make_run

pytestmark = pytest.mark.django_db


def value(name: str, **labels: str) -> float | None:
    for family in text_string_to_metric_families(figures.text().decode()):
        for sample in family.samples:
            if sample.name == f"banksync_{name}" and sample.labels == labels:
                return sample.value
    return None


def test_runs_of_the_last_hour_are_counted_by_what_began_them_and_how_they_ended() -> None:
    connection = make_connection()
    make_run(connection, reason="new_lines", new=14)
    make_run(connection, reason="new_lines", new=3)
    make_run(connection, trigger="person")
    make_run(connection, state="failed", reason="institution_down", error_code="institution_down")
    make_run(connection, reason="new_lines", new=99, finished_at=timezone.now() - dt.timedelta(minutes=61))
    assert value("runs_last_hour", trigger="clock", result="done", reason="new_lines") == 2
    assert value("runs_last_hour", trigger="person", result="done", reason="nothing_new") == 1
    assert value("lines_booked_last_hour", trigger="clock") == 17
    assert value("errors_last_hour", code="institution_down") == 1
    make_run(connection, state="waiting", reason="", finished_at=None)
    assert value("open_runs", state="waiting") == 1


def test_the_lag_is_how_long_the_oldest_due_connection_waits() -> None:
    now = timezone.now()
    assert value("due_lag_seconds") == 0
    make_connection(next_fetch_at=now - dt.timedelta(minutes=5))
    make_connection(next_fetch_at=now - dt.timedelta(minutes=9), status="action_required")
    make_connection(next_fetch_at=now - dt.timedelta(minutes=9), claimed_until=now + dt.timedelta(minutes=1))
    make_connection(next_fetch_at=now + dt.timedelta(minutes=9))
    assert value("due_connections") == 1
    assert 300 <= (value("due_lag_seconds") or 0) < 310
    assert value("connections", status="connected") == 3
    assert value("connections", status="action_required") == 1


def test_silent_feeds_are_counted() -> None:
    long_ago = timezone.now() - dt.timedelta(hours=40)
    make_connection(last_success_at=long_ago)
    make_connection(last_success_at=timezone.now())
    assert (value("feeds_automatic"), value("feeds_silent"), value("outages")) == (2, 1, 0)


def test_they_cost_the_same_however_much_there_is() -> None:
    def questions() -> int:
        with CaptureQueriesContext(database) as captured:
            figures.text()
        return len(captured)

    make_run()
    few = questions()
    for _ in range(20):
        make_run(make_connection())
    assert questions() == few <= 12


def test_only_who_may_look_reads_them(client: Client, settings: Settings) -> None:
    address = reverse("metrics")
    assert client.get(address).headers["Content-Type"].startswith("text/plain")
    assert client.get(address, REMOTE_ADDR="192.0.2.7").status_code == 404
    settings.METRICS_TOKEN = "a-token-for-prometheus"
    assert client.get(address).status_code == 404
    assert client.get(address, headers={"Authorization": "Bearer a-token-for-prometheus"}).status_code == 200
