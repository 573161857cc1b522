"""Journals and their lines."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from companies.access import company_of, company_required
from statements import browsing, queries
from statements.context import waiting_of
from statements.forms import JournalForm
from statements.forms_lines import asked_filter
from statements.models import Journal
from statements.services import journals
from statements.standing import standing_of
from statements.views.beside import asked_line, line_of
from statements.views.finding import my_journal


@require_GET
@company_required
def journal_list(request: HttpRequest) -> HttpResponse:
    """Every journal with its balance and its proof."""
    return render(
        request,
        "statements/journal_list.html",
        {"cards": queries.journal_cards(company_of(request), waiting_of(request))},
    )


@require_GET
@company_required
def line_list(request: HttpRequest, journal_id: int) -> HttpResponse:
    """The bank reconciliation view: lines newest first under their months, ``?line=`` beside them.

    As htmx asks, only what the filter changes, or the next rows (``?before=``).
    """
    journal = queries.journal_with_feed(company_of(request), journal_id)
    if journal is None:
        raise Http404
    chosen, problems = asked_filter(request.GET)
    before = request.GET.get("before", "")
    context = {
        "journal": journal,
        "page": browsing.line_page(journal, chosen, before=before),
        "before": before,
        "chosen": chosen,
        "query": _without(request.GET, "before", "line"),
    }
    is_partial = getattr(request, "htmx", False)
    if is_partial and before:
        return render(request, "statements/_line_rows.html", context)
    context |= {"problems": problems, "totals": browsing.totals(journal, chosen)}
    if is_partial:
        return render(request, "statements/_lines_found.html", context)
    standing = standing_of(journal)
    context |= {
        "proof": standing.proof,
        "standing": standing,
        "connection": journal.account.connection if journal.account else None,
        "waiting": waiting_of(request).get(journal.pk, 0),
        "line": asked_line(request),
    }
    return render(request, "statements/line_list.html", context)


@require_GET
@company_required
def line_page(request: HttpRequest, line_id: int) -> HttpResponse:
    """All facts of one line and where it came from. As htmx asks, only the panel."""
    line = line_of(request, line_id)
    template = "statements/_line_panel.html" if getattr(request, "htmx", False) else "statements/line_page.html"
    return render(request, template, {"line": line})


@require_http_methods(["GET", "POST"])
@company_required
def new_journal(request: HttpRequest) -> HttpResponse:
    """Add new bank: a journal for a bank that is not listed; what was typed in the search for it is kept."""
    typed = request.GET.get("bank", "")[:100]
    journal = Journal(company=company_of(request), currency=company_of(request).currency, name=typed, bank_name=typed)
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
    journal = my_journal(request, journal_id)
    form = JournalForm(request.POST or None, instance=journal)
    if request.method == "POST" and form.is_valid():
        journals.change(form.instance)
        messages.success(request, _("The journal was changed."))
        return redirect("line_list", journal.pk)
    context = {"form": form, "journal": journal}
    return render(request, "statements/journal_form.html", context, status=422 if form.errors else 200)


def _without(sent: QueryDict, *names: str) -> str:
    """The address's query without these and without what is empty, to be continued."""
    return urlencode([(name, value) for name, value in sent.items() if value and name not in names])
