"""XML written piece by piece."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

# What XML 1.0 cannot hold, even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def element(name: str, *inside: str, **attributes: str) -> str:
    """An element around XML that is written already; "" when there is nothing inside."""
    content = "".join(inside)
    said = "".join(f' {key}="{escape(value)}"' for key, value in attributes.items())
    return f"<{name}{said}>{content}</{name}>" if content else ""


def text(value: str, longest: int = 0) -> str:
    """A text as it may stand in XML, cut where its place in the format is shorter."""
    clean = _FORBIDDEN.sub("", value)
    return escape(clean[:longest].rstrip() if longest else clean)
