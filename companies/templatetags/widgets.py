"""What the templates of form fields need: a page shows a dozen of them, each with a dozen attributes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def attributes(attrs: Mapping[str, Any]) -> SafeString:
    """``<input{% attributes widget.attrs %}>``: what ``django/forms/widgets/attrs.html`` writes, in one go."""
    return SafeString(
        "".join(
            [
                f" {name}" if value is True else f' {name}="{conditional_escape(str(value))}"'
                for name, value in attrs.items()
                if value is not False
            ]
        )
    )
