"""Lines and statements as files, sent while they are written."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from companies.access import company_of, company_required
from statements.exports.extract import Extract, of_journal, of_statement
from statements.exports.formats import FORMATS
from statements.forms_files import ExportForm
from statements.models import Journal, Statement
from statements.refusal import Refused
from statements.views.finding import my_journal


@require_GET
@company_required
def export_journal(request: HttpRequest, journal_id: int) -> HttpResponseBase:
    """Asks for format and days; with a format in the address it sends the file."""
    journal = my_journal(request, journal_id, "company")
    form = ExportForm(request.GET if "format" in request.GET else None)
    problem = ""
    if form.is_bound and form.is_valid():
        chosen = form.cleaned_data
        extract = of_journal(journal, first_day=chosen["first_day"], last_day=chosen["last_day"])
        try:
            return _file(extract, chosen["format"])
        except Refused as refusal:
            problem = str(refusal)
    return _page(request, journal, form=form, problem=problem)


@require_GET
@company_required
def export_statement(request: HttpRequest, statement_id: int, format_name: str) -> HttpResponseBase:
    """One statement in one of the formats."""
    mine = Statement.objects.filter(journal__company=company_of(request)).select_related("journal__company")
    statement = get_object_or_404(mine, pk=statement_id)
    if format_name not in FORMATS:
        raise Http404
    try:
        return _file(of_statement(statement), format_name)
    except Refused as refusal:
        return _page(request, statement.journal, form=ExportForm(), problem=str(refusal))


def _page(request: HttpRequest, journal: Journal, *, form: ExportForm, problem: str) -> HttpResponse:
    context = {"form": form, "journal": journal, "problem": problem, "formats": FORMATS.values()}
    return render(request, "statements/export.html", context, status=422 if problem or form.errors else 200)


def _file(extract: Extract, name: str) -> StreamingHttpResponse:
    chosen = FORMATS[name]
    # Before the answer begins: what refuses must still be able to say so.
    content = chosen.content(extract)
    return StreamingHttpResponse(
        content,
        content_type=chosen.media_type,
        headers={"Content-Disposition": f'attachment; filename="{extract.file_name}.{chosen.ending}"'},
    )
