"""Import a file: upload, the columns of a CSV file, preview, result."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from companies.access import company_of, company_required
from companies.models import User
from statements.forms_files import ColumnsForm, UploadForm
from statements.imports.columns import DELIMITERS, ColumnMapping, guess, sample
from statements.imports.facts import FileRefused
from statements.models import ImportFile
from statements.refusal import Refused
from statements.services import file_import, file_reading
from statements.views.finding import my_journal

FILES_SHOWN = 20


@require_http_methods(["GET", "POST"])
@company_required
def import_file(request: HttpRequest, journal_id: int) -> HttpResponse:
    """Step 1: choose the file. What is no bank file is refused here."""
    journal = my_journal(request, journal_id)
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    problem = ""
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            file = file_import.upload(journal, upload.read(), file_name=upload.name, person=cast(User, request.user))
        except (FileRefused, Refused) as refusal:
            problem = str(refusal)
        else:
            return redirect("import_preview" if file_reading.is_mapped(file) else "import_columns", file.pk)
    context = {
        "form": form,
        "journal": journal,
        "problem": problem,
        "files": journal.import_files.taken().select_related("person").defer("content")[:FILES_SHOWN],
    }
    return render(request, "statements/import_file.html", context, status=422 if problem or form.errors else 200)


@require_http_methods(["GET", "POST"])
@company_required
def import_columns(request: HttpRequest, file_id: int) -> HttpResponse:
    """Step 2, for CSV alone: which column says what."""
    file = _my_file(request, file_id)
    if file.imported_at or file.format != "CSV":
        return redirect("import_preview", file.pk)
    mapping = file_reading.mapping_of(file)
    content = bytes(file.content or b"")
    delimiter = request.POST.get("delimiter", mapping.delimiter)
    if delimiter != mapping.delimiter and delimiter in DELIMITERS:
        # Other columns altogether: they are shown before anything is said of them.
        mapping = guess(content, delimiter=delimiter)
        file_reading.choose_mapping(file, mapping)
        form = ColumnsForm(mapping=mapping, rows=_sample(content, mapping))
        return _columns_page(request, file, form)
    form = ColumnsForm(request.POST or None, mapping=mapping, rows=_sample(content, mapping))
    if request.method == "POST" and form.is_valid():
        file_reading.choose_mapping(file, form.chosen())
        return redirect("import_preview", file.pk)
    return _columns_page(request, file, form)


@require_http_methods(["GET", "POST"])
@company_required
def import_preview(request: HttpRequest, file_id: int) -> HttpResponse:
    """Step 3: what would become of the file; the button does exactly that."""
    file = _my_file(request, file_id)
    if file.imported_at:
        return redirect("import_result", file.pk)
    if not file_reading.is_mapped(file):
        return redirect("import_columns", file.pk)
    any_account = (request.POST or request.GET).get("any_account") == "yes"
    context: dict[str, Any] = {"file": file, "journal": file.journal, "any_account": any_account}
    try:
        if request.method == "POST":
            file_import.take(file, person=cast(User, request.user), any_account=any_account)
            return redirect("import_result", file.pk)
        context["outcome"] = file_import.preview(file, any_account=any_account)
        context["earlier"] = file_import.earlier(file)
    except file_reading.OtherAccount as refusal:
        context |= {"problem": str(refusal), "is_other_account": True}
    except (FileRefused, Refused) as refusal:
        context["problem"] = str(refusal)
    return render(request, "statements/import_preview.html", context, status=422 if "problem" in context else 200)


@require_GET
@company_required
def import_result(request: HttpRequest, file_id: int) -> HttpResponse:
    """Step 4: what became of the file."""
    file = _my_file(request, file_id)
    if not file.imported_at:
        return redirect("import_preview", file.pk)
    return render(request, "statements/import_result.html", {"file": file, "journal": file.journal})


def _my_file(request: HttpRequest, file_id: int) -> ImportFile:
    mine = ImportFile.objects.filter(journal__company=company_of(request))
    return get_object_or_404(mine.select_related("journal__company", "journal__account", "person"), pk=file_id)


def _sample(content: bytes, mapping: ColumnMapping) -> list[list[str]]:
    """The first rows; none where a row cannot be read, which the preview says with its line."""
    try:
        return sample(content, mapping)
    except FileRefused:
        return []


def _columns_page(request: HttpRequest, file: ImportFile, form: ColumnsForm) -> HttpResponse:
    context = {
        "form": form,
        "file": file,
        "journal": file.journal,
        "rows": _sample(bytes(file.content or b""), form.mapping),
        "header": form.mapping.header,
    }
    return render(request, "statements/import_columns.html", context, status=422 if form.errors else 200)
