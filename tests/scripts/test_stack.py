"""The supervisor: ready means ready, a dead program is named, and nothing is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.stack import Program, ProgramDied, Stack
from scripts.waiting import until

COUNTS = "import os, signal; print('pid', os.getpid(), flush=True); print('up', flush=True); signal.pause()"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); signal.pause()"


def program(name: str, code: str) -> Program:
    return Program(
        name=name,
        command=(sys.executable, "-c", code),
        environment=dict(os.environ),
        is_ready=lambda log: "up" in log,
        folder=Path("/"),
    )


def is_alive(pid: int) -> bool:
    """A process that has ended and was not yet asked for counts as gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_it_waits_until_every_program_is_ready_and_stops_them(tmp_path: Path) -> None:
    with Stack(tmp_path) as stack:
        stack.start([program("one", COUNTS), program("two", COUNTS)])
        pids = [stack.pid("one"), stack.pid("two")]
        assert stack.log("one").read_text() == f"pid {pids[0]}\nup\n"
        assert stack.dead() == []
    assert [is_alive(pid) for pid in pids] == [False, False]


def test_a_program_that_ends_at_its_start_is_named_with_its_last_words(tmp_path: Path) -> None:
    with Stack(tmp_path) as stack, pytest.raises(ProgramDied, match=r"broken ended with code 3:\nno such bank"):
        stack.start([program("broken", "print('no such bank', flush=True); raise SystemExit(3)")])


def test_a_killed_program_is_seen_and_can_be_started_again(tmp_path: Path) -> None:
    with Stack(tmp_path) as stack:
        stack.start([program("one", COUNTS)])
        first = stack.pid("one")
        stack.kill("one")
        assert stack.dead() == ["one"]
        stack.restart("one")
        assert stack.dead() == []
        assert stack.log("one").read_text() == f"pid {first}\nup\npid {stack.pid('one')}\nup\n"


def test_a_program_that_does_not_want_to_stop_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scripts.stack.STOP_SECONDS", 0.2)
    with Stack(tmp_path) as stack:
        stack.start([program("stubborn", STUBBORN)])
        pid = stack.pid("stubborn")
    assert not is_alive(pid)


def test_programs_end_with_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    supervisor = (
        "import pathlib, signal, sys; from scripts.stack import Stack; from tests.scripts.test_stack import *;"
        "stack = Stack(pathlib.Path(sys.argv[1])); stack.start([program('one', COUNTS)]); signal.pause()"
    )
    log = tmp_path / "one.log"
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen([sys.executable, "-c", supervisor, str(tmp_path)], cwd=root) as process:
        until(lambda: log.exists() and "up" in log.read_text(), 20, what="the program to start")
        pid = int(log.read_text().split()[1])
        assert is_alive(pid)
        process.send_signal(signal.SIGKILL)
    until(lambda: not is_alive(pid), 10, what="the program to end with its supervisor")
