"""A Celery broker in a folder: what the queue stands on when there is no server to install.

One message is one file. It is written under ``writing/`` and moved into ``ready/`` when it is whole, so that nobody
reads half a message; a consumer claims it by renaming it into a folder of its own under ``claimed/``, so that no two
have it; it stays there until it is acknowledged. A consumer keeps its folder locked while it lives. The next one to
start finds the folders that nobody holds any more and puts their messages back.

Direct routing only: no remote control, no events. Production uses Redis.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import time
import uuid
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import virtual

logger = logging.getLogger(__name__)

POLLING_SECONDS = 0.1


def settings(folder: Path) -> dict[str, Any]:
    """Celery's ``broker_transport_options`` for a queue in ``folder``, which is made if it is not there.

    They go with ``broker_url = "filesystem://"`` and ``broker_transport = "foundation.broker:Transport"``.
    """
    _Places(folder).make()
    return {"folder": str(folder), "polling_interval": POLLING_SECONDS}


def recover(folder: Path) -> int:
    """Puts back what consumers that are gone had claimed and not acknowledged; gives how many messages that were.

    Every consumer does this when it starts; those that live keep what they hold.
    """
    places = _Places(folder)
    count = 0
    for held in sorted(places.claimed.iterdir()):
        with suppress(FileNotFoundError, BlockingIOError):
            descriptor = _lock(held)
            try:
                count += _put_back(held, places.ready)
            finally:
                os.close(descriptor)
    if count:
        logger.warning("put back %d messages that were not acknowledged", count)
    return count


class _Places:
    """The sub-folders of a queue's folder. All of them are on one file system, which makes each move atomic."""

    def __init__(self, folder: Path) -> None:
        self.writing = folder / "writing"
        self.ready = folder / "ready"
        self.claimed = folder / "claimed"
        self.unreadable = folder / "unreadable"

    def make(self) -> None:
        for place in (self.writing, self.ready, self.claimed, self.unreadable):
            place.mkdir(parents=True, exist_ok=True)

    def waiting(self, queue: str) -> list[str]:
        """Names of the messages that wait in a queue, the oldest first: a name begins with the time it was written."""
        return sorted(name for name in os.listdir(self.ready) if name.partition(".")[2] == f"{queue}.msg")


def _lock(folder: Path) -> int:
    """Locks a folder until the descriptor is closed or the process ends. Raises ``BlockingIOError`` if it is held."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise
    return descriptor


def _put_back(held: Path, ready: Path) -> int:
    """Moves every message of a claim folder back to the queue and removes the folder; gives how many."""
    names = os.listdir(held)
    for name in names:
        with suppress(FileNotFoundError):
            (held / name).rename(ready / name)
    held.rmdir()
    return len(names)


class QoS(virtual.QoS):
    """Acknowledging removes the claimed file, from whichever thread; rejecting puts it back or removes it."""

    channel: Channel

    def ack(self, delivery_tag: str) -> None:
        self.channel.settle(delivery_tag)
        super().ack(delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        if not requeue:
            self.ack(delivery_tag)
            return
        super().ack(delivery_tag)  # first: once it is back it may be claimed again under the same tag
        self.channel.put_back(delivery_tag)


class Channel(virtual.Channel):
    """The queue's files as one consumer or producer sees them. A message's delivery tag is its file's name."""

    QoS = QoS

    @property
    def transport_options(self) -> dict[str, Any]:
        options: dict[str, Any] = self.connection.client.transport_options  # type: ignore[union-attr, assignment]
        return options

    @cached_property
    def places(self) -> _Places:
        places = _Places(Path(self.transport_options["folder"]))
        places.make()
        return places

    @cached_property
    def claims(self) -> tuple[Path, int]:
        """This consumer's own folder and its lock: locked before it comes into sight, or ``recover`` could take it."""
        name = f"{os.getpid()}-{uuid.uuid4().hex}"
        unseen = self.places.writing / name
        unseen.mkdir()
        descriptor = _lock(unseen)
        return unseen.rename(self.places.claimed / name), descriptor

    def settle(self, delivery_tag: str) -> None:
        """Removes a message that was claimed: it is done."""
        (self.claims[0] / delivery_tag).unlink(missing_ok=True)

    def put_back(self, delivery_tag: str) -> None:
        """Returns a claimed message to its place in the queue."""
        with suppress(FileNotFoundError):
            (self.claims[0] / delivery_tag).rename(self.places.ready / delivery_tag)

    def basic_consume(self, queue: str, no_ack: bool, callback: Any, consumer_tag: Any, **kwargs: Any) -> Any:
        recover(self.places.claimed.parent)

        def settle_first(message: Any) -> Any:
            self.settle(message.delivery_tag)
            return callback(message)

        return super().basic_consume(queue, no_ack, settle_first if no_ack else callback, consumer_tag, **kwargs)

    def basic_get(self, queue: str, no_ack: bool = False, **kwargs: Any) -> Any:
        message = super().basic_get(queue, no_ack=no_ack, **kwargs)
        if message is not None and no_ack:
            self.settle(str(message.delivery_tag))
        return message

    def close(self) -> None:
        held = self.__dict__.pop("claims", None)
        if held is None or self.closed:
            super().close()
            return
        _put_back(held[0], self.places.ready)
        self.qos.restore_at_shutdown = False  # the files are back already
        super().close()
        os.close(held[1])

    def _put(self, queue: str, message: dict[str, Any], **kwargs: Any) -> None:
        name = f"{time.time_ns():020d}_{uuid.uuid4().hex}.{queue}.msg"
        unseen = self.places.writing / name
        unseen.write_text(json.dumps(message))
        unseen.rename(self.places.ready / name)

    def _get(self, queue: str, timeout: float | None = None) -> dict[str, Any]:
        for name in self.places.waiting(queue):
            claimed = self.claims[0] / name
            try:
                (self.places.ready / name).rename(claimed)
            except FileNotFoundError:
                continue  # another consumer was faster
            try:
                message: dict[str, Any] = json.loads(claimed.read_text())
                message["properties"]["delivery_tag"] = name
            except (ValueError, KeyError, TypeError):
                # Only a power cut leaves such a file. It must not end the worker, nor vanish.
                claimed.rename(self.places.unreadable / name)
                logger.error("message %s is unreadable; it was set aside", name)
                continue
            return message
        raise Empty

    def _restore(self, message: Any) -> None:
        self.put_back(message.delivery_tag)

    def _size(self, queue: str) -> int:
        return len(self.places.waiting(queue))

    def _purge(self, queue: str) -> int:
        names = self.places.waiting(queue)
        for name in names:
            (self.places.ready / name).unlink(missing_ok=True)
        return len(names)


class Transport(virtual.Transport):
    """What Celery is given as ``broker_transport``."""

    Channel = Channel
    driver_type = "filesystem"
    driver_name = "foundation.broker"
    default_port = 0

    @property
    def default_connection_params(self) -> dict[str, Any]:
        return {}  # there is no host to be missing

    def driver_version(self) -> str:
        return "1"
