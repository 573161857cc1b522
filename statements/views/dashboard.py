"""Is everything in, and does it agree?"""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_GET

from companies.access import company_of, company_required
from connections.queries import number_of_institutions
from statements import queries
from statements.context import waiting_of


@require_GET
@company_required
def dashboard(request: HttpRequest) -> HttpResponse:
    """One card per journal. What a fetch brought is said in full until the next visit: ``?since=`` says when this one
    began."""
    since = _begun(request) or timezone.now()
    cards = queries.journal_cards(company_of(request), waiting_of(request), results_since=since)
    charts = queries.balance_charts(cards, today=timezone.localdate())
    context = {
        "cards": [(card, charts.get(card.journal.pk)) for card in cards],
        "since": since.isoformat(),
        "is_fetching": any(card.open_run for card in cards),
        "bank_count": number_of_institutions(),
    }
    return render(request, "statements/dashboard.html", context)


def _begun(request: HttpRequest) -> dt.datetime | None:
    try:
        begun = parse_datetime(request.GET.get("since", ""))
    except ValueError:
        return None
    return begun if begun and timezone.is_aware(begun) else None
