"""A supervisor of real processes: starts them, waits until each is ready, stops them by process id.

``make run`` and ``make demo`` stand on it, and so do the tests that kill and restart one program of several.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from scripts.waiting import until

START_SECONDS = 60
STOP_SECONDS = 15
LOG_LINES = 15
PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)


class ProgramDied(Exception):
    """A program ended that should run; the message holds its name and the last lines it wrote."""


@dataclass(frozen=True)
class Program:
    """What to start and how to tell that it is ready. ``is_ready`` is given what the program wrote since its start."""

    name: str
    command: tuple[str, ...]
    environment: dict[str, str]
    is_ready: Callable[[str], bool]
    folder: Path
    stop_signal: signal.Signals = signal.SIGTERM


@dataclass
class _Running:
    program: Program
    process: subprocess.Popen[bytes]
    # Where this start begins in the log: a restarted program is not ready because it was so before.
    log_offset: int


@dataclass
class Stack:
    """Programs that run together, each with its own log ``<name>.log`` in one folder."""

    log_folder: Path
    _running: dict[str, _Running] = field(default_factory=dict)

    def start(self, programs: Iterable[Program]) -> None:
        """Starts all at once and returns when each is ready. Raises ``ProgramDied`` or ``WaitedTooLong``."""
        started = [self._spawn(program) for program in programs]
        for running in started:
            until(
                lambda running=running: self._is_ready(running),  # type: ignore[misc]
                START_SECONDS,
                what=f"{running.program.name} to be ready",
            )

    def stop(self) -> None:
        """Asks every program to stop, last started first asked, and kills what has not ended after a grace."""
        asked = list(reversed(self._running.values()))
        for running in asked:
            if running.process.poll() is None:
                running.process.send_signal(running.program.stop_signal)
        end = time.monotonic() + STOP_SECONDS
        for running in asked:
            try:
                running.process.wait(max(end - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                _kill_group(running.process)
        self._running.clear()

    def kill(self, name: str) -> None:
        """SIGKILL for one program and what it started, as a power cut would: nothing is tidied up."""
        _kill_group(self._running[name].process)

    def restart(self, name: str) -> None:
        """Starts a program again that was killed or has ended. Returns when it is ready."""
        self.start([self._running[name].program])

    def halt(self, name: str) -> None:
        """Stops one program in good order; the others run on."""
        running = self._running[name]
        running.process.send_signal(running.program.stop_signal)
        running.process.wait(STOP_SECONDS)

    def dead(self) -> list[str]:
        """Names of the programs that have ended though nobody stopped the stack."""
        return [name for name, running in self._running.items() if running.process.poll() is not None]

    def log(self, name: str) -> Path:
        """Where a program's output goes."""
        return self.log_folder / f"{name}.log"

    def last_lines(self, name: str) -> str:
        """The end of a program's log, for a person to read."""
        return "\n".join(self.log(name).read_text(errors="replace").splitlines()[-LOG_LINES:])

    def pid(self, name: str) -> int:
        """The process id of a program."""
        return self._running[name].process.pid

    def __enter__(self) -> Stack:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _spawn(self, program: Program) -> _Running:
        self.log_folder.mkdir(parents=True, exist_ok=True)
        with self.log(program.name).open("ab" if program.name in self._running else "wb") as log:
            process = subprocess.Popen(
                program.command,
                cwd=program.folder,
                env=program.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C in the terminal is for the supervisor alone, which then stops the programs in order.
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - one system call, no lock
            )
            running = _Running(program, process, log_offset=log.tell())
        self._running[program.name] = running
        return running

    def _is_ready(self, running: _Running) -> bool:
        name = running.program.name
        if running.process.poll() is not None:
            raise ProgramDied(f"{name} ended with code {running.process.returncode}:\n{self.last_lines(name)}")
        with self.log(name).open("rb") as log:
            log.seek(running.log_offset)
            return running.program.is_ready(log.read().decode(errors="replace"))


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    # The program leads a process group of its own, made at its start: nobody else's processes are in it.
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def _die_with_parent() -> None:
    """A supervisor that is killed outright leaves no servers behind that hold the ports."""
    _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
