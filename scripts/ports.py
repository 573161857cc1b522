"""Which ports the three sites listen on, and whether those are free."""

from __future__ import annotations

import os
import socket
from contextlib import ExitStack
from dataclasses import dataclass

HOST = "127.0.0.1"
# What a person may set, in the order of the fields below, with the port that holds otherwise.
VARIABLES = {"app": ("BANKSYNC_PORT", 8000), "proxy": ("PROXY_PORT", 8001), "sandbox": ("SANDBOX_PORT", 8002)}


class PortProblem(Exception):
    """A port cannot be used; the message names it and the variable to change."""


@dataclass(frozen=True)
class Ports:
    """One port for each site, on this machine only."""

    app: int
    proxy: int
    sandbox: int

    def url(self, site: str) -> str:
        """The address of a site: ``url("proxy")``."""
        return f"http://{HOST}:{getattr(self, site)}"


def from_environment() -> Ports:
    """The ports people know (8000, 8001, 8002) or those they set. Raises ``PortProblem`` for what is no port."""
    return Ports(**{site: _number(variable, default) for site, (variable, default) in VARIABLES.items()})


def free() -> Ports:
    """Three ports that nobody listens on now."""
    return Ports(*free_ports(len(VARIABLES)))


def free_ports(count: int) -> list[int]:
    """So many ports that nobody listens on now, no two the same."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((HOST, 0))
        return [int(one.getsockname()[1]) for one in sockets]


def refuse_busy(ports: Ports) -> None:
    """Raises ``PortProblem`` for the first port that somebody else listens on."""
    for site, (variable, _default) in VARIABLES.items():
        port = getattr(ports, site)
        with socket.socket() as probe:
            # As the servers do: a connection that is still closing down does not make the port busy.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError as error:
                raise PortProblem(
                    f"Port {port} for the {site} cannot be used ({error.strerror}): "
                    f"stop what uses it, or choose another with {variable}=… make run"
                ) from error


def _number(variable: str, default: int) -> int:
    text = os.environ.get(variable, "").strip() or str(default)
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise PortProblem(f"{variable} is “{text}”, which is not a port: give a number from 1 to 65535.")
    return int(text)
