"""The five programs of the project as commands: three sites, the worker and its clock."""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from scripts.ports import HOST, Ports
from scripts.stack import Program

ROOT = Path(__file__).resolve().parent.parent
# Sites by name, and how many requests each serves at a time. The sandbox answers from memory; the proxy waits for
# providers, the app for people.
THREADS = {"banksync": 8, "proxy": 8, "sandbox": 4}
# The worker's threads wait for the network nearly all of the time.
WORKER_THREADS = 4
READY_SECONDS = 2


def addresses(var: Path, ports: Ports) -> dict[str, str]:
    """The variables by which the three sites of one installation find each other, and its folder."""
    return {
        "BANKSYNC_VAR": str(var),
        "BASE_URL": ports.url("app"),
        "PROXY_URL": ports.url("proxy"),
        "PROXY_BASE_URL": ports.url("proxy"),
        "SANDBOX_BASE_URL": ports.url("sandbox"),
        "PLAID_URL": f"{ports.url('sandbox')}/plaid",
        "SALTEDGE_URL": f"{ports.url('sandbox')}/saltedge/api/v6",
        "PONTO_URL": f"{ports.url('sandbox')}/ponto",
    }


def inherited() -> dict[str, str]:
    """What the caller's environment says, without the choice of a site: each program makes that itself."""
    return {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}


def of_site(site: str, environment: dict[str, str]) -> dict[str, str]:
    """The environment with the settings of one site: ``banksync``, ``proxy`` or ``sandbox``."""
    return {**environment, "DJANGO_SETTINGS_MODULE": f"{site}.settings"}


def web(environment: dict[str, str], port: int) -> Program:
    """The app's pages."""
    return _server("banksync", environment, port=port, name="web")


def proxy(environment: dict[str, str], port: int) -> Program:
    """The proxy."""
    return _server("proxy", environment, port=port, name="proxy")


def sandbox(environment: dict[str, str], port: int) -> Program:
    """The pretend banks."""
    return _server("sandbox", environment, port=port, name="sandbox")


def worker(environment: dict[str, str]) -> Program:
    """The worker: reads from the proxy, writes lines."""
    return Program(
        name="worker",
        command=(
            *_celery("worker", "-P", "threads", "-c", str(WORKER_THREADS)),
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
        ),
        environment=of_site("banksync", environment),
        is_ready=lambda log: " ready." in log,
        folder=ROOT,
    )


def beat(environment: dict[str, str]) -> Program:
    """The clock that says every few seconds: look for what is due."""
    return Program(
        name="beat",
        command=_celery("beat"),
        environment=of_site("banksync", environment),
        is_ready=lambda log: "beat: Starting" in log,
        folder=ROOT,
    )


def answers(url: str) -> bool:
    """Whether a site answers that it is alive."""
    try:
        with urllib.request.urlopen(url, timeout=READY_SECONDS) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _celery(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "celery", "-A", "banksync", *arguments, "-l", "INFO")


def _server(site: str, environment: dict[str, str], *, port: int, name: str) -> Program:
    return Program(
        name=name,
        command=(
            *(sys.executable, "-m", "gunicorn", f"{site}.wsgi"),
            *("--bind", f"{HOST}:{port}", "--threads", str(THREADS[site])),
            *("--no-control-socket", "--graceful-timeout", "5"),
        ),
        environment=of_site(site, environment),
        is_ready=_health(port),
        folder=ROOT,
    )


def _health(port: int) -> Callable[[str], bool]:
    return lambda _log: answers(f"http://{HOST}:{port}/health/live")
