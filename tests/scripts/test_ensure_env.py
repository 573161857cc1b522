"""Making the environment: one clear sentence where it cannot be made, and nothing at all where it is there."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from scripts.programs import ROOT

TOOLS = ("sh", "dirname", "cat", "cksum", "mkdir", "rm", "tail")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project folder with a space in its path and nothing in it but what the script needs."""
    folder = tmp_path / "my books"
    (folder / "scripts").mkdir(parents=True)
    shutil.copy(ROOT / "scripts" / "ensure_env.sh", folder / "scripts")
    for name in ("requirements.txt", "requirements-dev.txt"):
        (folder / name).write_text(f"# {name}\n")
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        (tmp_path / "bin" / tool).symlink_to(str(shutil.which(tool)))
    return folder


def fake_python(project: Path, script: str) -> None:
    path = project.parent / "bin" / "python3"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def run(project: Path, which: str = "runtime") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "scripts/ensure_env.sh", which],
        cwd=project,
        env={"PATH": str(project.parent / "bin"), "HOME": os.environ.get("HOME", "/")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_old_python_is_one_clear_sentence(project: Path) -> None:
    fake_python(project, 'case "$1" in -V) echo "Python 3.9.2";; *) exit 1;; esac')
    done = run(project)
    assert done.returncode == 1
    assert done.stderr == (
        "banksync needs Python 3.11 or newer and found Python 3.9.2: install it, or name it with "
        "PYTHON=/path/to/python3.\n"
    )


def test_no_python_at_all_is_one_clear_sentence(project: Path) -> None:
    done = run(project)
    assert done.returncode == 1
    assert done.stderr.startswith("banksync needs Python 3.11 or newer and found none: ")


def test_a_python_without_its_venv_module_is_one_clear_sentence(project: Path) -> None:
    fake_python(project, 'case "$2" in *venv*) exit 1;; esac')
    done = run(project)
    assert done.returncode == 1
    assert done.stderr == (
        "python3 lacks its venv module: install it (on Debian and Ubuntu: apt-get install python3-venv).\n"
    )


@pytest.mark.parametrize(("which", "stamped"), [("runtime", "runtime"), ("dev", "dev"), ("runtime", "dev")])
def test_what_is_installed_already_is_left_alone(project: Path, which: str, stamped: str) -> None:
    locked = project / ("requirements-dev.txt" if stamped == "dev" else "requirements.txt")
    (project / ".venv" / "bin").mkdir(parents=True)
    (project / ".venv" / "bin" / "python").symlink_to("/bin/false")
    summed = subprocess.run(["cksum"], input=locked.read_bytes(), capture_output=True, check=True).stdout
    (project / ".venv" / f".installed-{stamped}").write_bytes(summed)
    done = run(project, which)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_changed_requirements_are_installed_again(project: Path) -> None:
    (project / ".venv").mkdir()
    (project / ".venv" / ".installed-runtime").write_text("of other requirements\n")
    assert run(project).returncode == 1, "there is no Python here, so trying to install is what fails"
