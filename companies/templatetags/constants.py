"""Tags of Django's own that come to the same each time: words, addresses and files that a template names outright.

A page has fifty of them, and working each out anew takes longer than all that differs on it. In their places they stand
for Django's tags of the same names, and hand on to these whatever is not constant.
"""

from __future__ import annotations

from django import template
from django.template import Context, defaulttags
from django.template.base import FilterExpression, Node, Parser, Token
from django.templatetags import i18n
from django.templatetags.static import do_static
from django.utils.translation import get_language

register = template.Library()


class Once(Node):
    """Renders a node once for each language."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.kept: dict[str | None, str] = {}

    def render(self, context: Context) -> str:
        """What came of the node the first time, in the language that is spoken."""
        language = get_language()
        if language not in self.kept:
            self.kept[language] = self.node.render(context)
        return self.kept[language]


@register.tag
def translate(parser: Parser, token: Token) -> Node:
    """``{% translate "Journals" %}``."""
    node = i18n.do_translate(parser, token)
    is_plain = not (node.noop or node.asvar or node.message_context)
    return Once(node) if is_plain and _is_constant(node.filter_expression) else node


@register.tag
def url(parser: Parser, token: Token) -> Node:
    """``{% url 'dashboard' %}``: without arguments."""
    node = defaulttags.url(parser, token)
    is_plain = not (node.args or node.kwargs or node.asvar)
    return Once(node) if is_plain and _is_constant(node.view_name) else node


@register.tag
def static(parser: Parser, token: Token) -> Node:
    """``{% static 'js/frame.js' %}``."""
    node = do_static(parser, token)
    return Once(node) if not node.varname and _is_constant(node.path) else node


def _is_constant(expression: FilterExpression) -> bool:
    """Whether it is a quoted text, and nothing is done to it."""
    variable = expression.var
    literal = variable if isinstance(variable, str) else variable.literal
    return isinstance(literal, str) and not expression.filters
