"""The sandbox as a process: it serves under gunicorn, drops connections there, and refuses production."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from urllib3.util import Retry

from tests.sandbox.conftest import KEYS

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a sandbox of its own under gunicorn, on SQLite."""
    var = tmp_path_factory.mktemp("var")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SANDBOX_")}
    environment |= {"BANKSYNC_VAR": str(var), "DJANGO_SETTINGS_MODULE": "sandbox.settings"}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "sandbox.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", "4"]
    with (var / "log").open("w") as log:
        server = subprocess.Popen([*command, "--no-control-socket"], cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            with requests.Session() as patient:
                retries = Retry(total=60, backoff_factor=0.1, backoff_max=0.2)
                patient.mount("http://", requests.adapters.HTTPAdapter(max_retries=retries))
                patient.get(f"http://127.0.0.1:{port}/health/live", timeout=5).raise_for_status()
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=15)


def test_pages_have_their_style(address: str) -> None:
    page = requests.get(address, timeout=10)
    assert page.status_code == 200
    style = requests.get(f"{address}/static/sandbox/bank.css", timeout=10)
    assert (style.status_code, style.headers["Content-Type"].split(";")[0]) == (200, "text/css")


def call(address: str, route: str, **body: Any) -> requests.Response:
    return requests.post(f"{address}/plaid{route}", json=body, headers=KEYS, timeout=10)


def arm(address: str, **fault: Any) -> None:
    requests.post(f"{address}/control/faults", json=fault, timeout=10).raise_for_status()


def test_a_dropped_connection_ends_without_an_answer_and_the_next_call_works(address: str) -> None:
    arm(address, route="/institutions/search", kind="drop")
    asked = {"query": "demo", "country_codes": ["NL"]}
    with pytest.raises(requests.ConnectionError, match="without response"):
        call(address, "/institutions/search", **asked)
    assert call(address, "/institutions/search", **asked).status_code == 200


def test_a_lost_answer_is_work_that_was_done(address: str) -> None:
    asked = {"institution_id": "ins_quiet_bank", "initial_products": ["transactions"]}
    public_token = call(address, "/sandbox/public_token/create", **asked).json()["public_token"]
    arm(address, route="/item/public_token/exchange", kind="drop", after_work=True)
    with pytest.raises(requests.ConnectionError, match="without response"):
        call(address, "/item/public_token/exchange", public_token=public_token)
    again = call(address, "/item/public_token/exchange", public_token=public_token)
    assert again.json()["error_code"] == "INVALID_PUBLIC_TOKEN"


def test_it_does_not_start_in_production(tmp_path: Path) -> None:
    environment = {**os.environ, "BANKSYNC_ENV": "production", "BANKSYNC_VAR": str(tmp_path)}
    started = subprocess.run(
        [sys.executable, "-c", "import sandbox.wsgi"],
        cwd=ROOT,
        env=environment | {"DJANGO_SETTINGS_MODULE": "sandbox.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert started.returncode != 0
    assert "the sandbox runs pretend banks" in started.stderr
