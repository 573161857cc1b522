"""Find Duplicate Transactions: each group with its first one marked, to keep or to delete."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from companies.access import company_required
from statements.forms import SinceForm
from statements.models import Journal
from statements.refusal import Refused
from statements.services import duplicates
from statements.views.finding import my_journal

# As many groups as one looks at in one go; the next ones follow when these are decided.
GROUPS_SHOWN = 50


@require_GET
@company_required
def find_duplicates(request: HttpRequest, journal_id: int) -> HttpResponse:
    """What looks like a duplicate from a chosen day on (``?since=``)."""
    return _page(request, my_journal(request, journal_id))


@require_POST
@company_required
def keep(request: HttpRequest, journal_id: int) -> HttpResponse:
    """These are real ones: a group by its ``key``, or a line that the provider ``flagged``."""
    journal = my_journal(request, journal_id)
    flagged = request.POST.get("flagged", "")
    try:
        if flagged.isdecimal():
            duplicates.keep_flagged(journal, int(flagged))
        else:
            duplicates.keep(journal, request.POST.get("key", ""), person=request.user)  # type: ignore[arg-type]
    except Refused as refusal:
        return _page(request, journal, problem=str(refusal))
    messages.success(request, _("Kept. You are not asked about these again."))
    return _again(request, journal)


@require_POST
@company_required
def delete(request: HttpRequest, journal_id: int) -> HttpResponse:
    """Takes the chosen lines (``line``) out for good."""
    journal = my_journal(request, journal_id)
    chosen = [int(pk) for pk in request.POST.getlist("line") if pk.isdecimal()]
    try:
        count = duplicates.delete(journal, chosen, person=request.user)  # type: ignore[arg-type]
    except Refused as refusal:
        return _page(request, journal, problem=str(refusal))
    message = ngettext(
        "%(n)d line was deleted. No fetch brings it back.",
        "%(n)d lines were deleted. No fetch brings them back.",
        count,
    )
    messages.success(request, message % {"n": count})
    return _again(request, journal)


def _page(request: HttpRequest, journal: Journal, *, problem: str = "") -> HttpResponse:
    form = SinceForm(request.POST or request.GET)
    found = None
    if form.is_valid():
        found = duplicates.find(journal, since=form.cleaned_data["since"])
    context = {
        "journal": journal,
        "form": form,
        "since": form.cleaned_data["since"].isoformat() if found else "",
        "found": found,
        "groups": found.groups[:GROUPS_SHOWN] if found else [],
        "problem": problem,
    }
    status = 422 if problem or form.errors else 200
    return render(request, "statements/duplicates.html", context, status=status)


def _again(request: HttpRequest, journal: Journal) -> HttpResponse:
    form = SinceForm(request.POST)
    since: dt.date | None = form.cleaned_data["since"] if form.is_valid() else None
    return redirect(reverse("duplicates", args=[journal.pk]) + (f"?since={since.isoformat()}" if since else ""))
