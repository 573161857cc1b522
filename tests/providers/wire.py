"""A real HTTP server in a thread that says what a test tells it to, byte for byte, over a real socket."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec


@dataclass(frozen=True)
class Seen:
    """A request as it came over the wire; ``target`` is path and query, still encoded."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    def json(self) -> Any:
        return msgspec.json.decode(self.body)


@dataclass(frozen=True)
class Said:
    """What is answered; with ``promised`` bytes more than the body has, the answer breaks off."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    promised: int = 0


# The connection is closed without an answer.
HANG_UP = None
Answer = Said | None


class WireServer:
    """``answer`` decides on each request; ``seen`` keeps all of them in their order."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.answer: Callable[[Seen], Answer] = lambda seen: Said()
        self.stopping = threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def say(self, *answers: Answer | bytes) -> None:
        """These answers one after the other, the last one again and again; bytes are a good JSON answer."""
        script = [Said(body=each) if isinstance(each, bytes) else each for each in answers]
        self.answer = lambda seen: script.pop(0) if len(script) > 1 else script[0]

    def never_answer(self) -> None:
        """Takes requests and stays silent until the test is over."""

        def wait(seen: Seen) -> Answer:
            self.stopping.wait(30)
            return HANG_UP

        self.answer = wait


def _handler(wire: WireServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _respond(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            seen = Seen(self.command, self.path, dict(self.headers.items()), self.rfile.read(length))
            wire.seen.append(seen)
            said = wire.answer(seen)
            self.close_connection = True
            if said is HANG_UP:
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said.body) + said.promised))
            self.end_headers()
            self.wfile.write(said.body)

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _respond  # noqa: N815 - the names that http.server looks for

        def log_message(self, *args: Any) -> None:
            """The test's output is for the test."""

    return Handler


@contextmanager
def serving() -> Iterator[WireServer]:
    """A server on a free port for as long as the block runs."""
    wire = WireServer()
    thread = threading.Thread(target=wire.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield wire
    finally:
        wire.stopping.set()
        wire.server.shutdown()
        wire.server.server_close()
        thread.join()


def refused_url() -> str:
    """The address of a port where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"
