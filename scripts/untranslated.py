"""Finds what people would read in English whatever their language: text that is not handed to gettext."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path

# Names are the same in every language, and so is what is printed on a key.
NAMES = frozenset(
    {"banksync", "BIC", "IBAN", "CSV", "PDF", "OFX", "JSON", "Plaid", "Salt Edge", "Ponto", "Enter", "Esc", "Tab"}
)
_READ_ALOUD = {"title", "alt", "placeholder", "aria-label", "aria-description", "summary"}
_SILENT = {"script", "style", "svg"}
_BLOCK = re.compile(r"{%\s*(blocktrans(?:late)?|comment)\b.*?{%\s*end\1\s*%}", re.DOTALL)
# A block that stands inside of an attribute of the page it goes into.
_CLASSES = re.compile(r"{%\s*block \w*class\w*\s*%}.*?{%\s*endblock\b", re.DOTALL)
_MARKUP = re.compile(r"{#.*?#}|{%.*?%}|{{.*?}}", re.DOTALL)
# A text that a tag or a filter gets in quotes: {% include "x.html" with label="Save" %}, {{ name|default:"none" }}.
_IN_TAG = re.compile(
    r"(?:\b(?:label|text|title|heading|hint|words|sentence|message|step)=|\|\w*(?:default|yesno)\w*:)\"([^\"]*)\""
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_SENTENCE = re.compile(r"^(?!SELECT|AND|WITH|INSERT|UPDATE|DELETE)[A-Z“].*[a-z] .*[a-z]", re.DOTALL)
_GETTEXT = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "pgettext", "npgettext"}
# Words for whoever runs or writes the program: logs, mistakes in the program itself, documentation.
_INWARD = {"debug", "info", "warning", "error", "exception", "critical"}
# What a provider sent amiss is said by its code (connections.failures); the exact place is for support.
_MISTAKES = {"ValueError", "TypeError", "AssertionError", "RuntimeError", "LookupError", "WrongWay", "InvalidResponse"}
# What these are given is read by people, however it begins.
_TO_PEOPLE = re.compile(r"(?:Refused|CannotLink|ValidationError)$")


def in_template(path: Path) -> list[str]:
    """What a template says outside of ``{% translate %}``: texts, and attributes that are read aloud."""
    source = _CLASSES.sub("{% ", _BLOCK.sub(" ", path.read_text()))
    quoted = [text for tag in _MARKUP.findall(source) for text in _IN_TAG.findall(tag) if _is_text(text)]
    reader = _Reader()
    reader.feed(_MARKUP.sub(" ", source))
    return [*quoted, *reader.found]


def in_module(path: Path) -> list[str]:
    """The sentences of a module that are neither handed to gettext nor meant for whoever runs the program."""
    outward = list(_outward(ast.parse(path.read_text())))
    told = {
        text
        for call in outward
        if isinstance(call, ast.Call) and _TO_PEOPLE.search(_called(call))
        for argument in call.args
        for text in _texts(_outward(argument))
        if " " in text[1] and _WORD.search(text[1])
    }
    return sorted(
        {f"{line}: {text}" for line, text in _texts(outward) if (line, text) in told or _SENTENCE.search(text)}
    )


def _texts(nodes: Iterable[ast.AST]) -> Iterator[tuple[int, str]]:
    """The line and the words of each text among the nodes."""
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value not in NAMES:
            yield node.lineno, node.value


def _outward(node: ast.AST) -> Iterator[ast.AST]:
    """The node and all below it, without docstrings and without what is translated, logged or a mistake."""
    yield node
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue
        if isinstance(child, ast.Call) and _called(child) in _GETTEXT | _MISTAKES:
            continue
        if isinstance(child, ast.Call) and _called(child) in _INWARD and _owner(child) in {"log", "logger"}:
            continue
        yield from _outward(child)


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def _owner(call: ast.Call) -> str:
    return getattr(getattr(call.func, "value", None), "id", "")


def _is_text(text: str) -> bool:
    return bool(_WORD.search(text)) and text.strip() not in NAMES


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in _SILENT
        self.found += [value for name, value in attrs if name in _READ_ALOUD and value and _is_text(value)]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT

    def handle_data(self, data: str) -> None:
        text = " ".join(data.replace("·", " ").split())
        if not self._silent and _is_text(text):
            self.found.append(text)
