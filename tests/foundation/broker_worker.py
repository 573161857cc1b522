"""A Celery app of two tasks on the broker in a folder, run as a real worker by the broker's tests."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from celery import Celery

from foundation import broker

FOLDER = Path(os.environ["BROKER_TEST_FOLDER"])

app = Celery("broker_worker")
app.conf.update(
    broker_url="filesystem://",
    broker_transport="foundation.broker:Transport",
    broker_transport_options=broker.settings(FOLDER / "queue"),
    task_acks_late=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    worker_enable_remote_control=False,
    broker_connection_retry_on_startup=True,
)


@app.task(name="hold")
def hold(name: str) -> None:
    """Says that it began, waits while the gate is locked, and says that it ended."""
    (FOLDER / f"{name}.began").touch()
    with (FOLDER / "gate").open() as gate:
        fcntl.flock(gate, fcntl.LOCK_SH)
    with (FOLDER / "ended").open("a") as ended:
        ended.write(f"{name}\n")


@app.task(name="note")
def note(name: str) -> None:
    """Says that it ran."""
    with (FOLDER / "ended").open("a") as ended:
        ended.write(f"{name}\n")
