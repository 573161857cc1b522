"""One whole installation on this machine: databases brought up to date, pretend banks, proxy, app, worker and clock."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import environ

from scripts import main_job, preparation, programs
from scripts.manage import manage_json
from scripts.ports import Ports
from scripts.programs import ROOT
from scripts.stack import Stack


class AlreadyRunning(Exception):
    """Another installation runs in the same folder."""


@dataclass(frozen=True)
class Installation:
    """What runs: its processes, its environment, and the people who may sign in."""

    stack: Stack
    environment: dict[str, str]
    ports: Ports
    people: list[preparation.Person]

    def do_main_job(self, *, bank: str = main_job.BANK) -> None:
        """The main job as the accountant does it, through the pages. Raises ``PageProblem`` or ``WaitedTooLong``."""
        accountant = self.people[0]
        base_url = self.environment["BASE_URL"]
        phone = self.environment["SANDBOX_BASE_URL"]
        main_job.do(base_url, accountant["email"], password=accountant["password"], phone=phone, bank=bank)

    def summary(self) -> dict[str, Any]:
        """What the app says it holds: lines, statements, and each journal's balance beside the bank's."""
        found: dict[str, Any] = manage_json("banksync", "summary", "--json", environment=self.environment)
        return found


def folder() -> Path:
    """Where a run keeps its data: ``BANKSYNC_VAR``, or ``var`` beside the code."""
    return Path(os.environ.get("BANKSYNC_VAR") or ROOT / "var").resolve()


def read_dotenv() -> None:
    """Takes over what a person has written to ``.env``; what is in the environment already wins."""
    if (ROOT / ".env").exists():
        environ.Env.read_env(str(ROOT / ".env"))


@contextmanager
def only_one_in(var: Path) -> Iterator[None]:
    """Holds the folder for this process, for as long as it lives. Raises ``AlreadyRunning``."""
    var.mkdir(parents=True, exist_ok=True)
    with (var / "running.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise AlreadyRunning(
                f"banksync runs already in {var} (process {lock.read().strip() or 'unknown'}): "
                "stop that one first, or name another folder with BANKSYNC_VAR=…"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


@contextmanager
def running(environment: dict[str, str], ports: Ports, *, clock: bool = True) -> Iterator[Installation]:
    """Everything started and ready, and stopped again when the context ends. Without ``clock`` nothing fetches alone.

    Raises ``CommandFailed``, ``ProgramDied`` or ``WaitedTooLong``.
    """
    with Stack(Path(environment["BANKSYNC_VAR"]) / "log") as stack:
        sites = [
            programs.sandbox(environment, ports.sandbox),
            programs.proxy(environment, ports.proxy),
            programs.web(environment, ports.app),
            programs.worker(environment),
            *([programs.beat(environment)] if clock else []),
        ]
        people = preparation.remembered(environment)
        if people is None:
            preparation.before_start(environment)
            stack.start(sites)
            people = preparation.after_start(environment)
        else:
            stack.start(sites)
        yield Installation(stack, environment, ports, people)
