"""Find Missing Transactions: the bank is asked, what the books lack is shown, and the chosen ones are imported."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from companies.access import company_required
from connections.services import chatter
from connections.wording import counts
from providers.errors import FeedError
from statements.forms import SinceForm
from statements.models import Journal
from statements.refusal import Refused
from statements.services import missing
from statements.views.finding import my_journal


@require_http_methods(["GET", "POST"])
@company_required
def find_missing(request: HttpRequest, journal_id: int) -> HttpResponse:
    """From which day on to look; as the form is sent, asks the bank and shows what the books lack."""
    journal = my_journal(request, journal_id, "account__connection__institution", "company")
    if request.method != "POST":
        return _page(request, journal, SinceForm({}))
    return _search(request, journal)


@require_POST
@company_required
def take(request: HttpRequest, journal_id: int) -> HttpResponse:
    """Imports the chosen ones (``key``), asking the bank for them once more."""
    journal = my_journal(request, journal_id, "account__connection__institution", "company")
    form = SinceForm(request.POST)
    if not form.is_valid():
        return _page(request, journal, form)
    try:
        result = missing.take(
            journal,
            set(request.POST.getlist("key")),
            since=form.cleaned_data["since"],
            person=request.user,  # type: ignore[arg-type]  # sign-in is required
        )
    except Refused as refusal:
        return _search(request, journal, problem=str(refusal))
    except FeedError as error:
        return _failed(request, journal, form, error=error)
    messages.success(
        request,
        _("Imported: %(counts)s.")
        % {"counts": counts({"new": result.new, "known": result.known, "held": result.held})},
    )
    return redirect("line_list", journal.pk) if result.new else redirect("review_list")


def _search(request: HttpRequest, journal: Journal, *, problem: str = "") -> HttpResponse:
    form = SinceForm(request.POST)
    if not form.is_valid():
        return _page(request, journal, form)
    try:
        found = missing.find(journal, since=form.cleaned_data["since"])
    except Refused as refusal:
        return _page(request, journal, form, problem=str(refusal))
    except FeedError as error:
        return _failed(request, journal, form, error=error)
    return _page(request, journal, form, found=found, problem=problem)


def _failed(request: HttpRequest, journal: Journal, form: SinceForm, *, error: FeedError) -> HttpResponse:
    if journal.account is not None:
        chatter.write_error(journal.account.connection, error, person=request.user)  # type: ignore[arg-type]
    return _page(request, journal, form, error=error)


def _page(
    request: HttpRequest,
    journal: Journal,
    form: SinceForm,
    *,
    found: missing.Missing | None = None,
    problem: str = "",
    error: FeedError | None = None,
) -> HttpResponse:
    connection = journal.account.connection if journal.account else None
    context = {
        "journal": journal,
        "connection": connection,
        "form": form,
        "found": found,
        "since": form.cleaned_data["since"].isoformat() if found else "",
        "problem": problem,
        "error": error,
    }
    return render(request, "statements/missing.html", context, status=422 if problem or form.errors else 200)
