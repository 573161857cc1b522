"""Ports: the known ones, those a person sets, and a clear word about a busy one."""

from __future__ import annotations

import socket

import pytest

from scripts import ports


def test_the_known_ports_hold_when_nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, _port in ports.VARIABLES.values():
        monkeypatch.delenv(variable, raising=False)
    assert ports.from_environment() == ports.Ports(8000, 8001, 8002)


def test_a_person_may_set_a_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROXY_PORT", "9001")
    assert ports.from_environment().url("proxy") == "http://127.0.0.1:9001"


@pytest.mark.parametrize("text", ["http", "0", "65536", "-1", "80.5"])
def test_what_is_no_port_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("BANKSYNC_PORT", text)
    with pytest.raises(ports.PortProblem, match=f"BANKSYNC_PORT is “{text}”"):
        ports.from_environment()


def test_a_busy_port_is_named_with_the_variable_to_change() -> None:
    with socket.socket() as taken:
        taken.bind((ports.HOST, 0))
        taken.listen()
        busy = taken.getsockname()[1]
        app, proxy = ports.free_ports(2)
        with pytest.raises(ports.PortProblem, match=rf"Port {busy} for the sandbox .*SANDBOX_PORT="):
            ports.refuse_busy(ports.Ports(app, proxy, busy))


def test_free_ports_are_free_and_different() -> None:
    found = ports.free()
    assert len({found.app, found.proxy, found.sandbox}) == 3
    ports.refuse_busy(found)
