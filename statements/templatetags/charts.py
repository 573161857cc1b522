"""A journal's balance as a small picture, with what it shows in words."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from companies.templatetags.formats import day, money
from companies.templatetags.stamps import stamp
from statements.charts import Chart

register = template.Library()
FILL = "id path first first_day last lowest lowest_day highest highest_day"


@register.simple_tag
def balance_chart(chart: Chart, journal_id: int, currency: str) -> SafeString:
    """``{% balance_chart chart journal.pk journal.currency %}``: a dashboard has one for each journal."""
    return stamp(
        "statements/_chart.html",
        fill=FILL,
        id=journal_id,
        path=chart.path,
        first=money(chart.first, currency),
        first_day=day(chart.first_day),
        last=money(chart.last, currency),
        lowest=money(chart.lowest, currency),
        lowest_day=day(chart.lowest_day),
        highest=money(chart.highest, currency),
        highest_day=day(chart.highest_day),
    )
