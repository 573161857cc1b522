"""Parts that a page repeats for each of many things, and that differ in numbers and names alone."""

from __future__ import annotations

import re
from typing import Any

from django import template
from django.template import RequestContext
from django.template.loader import get_template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

register = template.Library()

# Each stands for the value with its place: figures, so that addresses are made of them too, that nothing else is.
MARKS = tuple(f"730195826401730000{place}" for place in range(10))
MARK = re.compile(r"730195826401730000(\d)")


@register.simple_tag(takes_context=True)
def stamp(context: RequestContext, partial: str, **values: Any) -> SafeString:
    """``{% stamp "statements/_card_menu.html" journal=journal.pk name=journal.name %}``: an include that is rendered
    once for each page and then filled in.

    The partial may show ``values`` and ask whether one is there, nothing else; all else must be the same each time.
    """
    request = context["request"]
    made: dict[tuple[str, ...], list[str]] = request.__dict__.setdefault("stamps", {})
    given = [key for key, value in values.items() if value]
    key = (partial, *given)
    if key not in made:
        with context.push(**(values | dict(zip(given, MARKS, strict=False)))):
            made[key] = MARK.split(get_template(partial).template.render(context))  # type: ignore[attr-defined]
    texts = [conditional_escape(values[key]) for key in given]
    pieces = made[key]
    # Every second piece is the place of a value.
    return SafeString("".join(texts[int(piece)] if at % 2 else piece for at, piece in enumerate(pieces)))
