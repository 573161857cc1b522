"""XML out of a stranger's hands: read safely, piece by piece, each element knowing its line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import XMLParser
from django.utils.translation import gettext as _

from statements.imports.facts import FileRefused

_DEEPEST = 60
_CHUNK = 65_536


@dataclass(slots=True)
class Element:
    """An element by its local name: banks differ in prefixes and versions of the namespace, not in names."""

    name: str
    namespace: str
    line: int
    attributes: dict[str, str]
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def first(self, *path: str) -> Element | None:
        """The first element down this path of names."""
        node: Element | None = self
        for name in path:
            node = next((child for child in node.children if child.name == name), None) if node else None
        return node

    def all(self, *path: str) -> list[Element]:
        """Every element down this path of names."""
        nodes = [self]
        for name in path:
            nodes = [child for node in nodes for child in node.children if child.name == name]
        return nodes

    def value(self, *path: str) -> str:
        """The text at the end of the path, stripped; "" where there is none."""
        node = self.first(*path)
        return node.text.strip() if node else ""

    def plain(self) -> object:
        """As it is kept for the technical view."""
        if not self.children:
            return self.text.strip()
        found: dict[str, Any] = {}
        for child in self.children:
            found.setdefault(child.name, []).append(child.plain())
        return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def read(content: bytes, *, pieces: str, handle: Callable[[Element, Element], None]) -> Element:
    """The document's root, without the elements named ``pieces``: those go to ``handle(parent, piece)`` one by one.

    So a long file is never in memory as a whole. Raises ``FileRefused`` for what is no XML, and for entities and
    document types, which no bank sends and every attack needs.
    """
    builder = _Builder(pieces, handle)
    parser = XMLParser(target=builder, forbid_dtd=True)
    builder.line = lambda: int(parser.parser.CurrentLineNumber)
    try:
        for start in range(0, len(content), _CHUNK):
            parser.feed(content[start : start + _CHUNK])
        parser.close()
    except ParseError as error:
        raise FileRefused(error.position[0], _("this is not well-formed XML; the file may be cut off.")) from None
    except DefusedXmlException:
        raise FileRefused(builder.line(), _("the file defines a document type or entities: it is not taken.")) from None
    except (LookupError, ValueError):
        raise FileRefused(1, _("the file names an encoding that cannot be read.")) from None
    if builder.root is None:
        raise FileRefused(1, _("the file is empty."))
    return builder.root


class _Builder:
    """What the parser tells of each tag, made into elements."""

    def __init__(self, pieces: str, handle: Callable[[Element, Element], None]) -> None:
        self.pieces = pieces
        self.handle = handle
        self.root: Element | None = None
        self.stack: list[Element] = []
        self.line: Callable[[], int] = lambda: 1

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        namespace, _brace, name = tag.rpartition("}")
        element = Element(name, namespace.lstrip("{"), self.line(), attributes)
        if not self.stack:
            self.root = element
        elif len(self.stack) > _DEEPEST:
            raise FileRefused(element.line, _("the file is nested too deeply."))
        else:
            self.stack[-1].children.append(element)
        self.stack.append(element)

    def data(self, text: str) -> None:
        if self.stack:
            self.stack[-1].text += text

    def end(self, tag: str) -> None:
        element = self.stack.pop()
        if element.name == self.pieces and self.stack:
            parent = self.stack[-1]
            parent.children.pop()
            self.handle(parent, element)

    def close(self) -> None:
        """The parser asks for a result; it is ``root``."""
