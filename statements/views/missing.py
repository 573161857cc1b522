"""Find Missing Transactions: a worker asks the bank, what the books lack is shown, the chosen ones are imported."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from kombu.exceptions import OperationalError

from companies.access import company_required
from connections.services import chatter
from connections.wording import counts
from providers.errors import FeedError
from statements.forms import SinceForm
from statements.models import Journal, MissingSearch
from statements.refusal import Refused
from statements.services import missing, searching
from statements.tasks import PEOPLE, search_bank
from statements.views.finding import my_journal


@require_http_methods(["GET", "POST"])
@company_required
def find_missing(request: HttpRequest, journal_id: int) -> HttpResponse:
    """From which day on to look, and the last search: how far it is, or what the books lack. A form begins one."""
    journal = my_journal(request, journal_id, "account__connection__institution", "company")
    if request.method != "POST":
        return _page(request, journal)
    form = SinceForm(request.POST)
    if not form.is_valid():
        return _page(request, journal, form)
    try:
        search = searching.begin(journal, since=form.cleaned_data["since"], person=request.user)  # type: ignore[arg-type]
    except Refused as refusal:
        return _page(request, journal, form, problem=str(refusal))
    except FeedError as error:
        return _failed(request, journal, form, error=error)
    if search.state == MissingSearch.State.QUEUED:
        try:
            transaction.on_commit(partial(search_bank.apply_async, (search.pk,), queue=PEOPLE))
        except OperationalError:
            searching.forget(journal)
            return _page(
                request, journal, form, problem=_("The queue does not answer at the moment. Ask again in a while.")
            )
    return redirect("missing", journal.pk)


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
        return _page(request, journal, form, problem=str(refusal))
    except FeedError as error:
        return _failed(request, journal, form, error=error)
    searching.forget(journal)
    messages.success(
        request,
        _("Imported: %(counts)s.")
        % {"counts": counts({"new": result.new, "known": result.known, "held": result.held})},
    )
    return redirect("line_list", journal.pk) if result.new else redirect("review_list")


def _failed(request: HttpRequest, journal: Journal, form: SinceForm, *, error: FeedError) -> HttpResponse:
    if journal.account is not None:
        chatter.write_error(journal.account.connection, error, person=request.user)  # type: ignore[arg-type]
    return _page(request, journal, form, error=error)


def _page(
    request: HttpRequest,
    journal: Journal,
    form: SinceForm | None = None,
    *,
    problem: str = "",
    error: FeedError | None = None,
) -> HttpResponse:
    search = searching.last_of(journal)
    if form is None:
        form = SinceForm({"since": search.since} if search else {})
    is_done = search is not None and search.state == MissingSearch.State.DONE
    context = {
        "journal": journal,
        "connection": journal.account.connection if journal.account else None,
        "form": form,
        "search": search,
        "is_lost": search is not None and searching.is_lost(search),
        "found": missing.look(journal, searching.answer_of(search)) if search and is_done and journal.account else None,
        "problem": problem,
        "error": error,
    }
    if getattr(request, "htmx", False) and request.method == "GET":
        return render(request, "statements/_missing_found.html", context)
    return render(request, "statements/missing.html", context, status=422 if problem or form.errors else 200)
