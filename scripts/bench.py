"""``make bench``: how fast the full path is, on PostgreSQL; writes ``var/bench.json``.

Each measurement is held against another one of the same minute on the same machine, because rates on a shared machine
drift while ratios hold.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import requests

from providers import signing
from providers.client import ProxyClient
from providers.types import EndUser
from scripts import main_job, waiting
from scripts.failure import FAILURES, sentence
from scripts.form_browser import Browser
from scripts.holder import NOWHERE, walk
from scripts.installation import Installation, folder
from scripts.interruption import stop_on_signals
from scripts.manage import CommandFailed, manage
from scripts.packages import ProgramMissing
from scripts.programs import ROOT, inherited, of_site
from scripts.services import ServiceProblem, Services, services
from scripts.text_messages import register
from scripts.throwaway import installed, own_databases

# More than ten thousand posted transactions in two years.
BANK = "Busy Street Bank"
# As large as Plaid allows, and what the proxy asks for.
PAGE = 500
# How many transactions the books take in at once; an argument chooses others (a million takes minutes).
SIZES = ("1000", "10000", "100000")
PERSON = EndUser(ip="192.0.2.7", agent="bench")
PLAID = {"client_id": "sandbox-client-id", "secret": "sandbox-secret"}


@dataclass(frozen=True)
class Measurement:
    """One row of ``var/bench.json``. ``ratio`` is this time divided by the time of what stands in ``against``."""

    name: str
    n: int
    seconds: float
    per_second: float
    ratio: float
    against: str
    peak_mib: int
    queries: int
    # Of a page: what a first visit loads, compressed.
    kilobytes: float = 0.0


def main() -> int:
    """Measures, prints one line for each measurement, and gives the exit code."""
    stop_on_signals()
    try:
        with (
            services(browser=False) as servers,
            tempfile.TemporaryDirectory(prefix="banksync-bench-") as place,
            installed(servers, Path(place), clock=False) as installation,
        ):
            measured = [
                full_path(installation),
                *decoding(installation),
                bank_search(installation),
                *books(servers),
                *clock(servers),
                *peers(servers),
                *pages(servers),
            ]
    except (ProgramMissing, ServiceProblem, *FAILURES) as error:
        print(sentence(error), file=sys.stderr)
        return 1
    target = folder() / "bench.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps([asdict(row) for row in measured], indent=2) + "\n")
    for row in measured:
        print(
            f"{row.name}: {row.n} in {row.seconds:.3g} s ({row.per_second:.0f}/s), {row.ratio:.2f} × {row.against}, "
            f"{row.queries} queries, {row.peak_mib} MiB at most"
            + (f", {row.kilobytes} kB on first load" if row.kilobytes else "")
        )
    return 0


def full_path(installation: Installation) -> Measurement:
    """From the bank's pages to statement lines: sandbox, proxy and app, read as the worker does it."""
    alone = sandbox_alone(installation.environment["PLAID_URL"])
    _link_while_the_worker_rests(installation)
    (fetched,) = _measured("fetch", of_site("banksync", installation.environment))
    return Measurement(
        name="full_path",
        n=fetched["lines"],
        seconds=round(fetched["seconds"], 3),
        per_second=round(fetched["lines"] / fetched["seconds"], 1),
        ratio=round(fetched["seconds"] / alone, 2),
        against="the sandbox serving the same pages alone",
        peak_mib=fetched["peak_mib"],
        queries=fetched["queries"],
    )


def decoding(installation: Installation) -> list[Measurement]:
    """From each provider's bytes to neutral transactions, against reading the same bytes as JSON."""
    _connect_everywhere(installation.environment)
    environment = {**of_site("proxy", installation.environment), "PROXY_LOG_LEVEL": "WARNING"}
    return [_decoded(row) for row in _measured("decoding", environment)]


def _decoded(row: dict[str, Any]) -> Measurement:
    return Measurement(
        name=f"decode_{row['provider']}",
        n=row["n"],
        seconds=round(row["seconds"], 5),
        per_second=round(row["n"] / row["seconds"], 1),
        ratio=round(row["seconds"] / row["against"], 2),
        against="reading the same bytes as JSON",
        peak_mib=row["peak_mib"],
        queries=0,
    )


def bank_search(installation: Installation) -> Measurement:
    """Five hundred searches of the whole directory as people type; their 95th percentile against that of their SQL."""
    (row,) = _measured("search", of_site("banksync", installation.environment))
    return Measurement(
        name="bank_search",
        n=row["n"],
        seconds=round(row["seconds"], 5),
        per_second=round(1 / row["seconds"], 1),
        ratio=round(row["seconds"] / row["against"], 2),
        against=f"their bare SQL, both at the 95th percentile, over {row['banks']} banks",
        peak_mib=row["peak_mib"],
        queries=row["queries"],
    )


def _connect_everywhere(environment: dict[str, str]) -> None:
    """One connection to the busy bank through every provider that has it."""
    client = ProxyClient(environment["PROXY_URL"], "", private_key=signing.generate_private_key())
    register(client, environment["SANDBOX_BASE_URL"], name="bench")
    after, has_more = 0, True
    while has_more:
        page = client.institutions(after, limit=5000)
        for bank in page.institutions:
            if bank.name == BANK:
                hosted = client.start_connection(
                    bank.id, return_url=NOWHERE, history_days=None, language="en", user=PERSON
                )
                walk(hosted.url, "Approve")
                reference = client.finish_connection(hosted.flow).connection
                _until_read(client, reference)
        after, has_more = page.next_after, page.has_more


def _until_read(client: ProxyClient, reference: str) -> None:
    waiting.until(lambda: client.refresh(reference, user=PERSON).status == "ready", 60, what="the bank to be read")


def books(servers: Services) -> list[Measurement]:
    """The books alone, on a database of their own: first import, again, daily, and a fetch that brings nothing."""
    return [_of_books(row) for row in _on_new_database(servers, "books", *_sizes())]


def peers(servers: Services) -> list[Measurement]:
    """The feed that other systems were measured with, beside the least that it can cost."""
    return [_of_peers(row) for row in _on_new_database(servers, "peers", *_sizes())]


def _sizes() -> tuple[str, ...]:
    return tuple(sys.argv[1:]) or SIZES


def _of_peers(row: dict[str, Any]) -> Measurement:
    return Measurement(
        name=row["name"],
        n=row["n"],
        seconds=round(row["seconds"], 4),
        per_second=round(row["rows"] / row["seconds"], 1),
        ratio=round(row["seconds"] / row["against"], 2),
        against="decoding the pages, one COPY and one INSERT of the same rows",
        peak_mib=row["peak_mib"],
        queries=row["queries"],
    )


def clock(servers: Services) -> list[Measurement]:
    """Two workers that claim what is due at once, and a claim that finds nothing, on a database of their own."""
    return [_of_clock(row) for row in _on_new_database(servers, "clock", *SIZES)]


def _of_clock(row: dict[str, Any]) -> Measurement:
    is_idle = row["name"] == "claim_nothing_due"
    return Measurement(
        name=row["name"],
        n=row["n"],
        seconds=round(row["seconds"], 5),
        per_second=round(row["rows"] / row["seconds"], 1),
        ratio=round(row["seconds"] / row["against"], 2),
        against="the same with no connection at all" if is_idle else "bare UPDATEs of the same batches, skipping locks",
        peak_mib=row["peak_mib"],
        queries=0,
    )


def _of_books(row: dict[str, Any]) -> Measurement:
    """Here the ratio is the other way round: how much of a plain COPY's speed is kept."""
    against = row["against"]
    return Measurement(
        name=row["name"],
        n=row["n"],
        seconds=round(row["seconds"], 4),
        per_second=round(row["rows"] / row["seconds"], 1),
        ratio=round(against / row["seconds"], 2) if against else 0.0,
        against="a plain COPY of the same rows, its seconds by ours" if against else "nothing",
        peak_mib=row["peak_mib"],
        queries=row["queries"],
    )


def pages(servers: Services) -> list[Measurement]:
    """The pages that people look at most, of short and of long books, against their own SQL alone."""
    return [_of_page(row) for row in _on_new_database(servers, "pages")]


def _of_page(row: dict[str, Any]) -> Measurement:
    return Measurement(
        name=row["name"],
        n=row["n"],
        seconds=round(row["seconds"], 4),
        per_second=round(1 / row["seconds"], 1),
        ratio=round(row["seconds"] / row["against"], 2),
        against="the page's own SQL alone",
        peak_mib=row["peak_mib"],
        queries=row["queries"],
        kilobytes=row["kilobytes"],
    )


def _on_new_database(servers: Services, what: str, *arguments: str) -> list[dict[str, Any]]:
    """What a measuring program of the app prints, run on a database of its own."""
    with own_databases(servers, count=1) as (url,):
        environment = of_site("banksync", {**inherited(), "DATABASE_URL": url})
        manage("banksync", "migrate", "-v", "0", environment=environment)
        return _measured(what, environment, *arguments)


def _measured(what: str, environment: dict[str, str], *arguments: str) -> list[dict[str, Any]]:
    """The rows that ``scripts.measured_<what>`` prints, one JSON object to a line. Raises ``CommandFailed``."""
    done = subprocess.run(
        [sys.executable, "-m", f"scripts.measured_{what}", *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CommandFailed(f"measuring “{what}” did not end well; what it said stands above")
    return [json.loads(line) for line in done.stdout.splitlines()]


def sandbox_alone(plaid_url: str) -> float:
    """Seconds in which the sandbox serves all pages of the bank to somebody who only asks for the next one."""
    with requests.Session() as session:
        banks = _ask(session, f"{plaid_url}/institutions/search", query=BANK, country_codes=["BE"], products=None)
        institution = banks["institutions"][0]["institution_id"]
        public = _ask(
            session,
            f"{plaid_url}/sandbox/public_token/create",
            institution_id=institution,
            initial_products=["transactions"],
            options={"transactions": {"days_requested": 730}},
        )
        token = _ask(session, f"{plaid_url}/item/public_token/exchange", public_token=public["public_token"])
        # The first walk makes the bank's world; the second one is what serving costs.
        for _ in range(2):
            before = time.perf_counter()
            _walk(session, f"{plaid_url}/transactions/sync", access_token=token["access_token"])
            seconds = time.perf_counter() - before
    return seconds


def _walk(session: requests.Session, url: str, *, access_token: str) -> None:
    page = {"has_more": True, "next_cursor": ""}
    while page["has_more"]:
        page = _ask(session, url, access_token=access_token, cursor=page["next_cursor"], count=PAGE)


def _ask(session: requests.Session, url: str, **body: Any) -> dict[str, Any]:
    answer = session.post(url, json={**PLAID, **body}, timeout=60)
    answer.raise_for_status()
    told: dict[str, Any] = answer.json()
    return told


def _link_while_the_worker_rests(installation: Installation) -> None:
    """Connects the bank as a person does; its first fetch waits, to be done where it can be measured."""
    installation.stack.halt("worker")
    browser = Browser()
    try:
        person = installation.people[0]
        base_url = installation.environment["BASE_URL"]
        main_job.sign_in(browser, base_url, email=person["email"], password=person["password"])
        main_job.connect(browser, base_url, bank=BANK, phone=installation.environment["SANDBOX_BASE_URL"])
    finally:
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
