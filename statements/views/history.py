"""Fetching from an earlier day on: what it brings, and doing it."""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from companies.access import company_required
from providers.errors import FeedError
from statements.forms import ReadFromForm
from statements.models import Journal, SyncRun
from statements.refusal import Refused
from statements.services import history, preview
from statements.services.preview import Preview
from statements.views.fetching import ask_for_fetch
from statements.views.finding import my_journal


@require_http_methods(["GET", "POST"])
@company_required
def read_from(request: HttpRequest, journal_id: int) -> HttpResponse:
    """Shows what reading from a day on brings (``preview``), or asks for the fetch (``fetch``)."""
    related = ("company", "account__connection__company", "account__connection__institution")
    journal = my_journal(request, journal_id, *related)
    initial = {"first_day": timezone.localdate() - dt.timedelta(days=365)}
    form = ReadFromForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method != "POST" or not form.is_valid():
        return _page(request, journal, form)
    try:
        if "fetch" not in request.POST:
            return _page(request, journal, form, found=preview.fetch_from(journal, form.cleaned_data["first_day"]))
        connection = history.read_from(journal, form.cleaned_data["first_day"])
    except Refused as refusal:
        return _page(request, journal, form, problem=str(refusal))
    except FeedError as error:
        return _page(request, journal, form, error=error)
    run = ask_for_fetch(request, connection, trigger=SyncRun.Trigger.PERSON)
    return redirect("run", run.pk)


def _page(
    request: HttpRequest,
    journal: Journal,
    form: ReadFromForm,
    *,
    found: Preview | None = None,
    problem: str = "",
    error: FeedError | None = None,
) -> HttpResponse:
    context = {"journal": journal, "form": form, "preview": found, "problem": problem, "error": error}
    status = 422 if problem or form.errors else 200
    return render(request, "statements/read_from.html", context, status=status)
