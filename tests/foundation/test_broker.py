"""The broker in a folder: nothing lost, nothing doubled, and what a killed worker held comes back."""

from __future__ import annotations

import fcntl
import multiprocessing
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from celery import Celery
from kombu import Connection
from kombu.simple import SimpleQueue

from foundation import broker
from scripts import programs
from scripts.waiting import until

# Sorts before every real message.
CUT = "0" * 20 + "_cut"
ROOT = Path(__file__).resolve().parents[2]


def connect(folder: Path) -> Connection:
    return Connection(
        "filesystem://", transport="foundation.broker:Transport", transport_options=broker.settings(folder)
    )


def queue(connection: Connection, *, no_ack: bool = False) -> SimpleQueue:
    return connection.SimpleQueue("work", no_ack=no_ack)


def files(folder: Path, place: str) -> list[Path]:
    return [path for path in (folder / place).rglob("*") if path.is_file()]


def write_many(folder: Path, writer: int, count: int) -> None:
    with connect(folder) as connection:
        out = queue(connection)
        for number in range(count):
            out.put({"writer": writer, "number": number, "padding": "x" * 20_000})


def read_many(folder: Path, seen: Path) -> None:
    with connect(folder) as connection, seen.open("w") as record:
        incoming = queue(connection)
        while True:
            message = incoming.get(timeout=30)
            message.ack()
            if message.payload.get("stop"):
                return
            record.write(f"{message.payload['writer']} {message.payload['number']}\n")


def test_concurrent_writers_and_readers_lose_and_double_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "queue"
    broker.settings(folder)
    spawn = multiprocessing.get_context("spawn")
    readers = [spawn.Process(target=read_many, args=(folder, tmp_path / f"seen{i}")) for i in range(3)]
    writers = [spawn.Process(target=write_many, args=(folder, i, 200)) for i in range(3)]
    for process in readers + writers:
        process.start()
    for process in writers:
        process.join(60)
    with connect(folder) as connection:
        for _ in readers:
            queue(connection).put({"stop": True})
    for process in readers:
        process.join(60)
    assert [process.exitcode for process in readers + writers] == [0] * 6
    seen = [line for i in range(3) for line in (tmp_path / f"seen{i}").read_text().splitlines()]
    assert sorted(seen) == sorted(f"{writer} {number}" for writer in range(3) for number in range(200))
    assert files(folder, ".") == []


def test_messages_come_in_the_order_they_were_written(tmp_path: Path) -> None:
    with connect(tmp_path) as connection:
        work = queue(connection)
        for number in range(5):
            work.put({"number": number})
        assert work.qsize() == 5
        assert [work.get(timeout=1, block=False).payload["number"] for _ in range(5)] == [0, 1, 2, 3, 4]


def test_a_claimed_message_is_kept_until_it_is_acknowledged(tmp_path: Path) -> None:
    with connect(tmp_path) as connection:
        queue(connection).put({"number": 1})
        message = queue(connection).get(timeout=1)
        assert files(tmp_path, "ready") == []
        assert len(files(tmp_path, "claimed")) == 1
        message.ack()
        assert files(tmp_path, ".") == []


def test_a_rejected_message_goes_back_or_away(tmp_path: Path) -> None:
    with connect(tmp_path) as connection:
        work = queue(connection)
        work.put({"number": 1})
        work.get(timeout=1).requeue()
        assert len(files(tmp_path, "ready")) == 1
        work.get(timeout=1).reject()
        assert files(tmp_path, ".") == []


def test_closing_puts_back_what_was_not_acknowledged(tmp_path: Path) -> None:
    with connect(tmp_path) as connection:
        queue(connection).put({"number": 1})
        queue(connection).get(timeout=1)
    assert len(files(tmp_path, "ready")) == 1
    assert list((tmp_path / "claimed").iterdir()) == []


def test_an_unreadable_message_is_set_aside_and_the_next_one_is_read(tmp_path: Path) -> None:
    with connect(tmp_path) as connection:
        (tmp_path / "ready" / f"{CUT}.work.msg").write_text("")
        queue(connection).put({"number": 1})
        assert queue(connection).get(timeout=1).payload == {"number": 1}
    assert [path.name for path in files(tmp_path, "unreadable")] == [f"{CUT}.work.msg"]


def test_a_reader_that_does_not_acknowledge_leaves_nothing_behind(tmp_path: Path) -> None:
    with connect(tmp_path) as connection:
        queue(connection).put({"number": 1})
        assert queue(connection, no_ack=True).get(timeout=1).payload == {"number": 1}
        assert files(tmp_path, ".") == []


def test_purging_empties_one_queue_only(tmp_path: Path) -> None:
    with connect(tmp_path) as connection:
        queue(connection).put({"number": 1})
        connection.SimpleQueue("other").put({"number": 2})
        assert queue(connection).clear() == 1
        assert connection.SimpleQueue("other").qsize() == 1


def test_recovering_leaves_a_living_consumer_its_messages(tmp_path: Path) -> None:
    with connect(tmp_path) as connection:
        queue(connection).put({"number": 1})
        message = queue(connection).get(timeout=1)
        assert broker.recover(tmp_path) == 0
        assert len(files(tmp_path, "claimed")) == 1
        message.ack()


@contextmanager
def worker(folder: Path, log: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "tests.foundation.broker_worker",
        "worker",
        "-P",
        "threads",
        "-c",
        "2",
    ]
    with (folder / log).open("wb") as output:
        process = subprocess.Popen(
            [*command, "--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "INFO"],
            cwd=ROOT,
            env={**programs.inherited(), "BROKER_TEST_FOLDER": str(folder)},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(30)


@contextmanager
def closed_gate(folder: Path) -> Iterator[None]:
    """While this is held, the task ``hold`` waits."""
    with (folder / "gate").open("w") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        yield


def send(folder: Path, task: str, name: str) -> None:
    """Sends a task by name, as the web process would."""
    with connect(folder / "queue") as connection:
        Celery(set_as_current=False).send_task(task, args=[name], connection=connection)


def ended(folder: Path) -> list[str]:
    record = folder / "ended"
    return sorted(record.read_text().split()) if record.exists() else []


def test_what_a_killed_worker_held_is_done_by_the_next_one(tmp_path: Path) -> None:
    names = [f"task{number}" for number in range(6)]
    for name in names:
        send(tmp_path, "hold", name)
    with closed_gate(tmp_path), worker(tmp_path, "first.log") as first:
        until(lambda: len(list(tmp_path.glob("*.began"))) == 2, 30, what="two tasks to begin")
        first.send_signal(signal.SIGKILL)
        first.wait(10)
    assert ended(tmp_path) == []
    with worker(tmp_path, "second.log"):
        until(lambda: len(ended(tmp_path)) >= len(names), 30, what="all six tasks to end")
    assert ended(tmp_path) == names
    assert files(tmp_path / "queue", ".") == []


def test_a_worker_survives_an_unreadable_message(tmp_path: Path) -> None:
    broker.settings(tmp_path / "queue")
    (tmp_path / "queue" / "ready" / f"{CUT}.celery.msg").write_text("{")
    with worker(tmp_path, "worker.log") as process:
        send(tmp_path, "note", "after")
        until(lambda: ended(tmp_path) == ["after"], 30, what="the task behind the unreadable message")
        assert process.poll() is None
    assert len(files(tmp_path / "queue", "unreadable")) == 1
