"""docker-compose.yml: its services started with exactly their commands and environment do the main job."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from scripts import main_job, programs
from scripts.ports import free_ports
from scripts.production import example
from scripts.programs import ROOT
from scripts.services import Services
from scripts.stack import Stack
from scripts.throwaway import own_databases, own_queue
from tests.production import compose, tls

PASSWORD = "a password of the administrator's own"
EMAIL = "anna@books.example"
PROGRAMS = {"migrate", "web", "worker", "beat", "migrate-proxy", "proxy", "proxy-clock"}


@dataclass(frozen=True)
class Deployed:
    """What runs: the services of the file, and where a person finds the app."""

    stack: Stack
    services: dict[str, compose.Service]
    base_url: str
    certificate: Path
    # Where the codes arrive.
    phone: str

    def manage(self, service: str, *arguments: str, typed: str = "") -> str:
        """A command of Django in a service's environment; ``typed`` is what the operator writes to it."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.services[service].environment,
            input=typed,
            capture_output=True,
            text=True,
            check=True,
        ).stdout


@pytest.fixture(scope="module")
def deployed(servers: Services, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    var = tmp_path_factory.mktemp("production")
    certificate = tls.make_certificate(var)
    with ExitStack() as held:
        app, proxy, sandbox, app_tls, proxy_tls, sandbox_tls = free_ports(6)
        for port, listen in ((app, app_tls), (proxy, proxy_tls), (sandbox, sandbox_tls)):
            held.enter_context(tls.in_front_of(port, listen=listen, certificate=certificate))
        app_database, proxy_database, sandbox_database = held.enter_context(own_databases(servers, count=3))
        moves = {
            "postgres://banksync:hard-to-guess@postgres:5432/banksync_proxy": proxy_database,
            "postgres://banksync:hard-to-guess@postgres:5432/banksync": app_database,
            "redis://redis:6379/0": held.enter_context(own_queue(servers)),
            "http://proxy:8001": f"http://127.0.0.1:{proxy}",
            **{f"{host}:8000": f"127.0.0.1:{app}" for host in ("0.0.0.0", "127.0.0.1")},  # noqa: S104
            **{f"{host}:8001": f"127.0.0.1:{proxy}" for host in ("0.0.0.0", "127.0.0.1")},  # noqa: S104
        }
        dotenv = {
            **example(),
            "POSTGRES_PASSWORD": "hard-to-guess",
            "BASE_URL": f"https://localhost:{app_tls}",
            "PROXY_URL": "",
            "PROXY_BASE_URL": f"https://localhost:{proxy_tls}",
            "PROXY_ALLOWED_HOSTS": "localhost,127.0.0.1",
            "PLAID_URL": f"https://localhost:{sandbox_tls}/plaid",
            # The pretend phone takes what any gateway takes.
            "PROXY_GATEWAY_URL": f"https://localhost:{sandbox_tls}/phone/messages",
            # Without these contracts: what an operator leaves out is not asked for.
            "SALTEDGE_SECRET": "",
            "PONTO_CLIENT_SECRET": "",
        }
        services = compose.services(compose.parse(dotenv), var=var, move=lambda text: moved(text, moves))
        for service in services.values():
            # The certificate is not signed by anyone the machine trusts.
            service.environment["REQUESTS_CA_BUNDLE"] = str(certificate)
        compose.collect_static(var)
        stack = held.enter_context(Stack(var / "log"))
        banks = {
            **programs.inherited(),
            "BANKSYNC_VAR": str(var / "banks"),
            "SANDBOX_DATABASE_URL": sandbox_database,
            "SANDBOX_BASE_URL": f"https://localhost:{sandbox_tls}",
            "PLAID_CLIENT_ID": dotenv["PLAID_CLIENT_ID"],
            "PLAID_SECRET": dotenv["PLAID_SECRET"],
        }
        manage_sandbox(banks)
        stack.start([programs.sandbox(banks, sandbox)])
        start_in_order(stack, services)
        yield Deployed(stack, services, dotenv["BASE_URL"], certificate, f"https://localhost:{sandbox_tls}")


def moved(text: str, moves: dict[str, str]) -> str:
    """A word of the file with the addresses of its network in place of which the test has others."""
    for there, here in moves.items():
        text = text.replace(there, here)
    return text


def manage_sandbox(environment: dict[str, str]) -> None:
    given = programs.of_site("sandbox", environment)
    subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], cwd=ROOT, env=given, check=True)


def start_in_order(stack: Stack, services: dict[str, compose.Service]) -> None:
    """As the engine does: what ends by itself first, then each service after those it waits for."""
    done: set[str] = set()
    mine = set(services)
    while waiting := [service for name, service in services.items() if name not in done]:
        ready = [service for service in waiting if service.after & mine <= done]
        assert ready, f"these wait for each other: {[service.name for service in waiting]}"
        for service in ready:
            if service.ends_by_itself:
                service.run()
        stack.start(service.program() for service in ready if not service.ends_by_itself)
        done |= {service.name for service in ready}


def test_it_does_the_main_job(deployed: Deployed) -> None:
    code = deployed.services["web"].environment["SUBSCRIPTION_CODE"]
    deployed.manage("proxy", "add_subscription", "--code", code, "--valid-until", "2099-12-31")
    books = ("--name", "Books Ltd", "--currency", "EUR", "--admin-email", EMAIL, "--password-from-stdin")
    deployed.manage("web", "create_company", *books, typed=PASSWORD)
    deployed.manage("proxy", "sync_directory")
    deployed.manage("web", "update_directory")
    trusted = str(deployed.certificate)
    main_job.do(deployed.base_url, EMAIL, password=PASSWORD, phone=deployed.phone, verify=trusted)
    summary = json.loads(deployed.manage("web", "summary", "--json"))
    assert summary["lines"] > 0
    assert summary["statements"] > 0
    assert [journal["agrees"] for journal in summary["journals"]] == [True] * len(summary["journals"]) != []
    assert deployed.stack.dead() == []


def test_no_secret_is_in_the_logs(deployed: Deployed) -> None:
    secret_names = re.compile(r"SECRET|SEALING|PASSWORD")
    secrets = {
        value
        for service in deployed.services.values()
        for name, value in service.environment.items()
        if value and secret_names.search(name)
    }
    secrets |= {PASSWORD, *filter(None, (urlsplit(value).password for value in secrets if "://" in value))}
    logs = "".join(path.read_text() for path in deployed.stack.log_folder.glob("*.log"))
    assert len(secrets) >= 6
    assert [secret for secret in secrets if secret in logs] == []


def test_what_it_writes_can_be_read_by_machines(deployed: Deployed) -> None:
    # The worker and the beat greet with a banner first.
    for name, greets in {"web": False, "proxy": False, "proxy-clock": False, "worker": True, "beat": True}.items():
        lines = deployed.stack.log(name).read_text().splitlines()
        read = [json.loads(line) for line in lines if line.startswith("{")]
        assert greets or len(read) == len(lines), name
        assert {line["program"] for line in read} == {name.partition("-")[0]}
        assert all(line["time"].endswith("Z") and line["level"] and line["logger"] for line in read)


def test_an_operator_signs_in_to_the_proxy_s_own_pages(deployed: Deployed) -> None:
    environment = deployed.services["proxy"].environment
    environment["DJANGO_SUPERUSER_PASSWORD"] = PASSWORD
    deployed.manage("proxy", "createsuperuser", "--noinput", "--username", "olga", "--email", EMAIL)
    del environment["DJANGO_SUPERUSER_PASSWORD"]
    base_url = environment["PROXY_BASE_URL"]
    with requests.Session() as session:
        ask = partial(session.request, verify=str(deployed.certificate), timeout=30)
        page = ask("GET", f"{base_url}/admin/login/")
        assert "default-src 'self'" in page.headers["Content-Security-Policy"]
        assert all(cookie.secure for cookie in session.cookies)
        fields = {"username": "olga", "password": PASSWORD, "csrfmiddlewaretoken": session.cookies["csrftoken"]}
        fields["next"] = "/admin/"
        answer = ask("POST", page.url, data=fields, headers={"Referer": page.url})
        assert "Subscriptions" in answer.text
        assert ask("GET", f"{base_url}/static/admin/css/base.css").status_code == 200
        # Whoever comes from outside, without the token, is shown no figures.
        assert ask("GET", f"{base_url}/metrics").status_code == 404


def test_it_names_the_programs_of_an_installation() -> None:
    parsed = compose.parse({**example(), "POSTGRES_PASSWORD": "x"})
    assert set(parsed["services"]) == PROGRAMS | {"postgres", "redis"}
    assert {service.get("image") for name, service in parsed["services"].items() if name in PROGRAMS} == {"banksync"}
    assert parsed["services"]["beat"].get("deploy", {}).get("replicas", 1) == 1


def test_the_proxys_database_is_made_by_the_file_beside_it() -> None:
    parsed = compose.parse({**example(), "POSTGRES_PASSWORD": "x"})
    name = urlsplit(parsed["services"]["proxy"]["environment"]["PROXY_DATABASE_URL"]).path.strip("/")
    assert f"CREATE DATABASE {name};" in (ROOT / "deploy" / "postgres" / "proxy.sql").read_text()
    assert "./deploy/postgres:/docker-entrypoint-initdb.d:ro" in parsed["services"]["postgres"]["volumes"]


def test_a_contract_s_every_variable_reaches_the_proxy() -> None:
    read = set(re.findall(r"\"((?:PLAID|SALTEDGE|PONTO)_[A-Z_]+)\", default", (ROOT / "proxy/settings.py").read_text()))
    assert len(read) > 15
    given = {**dict.fromkeys(read, "given"), **example(), "POSTGRES_PASSWORD": "x"}
    services = compose.parse(given)["services"]
    for name in ("migrate-proxy", "proxy", "proxy-clock"):
        reached = {variable: services[name]["environment"].get(variable) for variable in read}
        assert reached == {variable: given[variable] for variable in read}
    for name in ("proxy", "proxy-clock"):
        assert services[name]["volumes"] == ["./certificates:/certificates:ro"]


def test_no_port_is_open_to_the_world() -> None:
    parsed = compose.parse({**example(), "POSTGRES_PASSWORD": "x"})
    opened = [port for service in parsed["services"].values() for port in service.get("ports", [])]
    assert opened
    assert all(port.startswith("127.0.0.1:") for port in opened)


@pytest.mark.parametrize("variable", sorted(compose.required((ROOT / "docker-compose.yml").read_text())))
def test_a_variable_that_must_be_given_is_asked_for(variable: str) -> None:
    given = {**example(), "POSTGRES_PASSWORD": "x"}
    del given[variable]
    with pytest.raises(compose.Required, match=f"^{variable}: "):
        compose.parse(given)
