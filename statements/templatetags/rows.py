"""The rows of a list of lines: hundreds on a page, so they are written out here and not one tag after the other."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from companies.templatetags.formats import day, figures_in
from statements.browsing import ShownLine

register = template.Library()

# Without the spaces that only people read: with hundreds of rows they are a fifth of the page.
ROW = (
    '<tr><td class="when first">%s</td>'
    '<td class="who"><a class="plain-link" href="%s">%s</a>%s</td>'
    '<td class="num%s">%s</td><td class="num quiet running">%s</td></tr>\n'
)
TEXT = '<span class="quiet small-print%s">%s</span>'
# What banks put between a name and what follows it.
BETWEEN = " \t\n,;:/|-–·"


@register.simple_tag
def line_rows(lines: Sequence[ShownLine], currency: str, *, is_short: bool = False) -> SafeString:
    """``{% line_rows lines journal.currency %}``: a row for each line with its ``running_balance``.

    A line without a name goes by its text or its kind; ``is_short`` cuts long texts.
    """
    # Asked for once: what leads to a line differs in its number alone, and many lines are of one day.
    before, after = reverse("line", args=[0]).rsplit("0", 1)
    nameless, shortened, figure = _("No name given"), " clamp" if is_short else "", figures_in(currency)
    days = {date: escape(day(date)) for date in {line.booking_date for line in lines}}
    rows = [
        ROW
        % (
            days[line.booking_date],
            f"{before}{line.pk}{after}",
            escape(line.counterparty_name or line.remittance or line.kind or nameless),
            TEXT % (shortened, escape(text)) if line.counterparty_name and text else "",
            " amount-in" if line.amount > 0 else "",
            figure(line.amount),
            figure(line.running_balance),
        )
        for line in lines
        for text in [beyond(line.remittance, line.counterparty_name)]
    ]
    # Everything that people or banks wrote is escaped above, and nothing else is in it that could be markup.
    return SafeString("".join(rows))


@register.filter
def beyond(text: str, name: str) -> str:
    """``{{ line.remittance|beyond:line.counterparty_name }}``: a text without the name that it begins with.

    Many banks write the counterparty's name first, and it stands right above already. Part of a word is no name.
    """
    length = len(name)
    if not name or text[:length].casefold() != name.casefold() or text[length : length + 1].isalnum():
        return text
    return text[length:].lstrip(BETWEEN)
