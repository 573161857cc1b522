"""Pictures out of the one sheet of icons; every template has the tag without loading it."""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """``{% icon "refresh" %}``: beside words that say the same, so it says nothing aloud. Made once for each name."""
    return _icon(name)


@lru_cache(maxsize=128)
def _icon(name: str) -> SafeString:
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("icons.svg"),
        name,
    )
