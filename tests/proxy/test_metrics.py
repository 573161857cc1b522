"""The proxy's figures: who may read them, what they count, and that several processes count together."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from django.test import Client as Browser
from prometheus_client.parser import text_string_to_metric_families

from providers.client import ProxyClient
from providers.errors import FeedError
from proxy.models import Grant
from scripts import programs
from scripts.manage import manage
from scripts.ports import free_ports
from scripts.stack import Program, Stack
from tests.providers.plaid import payload
from tests.providers.plaid.wire_plaid import WirePlaid, failure
from tests.providers.wire import HANG_UP

Figures = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def figures(text: str) -> Figures:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(found: Figures, name: str, **labels: str) -> float:
    return found.get((name, tuple(sorted(labels.items()))), 0)


def read(site: str) -> Figures:
    answer = requests.get(f"{site}/metrics", timeout=10)
    assert answer.status_code == 200
    return figures(answer.text)


def test_it_counts_what_is_asked_and_how_providers_answer(
    proxy: ProxyClient, plaid: WirePlaid, connected: str, site: str
) -> None:
    before = read(site)
    plaid.on("/accounts/get", payload("accounts"))
    proxy.accounts(connected)
    plaid.on("/accounts/get", failure("ITEM_LOGIN_REQUIRED"))
    with pytest.raises(FeedError):
        proxy.accounts(connected)
    plaid.on("/accounts/get", HANG_UP)
    with pytest.raises(FeedError):
        proxy.accounts(connected)
    requests.get(f"{site}/v1/made-up/{connected}", timeout=10)
    after = read(site)

    def more(name: str, **labels: str) -> float:
        return value(after, name, **labels) - value(before, name, **labels)

    verb = "GET /v1/connections/<reference>/accounts"
    assert more("banksync_proxy_request_seconds_count", verb=verb, status="200") == 1
    assert more("banksync_proxy_request_seconds_count", verb="GET (no such address)", status="404") == 1
    assert more("banksync_proxy_provider_seconds_count", provider="Plaid", outcome="answered") == 1
    assert more("banksync_proxy_provider_seconds_count", provider="Plaid", outcome="refused") == 1
    # A read that was cut off is tried three times.
    assert more("banksync_proxy_provider_seconds_count", provider="Plaid", outcome="unreachable") == 3
    assert value(after, "banksync_proxy_clients", status="active") == 1
    assert value(after, "banksync_proxy_grants", provider="plaid", status="active") == 1
    assert Grant.objects.get().reference not in requests.get(f"{site}/metrics", timeout=10).text


@pytest.mark.django_db
def test_only_who_may_look_reads_them(settings: Any) -> None:
    browser = Browser()
    assert browser.get("/metrics").status_code == 200
    assert browser.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404
    assert browser.get("/metrics", REMOTE_ADDR="192.0.2.7").status_code == 404
    settings.METRICS_TOKEN = "a-token-for-prometheus"
    assert browser.get("/metrics").status_code == 404
    assert browser.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404
    good = {"Authorization": "Bearer a-token-for-prometheus"}
    assert browser.get("/metrics", headers=good, REMOTE_ADDR="192.0.2.7").status_code == 200
    assert browser.post("/metrics", headers=good).status_code == 405


def test_the_processes_of_a_site_count_together(tmp_path: Path) -> None:
    [port] = free_ports(1)
    # A site of its own, on the embedded database: on a server, its database would have to be made first.
    own = {name: value for name, value in os.environ.items() if name != "PROXY_DATABASE_URL"}
    environment = {**own, "BANKSYNC_VAR": str(tmp_path)}
    manage("proxy", "migrate", "-v", "0", environment=environment)
    command = [sys.executable, "-m", "gunicorn", "proxy.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "3"]
    program = Program(
        name="proxy",
        command=(*command, "--no-control-socket"),
        environment=programs.of_site("proxy", environment),
        is_ready=lambda _log: programs.answers(f"http://127.0.0.1:{port}/health/live"),
        folder=programs.ROOT,
    )
    site = f"http://127.0.0.1:{port}"

    def ask(_number: int) -> int:
        return requests.get(f"{site}/v1/institutions", timeout=30).status_code

    with Stack(tmp_path / "log") as stack:
        stack.start([program])
        with ThreadPoolExecutor(6) as pool:
            assert set(pool.map(ask, range(60))) == {200}
        counted = {_answered(site) for _ in range(8)}
        assert counted == {60}
        workers = _children(stack.pid("proxy"))
        assert len(workers) == 3
        # One ends, and what it had counted stays.
        os.kill(workers[0], 15)
        assert _answered(site) == 60


def _answered(site: str) -> float:
    verb = "GET /v1/institutions"
    return value(read(site), "banksync_proxy_request_seconds_count", verb=verb, status="200")


def _children(pid: int) -> list[int]:
    found = subprocess.run(["ps", "--ppid", str(pid), "-o", "pid="], capture_output=True, text=True, check=True)
    return [int(line) for line in found.stdout.split()]
