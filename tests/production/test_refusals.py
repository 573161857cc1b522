"""What a production start is refused for: each thing by its name, all of them at once, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.production import example
from scripts.programs import ROOT

INNOCENT = ("PATH", "HOME")
# What is wrong, in which site, and the name that the refusal must hold.
WRONG = [
    ("banksync", {"SECRET_KEY": ""}, "SECRET_KEY"),
    ("banksync", {"SEALING_KEYS": ""}, "SEALING_KEYS"),
    ("banksync", {"SUBSCRIPTION_CODE": "DEMO-SUBSCRIPTION"}, "SUBSCRIPTION_CODE"),
    ("banksync", {"DEBUG": "1"}, "DEBUG"),
    ("banksync", {"REDIS_URL": ""}, "REDIS_URL"),
    ("banksync", {"EMAIL_URL": ""}, "EMAIL_URL"),
    ("banksync", {"DATABASE_URL": "sqlite:////tmp/books.sqlite3"}, "DATABASE_URL"),
    ("banksync", {"BASE_URL": "http://books.example.com"}, "BASE_URL"),
    ("proxy", {"PROXY_SECRET_KEY": ""}, "PROXY_SECRET_KEY"),
    ("proxy", {"PROXY_SEALING_KEYS": ""}, "PROXY_SEALING_KEYS"),
    ("proxy", {"PROXY_DEBUG": "1"}, "PROXY_DEBUG"),
    ("proxy", {"PROXY_DATABASE_URL": ""}, "PROXY_DATABASE_URL"),
    ("proxy", {"PROXY_DATABASE_URL": "sqlite:////tmp/proxy.sqlite3"}, "PROXY_DATABASE_URL"),
    ("proxy", {"PROXY_MESSAGES": ""}, "PROXY_MESSAGES"),
    ("proxy", {"PROXY_MESSAGES": "log"}, "PROXY_MESSAGES"),
    ("proxy", {"PROXY_GATEWAY_URL": ""}, "PROXY_GATEWAY_URL"),
    ("proxy", {"PLAID_SECRET": "sandbox-secret"}, "PLAID_SECRET"),
    ("proxy", {"PLAID_URL": "http://127.0.0.1:8002/plaid"}, "PLAID_URL"),
    ("sandbox", {}, "sandbox"),
]


def start(site: str, var: Path, wrong: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Loads a site's settings in production, without what this machine's own environment says."""
    given = {**example(), **wrong, "BANKSYNC_VAR": str(var), "DJANGO_SETTINGS_MODULE": f"{site}.settings"}
    return subprocess.run(
        [sys.executable, "-c", "from django.conf import settings; settings.DEBUG; print('started')"],
        cwd=ROOT,
        env={**{name: os.environ[name] for name in INNOCENT}, **given},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("site", ["banksync", "proxy"])
def test_a_sane_production_starts(site: str, tmp_path: Path) -> None:
    done = start(site, tmp_path, {})
    assert (done.stdout, done.returncode) == ("started\n", 0), done.stderr


@pytest.mark.parametrize(("site", "wrong", "named"), WRONG, ids=[f"{site}-{named}" for site, _, named in WRONG])
def test_it_is_refused_by_name(site: str, wrong: dict[str, str], named: str, tmp_path: Path) -> None:
    done = start(site, tmp_path, wrong)
    assert done.returncode != 0
    message = done.stderr.strip().splitlines()
    refusals = [line for line in message if line.startswith("  - ")]
    assert len(refusals) == 1
    assert named in refusals[0]


def test_everything_that_is_wrong_is_named_at_once(tmp_path: Path) -> None:
    done = start("banksync", tmp_path, {"SECRET_KEY": "", "DEBUG": "1", "REDIS_URL": ""})
    refusals = [line for line in done.stderr.splitlines() if line.startswith("  - ")]
    assert len(refusals) == 3


def test_a_refusal_does_not_print_a_secret(tmp_path: Path) -> None:
    done = start("banksync", tmp_path, {"SECRET_KEY": "my-real-secret", "DEBUG": "1"})
    assert "my-real-secret" not in done.stderr + done.stdout
