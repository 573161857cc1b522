"""The filter of a journal's lines: six fields that look the same as long as nothing is asked for."""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from statements.forms_lines import LineFilterForm

register = template.Library()


@register.simple_tag
def filter_fields(sent: QueryDict) -> SafeString:
    """``{% filter_fields request.GET %}``: the fields with what was sent in them, rendered once for the same."""
    return _fields(get_language(), tuple((name, sent[name]) for name in LineFilterForm.base_fields if name in sent))


@lru_cache(maxsize=256)
def _fields(_language: str, sent: tuple[tuple[str, str], ...]) -> SafeString:
    form = LineFilterForm(dict(sent))
    return render_to_string("statements/_filter_fields.html", {"form": form, "chosen": form.chosen()})
