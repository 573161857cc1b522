"""The lines that hold the house up: where imports go, how long a file may be, which doors lead out."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("banksync", "companies", "connections", "foundation", "providers", "proxy", "sandbox", "statements")
LONGEST_FILE = 400
LONGEST_FUNCTION = 50
# The only doors that send requests: app to proxy, proxy to provider, and the pretend providers' messages.
DOORS = {"providers/client.py", "providers/http.py", "sandbox/conditions/outbox.py"}
SENDERS = {"requests", "urllib3", "http.client", "urllib.request", "httpx"}
VAGUE = {"utils", "helpers", "common", "manager", "managers", "misc"}
# A setting in words: site.text("X", …), environment.flag("X", …), env.str("X", …).
READS = re.compile(r"(?:site|environment)\.(?:text|texts|number|flag|secret|mail)\(\s*\"([A-Z_]+)\"")
READS_SHARED = re.compile(r"\benv\.(?:str|int|bool|list)\(\s*\"([A-Z_]+)\"")
PREFIXES = {"banksync": "", "proxy": "PROXY_", "sandbox": "SANDBOX_"}


def tracked(*patterns: str) -> list[Path]:
    """Files of the repository, new ones too, that match; migrations are made by a program and do not count."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return [ROOT / name for name in listed if "/migrations/" not in name and (ROOT / name).exists()]


def of_rooms() -> list[Path]:
    return tracked(*(f"{room}/**.py" for room in ROOMS))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports(node: ast.AST) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Import):
            yield from (alias.name for alias in inner.names)
        elif isinstance(inner, ast.ImportFrom) and inner.module:
            yield inner.module


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_imports_go_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert lint_imports(no_cache=True) == 0


def test_nothing_of_the_project_is_imported_inside_a_function() -> None:
    inside = [
        f"{name(path)}:{function.lineno} imports {module}"
        for path in of_rooms()
        for function in functions(path)
        for module in imports(function)
        if module.split(".")[0] in ROOMS
    ]
    assert inside == []


def test_no_file_is_longer_than_one_subject_needs() -> None:
    lengths = {name(path): len(path.read_text().splitlines()) for path in tracked("*.py", "*.html", "*.sh")}
    assert {path: length for path, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_function_is_longer_than_a_page() -> None:
    long = [
        f"{name(path)}:{function.lineno} {function.name}"
        for path in tracked("*.py")
        for function in functions(path)
        if (function.end_lineno or 0) - function.lineno >= LONGEST_FUNCTION
    ]
    assert long == []


def test_only_the_known_doors_send_requests() -> None:
    senders = {name(path) for path in of_rooms() if SENDERS & set(imports(tree(path)))}
    assert senders <= DOORS


@pytest.mark.parametrize("call", ["float("])
def test_money_never_passes_through_a_binary_fraction(call: str) -> None:
    rooms = tracked("statements/**.py", "connections/**.py", "providers/**.py", "foundation/money.py", "sandbox/**.py")
    found = [
        f"{name(path)}:{number}"
        for path in rooms
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(rf"\b{re.escape(call)}", line)
    ]
    assert found == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        name(path) for path in tracked("*.py") if path.read_text().strip() and ast.get_docstring(tree(path)) is None
    ]
    assert silent == []


def test_every_module_has_a_name_of_its_own() -> None:
    assert [name(path) for path in tracked("*.py") if VAGUE & {path.stem, *path.relative_to(ROOT).parts}] == []


def test_every_setting_is_explained_and_every_explained_one_is_read() -> None:
    explained = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), flags=re.MULTILINE))
    read = {"BANKSYNC_ENV", "BANKSYNC_VAR"}
    for site, prefix in PREFIXES.items():
        source = (ROOT / site / "settings.py").read_text()
        read |= {f"{prefix}{variable}" for variable in READS.findall(source)} | set(READS_SHARED.findall(source))
        read |= {f"{prefix}DATABASE_URL", f"{prefix}DEBUG"}
    of_scripts = {"BANKSYNC_PORT", "PROXY_PORT", "SANDBOX_PORT", "CHROMIUM", "POSTGRES_PASSWORD"}
    assert explained == read | of_scripts


def test_every_dependency_is_explained() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    direct = set(re.findall(r"^  \"([A-Za-z0-9-]+)", project.split("[tool.")[0], flags=re.MULTILINE))
    explained = (ROOT / "docs" / "dependencies.md").read_text()
    assert {package for package in direct if package not in explained} == set()
