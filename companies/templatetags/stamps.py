"""Parts that many pages repeat, or one page for many things: rendered once in a process, and filled in each time."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from django import template
from django.template import Context, Template
from django.template.loader import get_template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()

# Each stands for the value with its place: figures, so that addresses are made of them too, that nothing else is.
MARKS = tuple(f"730195826401730000{place}" for place in range(10))
MARK = re.compile(r"730195826401730000(\d)")


@register.simple_tag
def stamp(partial: str, *, fill: str = "", **facts: Any) -> SafeString:
    """``{% stamp "statements/_card_menu.html" fill="journal name" journal=journal.pk name=journal.name %}``.

    The partial sees ``facts`` and the language, nothing else of the page: what comes of it is kept for all who ask
    with the same facts. Of those named in ``fill``, at most ten, it may show the value and ask whether there is one;
    they differ from one time to the next without being rendered anew. All others should have few values.
    """
    names = fill.split()
    values = {name: value for name in names if (value := facts.pop(name, None))}
    pieces = _pieces(get_template(partial).template, get_language(), tuple(values), tuple(facts.items()))  # type: ignore[attr-defined]
    texts = [conditional_escape(value) for value in values.values()]
    # Every second piece is the place of a value.
    return SafeString("".join([texts[int(piece)] if at % 2 else piece for at, piece in enumerate(pieces)]))


@lru_cache(maxsize=1024)
def _pieces(partial: Template, _language: str, given: tuple[str, ...], facts: tuple[tuple[str, Any], ...]) -> list[str]:
    """What is rendered of the partial, cut at its marks. A template that is loaded anew is another one."""
    return MARK.split(partial.render(Context({**dict(facts), **dict(zip(given, MARKS, strict=False))})))
