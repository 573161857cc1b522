"""The operator's commands, and what a production start is refused for."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from foundation import development_keys
from proxy.models import Institution, Nonce, Subscription
from tests.providers.plaid import payload
from tests.providers.plaid.wire_plaid import WirePlaid, failure
from tests.providers.wire import Answer, Seen

ROOT = Path(__file__).resolve().parents[2]
GOOD = {
    "BANKSYNC_ENV": "production",
    "PROXY_SECRET_KEY": "s" * 50,
    "PROXY_SEALING_KEYS": "new,old",
    "PLAID_SECRET": "real",
    "PLAID_URL": "https://production.plaid.com",
    "PROXY_MESSAGES": "gateway",
    "PROXY_GATEWAY_URL": "https://messages.example.com/send",
    "PROXY_DATABASE_URL": "postgres://proxy:secret@postgres:5432/proxy",
}


def run(command: str, **options: Any) -> str:
    out = StringIO()
    call_command(command, stdout=out, **options)
    return out.getvalue()


@pytest.mark.django_db
def test_a_development_proxy_gets_the_app_s_subscription_once() -> None:
    assert "made" in run("seed_development")
    assert "was there" in run("seed_development")
    assert Subscription.objects.get().code == "DEMO-SUBSCRIPTION"


@pytest.mark.django_db
def test_production_gets_no_made_up_subscription(settings: Any) -> None:
    settings.IS_PRODUCTION = True
    with pytest.raises(CommandError, match="production"):
        run("seed_development")
    assert Subscription.objects.count() == 0


@pytest.mark.django_db
def test_an_operator_adds_a_subscription_and_renews_it() -> None:
    assert "made, valid until 2098-12-31" in run("add_subscription", code=" SUB-1 ", valid_until=dt.date(2098, 12, 31))
    assert "renewed, valid until 2099-12-31" in run("add_subscription", code="SUB-1", valid_until=dt.date(2099, 12, 31))
    subscription = Subscription.objects.get()
    assert (subscription.code, subscription.valid_until, subscription.is_trial) == (
        "SUB-1",
        dt.date(2099, 12, 31),
        False,
    )
    assert "trial is made" in run("add_subscription", code="SUB-2", valid_until=dt.date(2099, 12, 31), trial=True)
    assert Subscription.objects.get(code="SUB-2").is_trial


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--code", "SUB-1", "--valid-until", "2020-01-01"], "2020-01-01 is over"),
        (["--code", "SUB-1", "--valid-until", "soon"], "“soon” is not a day"),
        (["--code", " ", "--valid-until", "2099-12-31"], "blank"),
        (["--code", "S" * 65, "--valid-until", "2099-12-31"], "at most 64"),
    ],
)
def test_a_subscription_that_cannot_be_is_refused_with_a_sentence(arguments: list[str], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        call_command("add_subscription", *arguments)
    assert Subscription.objects.count() == 0


def test_the_directory_is_taken_over_now(transactional_db: None, plaid: WirePlaid) -> None:
    plaid.on("/institutions/get", payload("institutions"))
    assert "Plaid: 2 institutions, 2 changed, 0 removed" in run("sync_directory")
    assert Institution.objects.count() == 2


def test_a_directory_that_cannot_be_read_is_a_failed_command(transactional_db: None, plaid: WirePlaid) -> None:
    plaid.on("/institutions/get", failure("PLANNED_MAINTENANCE", error_type="API_ERROR", status=500))
    with pytest.raises(CommandError, match="Plaid: Plaid is in planned maintenance"):
        run("sync_directory")


def test_the_clock_does_all_of_it_also_when_the_directory_fails(transactional_db: None, plaid: WirePlaid) -> None:
    Nonce.objects.create(signer="s", nonce="n", seen_at="2020-01-01T00:00:00Z")
    plaid.on("/institutions/get", failure("PLANNED_MAINTENANCE", error_type="API_ERROR", status=500))
    run("clock", once=True)
    assert Nonce.objects.count() == 0
    plaid.on("/institutions/get", payload("institutions"))
    run("clock", once=True)
    assert Institution.objects.count() == 2


def test_the_clock_runs_until_it_is_told_to_stop(transactional_db: None, plaid: WirePlaid) -> None:
    plaid.on("/institutions/get", payload("institutions"))
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    # Told as soon as it has begun to read the directory; it ends by itself, or the test hangs.
    scripted = plaid.wire.answer

    def tell_it_to_stop(seen: Seen) -> Answer:
        os.kill(os.getpid(), signal.SIGTERM)
        return scripted(seen)

    plaid.wire.answer = tell_it_to_stop
    try:
        run("clock")
    finally:
        signal.signal(signal.SIGTERM, before[0])
        signal.signal(signal.SIGINT, before[1])
    assert Institution.objects.count() == 2


def start_site(tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {"PATH": os.environ["PATH"], "BANKSYNC_VAR": str(tmp_path)}
    return subprocess.run(
        [sys.executable, "-c", "import proxy.settings"],
        cwd=ROOT,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_good_production_start(tmp_path: Path) -> None:
    assert start_site(tmp_path, **GOOD).returncode == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"PROXY_SECRET_KEY": ""}, "PROXY_SECRET_KEY"),
        ({"PROXY_SEALING_KEYS": ""}, "PROXY_SEALING_KEYS"),
        ({"PROXY_SEALING_KEYS": "proxy-development-sealing-key"}, "PROXY_SEALING_KEYS"),
        ({"PROXY_SEALING_KEYS": "mine,proxy-development-sealing-key"}, "PROXY_SEALING_KEYS"),
        ({"PROXY_SEALING_KEYS": " , "}, "PROXY_SEALING_KEYS"),
        ({"PLAID_SECRET": "sandbox-secret"}, "PLAID_SECRET"),
        ({"PROXY_MESSAGES": "log"}, "PROXY_MESSAGES"),
        ({"PROXY_MESSAGES": "sandbox"}, "PROXY_MESSAGES"),
        ({"PROXY_GATEWAY_URL": ""}, "PROXY_GATEWAY_URL"),
        ({"PLAID_URL": "http://127.0.0.1:8002/plaid"}, "PLAID_URL"),
        ({"PLAID_URL": "http://production.plaid.com"}, "PLAID_URL"),
        ({"PROXY_DEBUG": "1"}, "PROXY_DEBUG"),
        ({"PROXY_DATABASE_URL": ""}, "PROXY_DATABASE_URL"),
        ({"PROXY_DATABASE_URL": "sqlite:////tmp/proxy.sqlite3"}, "PROXY_DATABASE_URL"),
    ],
)
def test_a_production_start_is_refused_by_name(tmp_path: Path, change: dict[str, str], words: str) -> None:
    refused = start_site(tmp_path, **{**GOOD, **change})
    assert refused.returncode != 0
    assert f"- {words} is" in refused.stderr


SALT_EDGE = {
    "SALTEDGE_SECRET": "real",
    "SALTEDGE_APP_ID": "key-1",
    "SALTEDGE_URL": "https://www.saltedge.com/api/v6",
    "SALTEDGE_PRIVATE_KEY": "-----BEGIN PRIVATE KEY-----\\nours",
    "SALTEDGE_CALLBACK_KEY": "-----BEGIN PUBLIC KEY-----\\ntheirs",
}


def test_a_production_start_offers_salt_edge_where_its_contract_is_whole(tmp_path: Path) -> None:
    assert start_site(tmp_path, **GOOD, **SALT_EDGE).returncode == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"SALTEDGE_SECRET": "sandbox-secret"}, "SALTEDGE_SECRET"),
        ({"SALTEDGE_APP_ID": "sandbox-app-id"}, "SALTEDGE_APP_ID"),
        ({"SALTEDGE_APP_ID": ""}, "SALTEDGE_APP_ID"),
        ({"SALTEDGE_PRIVATE_KEY": development_keys.SALTEDGE_CLIENT_PRIVATE}, "SALTEDGE_PRIVATE_KEY"),
        ({"SALTEDGE_PRIVATE_KEY": ""}, "SALTEDGE_PRIVATE_KEY"),
        ({"SALTEDGE_CALLBACK_KEY": development_keys.SALTEDGE_CALLBACK_PUBLIC}, "SALTEDGE_CALLBACK_KEY"),
        ({"SALTEDGE_URL": "http://127.0.0.1:8002/saltedge/api/v6"}, "SALTEDGE_URL"),
    ],
)
def test_a_production_start_with_a_broken_contract_is_refused(
    tmp_path: Path, change: dict[str, str], words: str
) -> None:
    refused = start_site(tmp_path, **{**GOOD, **SALT_EDGE, **change})
    assert refused.returncode != 0
    assert f"- {words} is" in refused.stderr


PONTO = {
    "PONTO_CLIENT_SECRET": "real",
    "PONTO_CLIENT_ID": "application",
    "PONTO_APPLICATION_ID": "application-1",
    "PONTO_URL": "https://api.ibanity.com/ponto-connect",
}


def test_a_production_start_offers_ponto_where_its_contract_is_whole(tmp_path: Path) -> None:
    assert start_site(tmp_path, **GOOD, **PONTO).returncode == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"PONTO_CLIENT_SECRET": "sandbox-secret"}, "PONTO_CLIENT_SECRET"),
        ({"PONTO_CLIENT_ID": "sandbox-client-id"}, "PONTO_CLIENT_ID"),
        ({"PONTO_APPLICATION_ID": ""}, "PONTO_APPLICATION_ID"),
        ({"PONTO_URL": "http://127.0.0.1:8002/ponto"}, "PONTO_URL"),
        ({"PONTO_INTEGRATION": "both"}, "PONTO_INTEGRATION"),
    ],
)
def test_a_production_start_is_refused_for_half_a_contract_with_ponto(
    tmp_path: Path, change: dict[str, str], words: str
) -> None:
    refused = start_site(tmp_path, **{**GOOD, **PONTO, **change})
    assert refused.returncode != 0
    assert f"- {words} is" in refused.stderr
