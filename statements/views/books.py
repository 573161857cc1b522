"""Journals and their lines."""

from __future__ import annotations

from itertools import groupby

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from companies.access import company_of, company_required
from statements import queries
from statements.forms import JournalForm
from statements.models import Journal, StatementLine
from statements.models.journal import JournalQuerySet
from statements.services import journals


@require_GET
@company_required
def journal_list(request: HttpRequest) -> HttpResponse:
    """Every journal with its balance and its proof."""
    return render(request, "statements/journal_list.html", {"cards": queries.journal_cards(company_of(request))})


@require_GET
@company_required
def line_list(request: HttpRequest, journal_id: int) -> HttpResponse:
    """The bank reconciliation view: lines newest first under their months. As htmx asks, only the next rows."""
    journal = get_object_or_404(queries.with_balance(_my_journals(request)), pk=journal_id)
    text = request.GET.get("q", "")
    before = request.GET.get("before", "")
    page = queries.line_page(journal, text=text, before=before)
    context = {
        "journal": journal,
        "proof": queries.proof_of(journal),
        "months": [(month, list(lines)) for month, lines in groupby(page.lines, key=lambda line: line.statement)],
        "older": page.older,
        "continues": page.continues,
        "before": before,
        "q": text,
    }
    template = "statements/_line_rows.html" if getattr(request, "htmx", False) else "statements/line_list.html"
    return render(request, template, context)


@require_GET
@company_required
def line_page(request: HttpRequest, line_id: int) -> HttpResponse:
    """All facts of one line and where it came from. As htmx asks, only the panel."""
    mine = StatementLine.objects.filter(journal__company=company_of(request))
    line = get_object_or_404(mine.select_related("journal", "statement", "run"), pk=line_id)
    template = "statements/_line_panel.html" if getattr(request, "htmx", False) else "statements/line_page.html"
    return render(request, template, {"line": line})


@require_http_methods(["GET", "POST"])
@company_required
def new_journal(request: HttpRequest) -> HttpResponse:
    """Add new bank: a journal for a bank that is not listed."""
    journal = Journal(company=company_of(request), currency=company_of(request).currency)
    form = JournalForm(request.POST or None, instance=journal)
    if request.method == "POST" and form.is_valid():
        journals.add(form.instance)
        messages.success(request, _("The journal %(name)s was made.") % {"name": form.instance.name})
        return redirect("line_list", form.instance.pk)
    return render(request, "statements/journal_form.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@company_required
def edit_journal(request: HttpRequest, journal_id: int) -> HttpResponse:
    """A journal's own facts."""
    journal = get_object_or_404(_my_journals(request), pk=journal_id)
    form = JournalForm(request.POST or None, instance=journal)
    if request.method == "POST" and form.is_valid():
        journals.change(form.instance)
        messages.success(request, _("The journal was changed."))
        return redirect("line_list", journal.pk)
    context = {"form": form, "journal": journal}
    return render(request, "statements/journal_form.html", context, status=422 if form.errors else 200)


def _my_journals(request: HttpRequest) -> JournalQuerySet:
    return Journal.objects.filter(company=company_of(request))
