"""Every way to end a script lets it stop what it has started."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from scripts.programs import ROOT

SCRIPT = """
import signal
from scripts.interruption import stop_on_signals
stop_on_signals()
try:
    print("ready", flush=True)
    signal.pause()
finally:
    print("stopped in order", flush=True)
"""


def ignore_ctrl_c() -> None:
    """As a shell does for what it starts in the background."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_ends_in_order_also_in_the_background(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=ignore_ctrl_c,  # noqa: PLW1509 - one system call, no lock
    ) as script:
        assert script.stdout is not None
        assert script.stdout.readline() == "ready\n"
        script.send_signal(number)
        said, _ = script.communicate(timeout=20)
    assert said == "stopped in order\n"
