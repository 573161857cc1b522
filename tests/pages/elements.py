"""A page as a tree of elements, so that a test can look for what is there and not for a piece of text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


@dataclass
class Element:
    """A tag with its attributes; ``children`` are elements and text."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element | str] = field(default_factory=list)

    def __iter__(self) -> Iterator[Element]:
        """This element and all below it, as they stand in the page."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child

    @property
    def text(self) -> str:
        """What is read, with every run of white space as one space."""
        parts = [child if isinstance(child, str) else child.text for child in self.children]
        return " ".join(" ".join(parts).split())

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """Every element of this kind with these attributes (``hx_get`` stands for ``hx-get``)."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [found for found in self if found.tag == tag and wanted.items() <= found.attributes.items()]

    def one(self, tag: str, **attributes: str) -> Element:
        """The only such element."""
        [found] = self.all(tag, **attributes)
        return found

    def labelled(self, name: str) -> Element:
        """The control with this name."""
        return next(found for found in self if found.attributes.get("name") == name)

    def described(self, control: Element) -> str:
        """What stands beside a control: the text of the elements that its ``aria-describedby`` names."""
        ids = control.attributes.get("aria-describedby", "").split()
        return " ".join(found.text for id_ in ids for found in self if found.attributes.get("id") == id_)


def read(html: str | bytes) -> Element:
    """The root of the page."""
    reader = _Reader()
    reader.feed(html if isinstance(html, str) else html.decode())
    return reader.root


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("document")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open[-1].children.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        while len(self._open) > 1:
            if self._open.pop().tag == tag:
                return

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)
