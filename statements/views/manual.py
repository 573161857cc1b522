"""Lines entered by hand, lines taken out and put back, and the balance a journal starts from."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from companies.access import company_of, company_required
from statements.forms import ManualLineForm, OpeningForm
from statements.models import Journal, RemovedLine, StatementLine
from statements.refusal import Refused
from statements.services import manual
from statements.views.finding import my_journal

REMOVED_PER_PAGE = 50


@require_http_methods(["GET", "POST"])
@company_required
def add_line(request: HttpRequest, journal_id: int) -> HttpResponse:
    """Enters a line by hand."""
    journal = my_journal(request, journal_id)
    form = ManualLineForm(_sent(request), initial={"booking_date": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            manual.add(journal, **form.cleaned_data)
        except Refused as refusal:
            form.add_error("booking_date", str(refusal))
        else:
            messages.success(request, _("The line was booked."))
            return redirect("line_list", journal.pk)
    return _form_page(request, journal, form, title=_("Add a line"), button=_("Book it"))


@require_http_methods(["GET", "POST"])
@company_required
def opening(request: HttpRequest, journal_id: int) -> HttpResponse:
    """The balance that the journal starts from."""
    journal = my_journal(request, journal_id)
    initial = {"day": journal.opening_date or timezone.localdate(), "balance": journal.opening_balance}
    form = OpeningForm(_sent(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            manual.set_opening(journal, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The opening balance was changed; all balances follow it."))
            return redirect("line_list", journal.pk)
    return _form_page(request, journal, form, title=_("Opening balance"), button=_("Save"))


@require_POST
@company_required
def remove_line(request: HttpRequest, line_id: int) -> HttpResponse:
    """Takes a line out of the books."""
    mine = StatementLine.objects.filter(journal__company=company_of(request))
    line = get_object_or_404(mine.select_related("journal", "statement", "run"), pk=line_id)
    try:
        manual.remove(line, person=request.user)  # type: ignore[arg-type]  # sign-in is required
    except Refused as refusal:
        context: dict[str, Any] = {"line": line, "problem": str(refusal)}
        return render(request, "statements/line_page.html", context, status=422)
    messages.success(request, _("The line was taken out."))
    return redirect("line_list", line.journal_id)


@require_GET
@company_required
def removed_list(request: HttpRequest, journal_id: int) -> HttpResponse:
    """What was taken out of a journal and is kept from coming back."""
    return _removed_page(request, my_journal(request, journal_id))


@require_POST
@company_required
def put_back(request: HttpRequest, memory_id: int) -> HttpResponse:
    """Books a line that was taken out again."""
    mine = RemovedLine.objects.filter(journal__company=company_of(request)).select_related("journal")
    memory = get_object_or_404(mine, pk=memory_id)
    try:
        manual.put_back(memory)
    except Refused as refusal:
        return _removed_page(request, memory.journal, problem=str(refusal))
    messages.success(request, _("The line is in the books again."))
    return redirect("removed_list", memory.journal_id)


def _sent(request: HttpRequest) -> QueryDict | None:
    """What a form was sent with, also when that is nothing."""
    return request.POST if request.method == "POST" else None


def _removed_page(request: HttpRequest, journal: Journal, *, problem: str = "") -> HttpResponse:
    removed = RemovedLine.objects.filter(journal=journal).select_related("removed_by")
    page = Paginator(removed, REMOVED_PER_PAGE).get_page(request.GET.get("page"))
    context = {"journal": journal, "page": page, "problem": problem}
    return render(request, "statements/removed_list.html", context, status=422 if problem else 200)


def _form_page(request: HttpRequest, journal: Journal, form: forms.Form, *, title: str, button: str) -> HttpResponse:
    context = {"journal": journal, "form": form, "title": title, "button": button}
    return render(request, "statements/form_page.html", context, status=422 if form.errors else 200)
