"""docker-compose.yml without an engine: its programs with exactly their commands and their environment."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from scripts.programs import ROOT
from scripts.stack import Program

# ${NAME}, ${NAME:-what holds otherwise}, ${NAME:?what an operator must give}
VARIABLE = re.compile(r"\$\{(?P<name>[A-Z_]+)(?::(?P<kind>[-?])(?P<text>[^}]*))?\}")
HEALTH_SECONDS = 30


class Required(Exception):
    """An operator did not give a variable that the file asks for."""


@dataclass(frozen=True)
class Service:
    """One service of the file that runs the project's own image."""

    name: str
    command: tuple[str, ...]
    environment: dict[str, str]
    health: tuple[str, ...]
    ends_by_itself: bool
    after: frozenset[str]

    def program(self) -> Program:
        """What to start in place of a container: ready when the file's own health check says so."""
        return Program(self.name, self.command, self.environment, is_ready=self._is_ready, folder=ROOT)

    def run(self) -> None:
        """Runs a service that ends by itself, which must end well."""
        done = subprocess.run(self.command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{self.name}: {done.stderr}"

    def _is_ready(self, _log: str) -> bool:
        if not self.health:
            return True
        done = subprocess.run(
            self.health, cwd=ROOT, env=self.environment, capture_output=True, timeout=HEALTH_SECONDS, check=False
        )
        return done.returncode == 0


def parse(dotenv: dict[str, str]) -> dict[str, Any]:
    """The file with the variables of an operator's ``.env`` in their places. Raises ``Required``."""
    parsed = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    filled: dict[str, Any] = _filled(parsed, dotenv)
    return filled


def _filled(part: Any, variables: dict[str, str]) -> Any:
    """As the engine does it: once the file is parsed, so that an empty value stays an empty text."""
    if isinstance(part, dict):
        return {name: _filled(value, variables) for name, value in part.items()}
    if isinstance(part, list):
        return [_filled(value, variables) for value in part]
    return interpolate(part, variables) if isinstance(part, str) else part


def interpolate(text: str, variables: dict[str, str]) -> str:
    """Puts values in the place of variables. Raises ``Required``."""

    def value(match: re.Match[str]) -> str:
        given = variables.get(match["name"], "")
        if not given and match["kind"] == "?":
            raise Required(f"{match['name']}: {match['text']}")
        return given or (match["text"] if match["kind"] == "-" else "")

    return VARIABLE.sub(value, text)


def required(text: str) -> set[str]:
    """Names of the variables that an operator must give."""
    return {match["name"] for match in VARIABLE.finditer(text) if match["kind"] == "?"}


def services(parsed: dict[str, Any], *, var: Path, move: Callable[[str], str]) -> dict[str, Service]:
    """The services that run the project's image. ``move`` says where a host of the file's network is in truth."""
    found = {}
    for name, service in parsed["services"].items():
        if service.get("image") != "banksync":
            continue
        environment = {key: move(str(value)) for key, value in service["environment"].items()}
        found[name] = Service(
            name=name,
            command=tuple(move(word) for word in service["command"]),
            environment={**image_environment(var), **environment},
            health=tuple(move(word) for word in service.get("healthcheck", {}).get("test", ["CMD"])[1:]),
            ends_by_itself=service["restart"] == "no",
            after=frozenset(service.get("depends_on", {})),
        )
    return found


def image_environment(var: Path) -> dict[str, str]:
    """What a container of the image has besides the file's environment."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return {"PATH": path, "HOME": str(var), "BANKSYNC_VAR": str(var), "PYTHONUNBUFFERED": "1"}


def collect_static(var: Path) -> None:
    """Runs the line of the Dockerfile that collects the static files."""
    joined = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    [line] = [line for line in joined.splitlines() if line.startswith("RUN") and "collectstatic" in line]
    words = shlex.split(line.removeprefix("RUN"))
    given = dict(word.split("=", 1) for word in words if re.match(r"[A-Z_]+=", word))
    command = words[len(given) :]
    done = subprocess.run(
        command, cwd=ROOT, env={**image_environment(var), **given}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
