"""Online Synchronization: what happened to each connection, and what to click."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from companies.access import company_of, company_required
from companies.way_back import way_back
from connections.forms import AutomaticForm, NoteForm
from connections.models import Connection, LinkAttempt
from connections.possible import possibilities
from connections.queries import connections_of, is_refused
from connections.services import attempts, budget, chatter
from connections.views.failures import failed
from connections.views.life import my_connection
from providers.errors import FeedError
from statements import queries, support
from statements.coverage import coverage_of
from statements.models import SyncRun
from statements.standing import explanations_of
from statements.views.fetching import ask_for_fetch


@require_GET
@company_required
def connection_list(request: HttpRequest) -> HttpResponse:
    """Every connection of the company, broken ones first."""
    company = company_of(request)
    context = {"connections": connections_of(company), "is_refused": is_refused(company)}
    return render(request, "connections/connection_list.html", context)


@require_GET
@company_required
def connection_page(request: HttpRequest, connection_id: int) -> HttpResponse:
    """One connection: its accounts, its runs, its chatter."""
    return _page(request, my_connection(request, connection_id), note_form=NoteForm())


@require_POST
@company_required
def fetch(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Fetch Transactions: starts a run, or joins the one that is under way. As htmx asks, answers with its progress."""
    connection = my_connection(request, connection_id)
    why_not = possibilities(connection, now=timezone.now()).fetch_now.why_not
    if why_not:
        messages.error(request, why_not)
        return _leave_for(request, reverse("connection", args=[connection.pk]))
    run = ask_for_fetch(request, connection, trigger=SyncRun.Trigger.PERSON)
    if getattr(request, "htmx", False):
        return _progress(request, run)
    return redirect(way_back(request) or reverse("connection", args=[connection.pk]))


@require_GET
@company_required
def run_progress(request: HttpRequest, run_id: int) -> HttpResponse:
    """How far a run is: a quiet line that replaces itself until it is over. Without a script, a page of its own."""
    mine = SyncRun.objects.filter(connection__company=company_of(request))
    mine = mine.with_progress().select_related("connection__institution")
    mine = mine.prefetch_related("accounts__account__journal")
    run = get_object_or_404(mine, pk=run_id)
    if not getattr(request, "htmx", False):
        context = {"run": run, "results": explanations_of(list(run.accounts.all()))}
        return render(request, "statements/run_page.html", context)
    response = _progress(request, run)
    return response if run.is_open else trigger_client_event(response, "run-finished")


@require_POST
@company_required
def fetch_accounts(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Fetch Accounts: asks the bank again which accounts there are."""
    connection = my_connection(request, connection_id)
    try:
        found = attempts.fetch_accounts(connection)
    except FeedError as error:
        return failed(request, connection, error)
    shown = ngettext("The bank shows %(n)d account.", "The bank shows %(n)d accounts.", len(found))
    messages.success(request, shown % {"n": len(found)})
    return redirect("connection", connection.pk)


@require_GET
@company_required
def updated(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """Back from signing in again: what came meanwhile is fetched. Coming back twice asks for one fetch."""
    mine = LinkAttempt.objects.for_user(request.user).filter(company=company_of(request))  # type: ignore[arg-type]
    done = mine.filter(purpose=LinkAttempt.Purpose.UPDATE).select_related("connection__institution")
    attempt = get_object_or_404(done, pk=attempt_id)
    connection = get_object_or_404(Connection.objects.select_related("institution"), pk=attempt.connection_id)
    if attempt.status in {LinkAttempt.Status.CONNECTED, LinkAttempt.Status.LINKED} and connection.is_due:
        ask_for_fetch(request, connection, trigger=SyncRun.Trigger.PERSON)
        messages.success(request, _("Signed in at the bank again. What came meanwhile is being fetched."))
    return redirect("connection", connection.pk)


@require_POST
@company_required
def add_note(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Writes a person's note into the chatter."""
    connection = my_connection(request, connection_id)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, connection, note_form=form, status=422)
    chatter.add_note(connection, request.user, text=form.cleaned_data["text"])  # type: ignore[arg-type]
    return redirect(reverse("connection", args=[connection.pk]) + "#chatter")


@require_GET
@company_required
def support_bundle(request: HttpRequest, connection_id: int) -> HttpResponse:
    """What happened to a connection, as a file for someone who helps."""
    connection = my_connection(request, connection_id)
    response = JsonResponse(support.bundle(connection, now=timezone.now()), json_dumps_params={"indent": 2})
    response["Content-Disposition"] = f'attachment; filename="banksync-connection-{connection.pk}.json"'
    return response


def _page(request: HttpRequest, connection: Connection, *, note_form: NoteForm, status: int = 200) -> HttpResponse:
    kind = request.GET.get("kind", "")
    walks = connection.attempts.filter(purpose=LinkAttempt.Purpose.CONNECT)
    accounts = list(connection.accounts.select_related("journal", "connection__institution"))
    coverages = coverage_of(accounts, today=timezone.localdate())
    context = {
        "connection": connection,
        "possible": possibilities(connection, now=timezone.now()),
        "budget": budget.of(connection, timezone.now()),
        # The way to choose journals for accounts that have none leads through the walk that somebody once made.
        "attempt": walks.order_by("-created_at").first(),
        "feeds_nothing": bool(accounts) and not any(getattr(account, "journal", None) for account in accounts),
        "accounts": [(account, coverages.get(account.pk)) for account in accounts],
        "runs": queries.runs_of(connection),
        "kind": kind,
        "entries": chatter.entries(connection, kind)[: queries.ENTRIES_SHOWN],
        "automatic_form": AutomaticForm(connection=connection),
        "note_form": note_form,
    }
    return render(request, "connections/connection_page.html", context, status=status)


def _progress(request: HttpRequest, run: SyncRun) -> HttpResponse:
    """The line that tells how far it is. ``focus`` is the journal whose card it stands on, which keeps the focus."""
    focus = request.GET.get("focus") or request.POST.get("focus", "")
    focus = focus if focus.isdecimal() else ""
    context = {"run": run, "focus": focus, "part": queries.part_of(run, journal_id=int(focus)) if focus else None}
    return render(request, "statements/_run_progress.html", context)


def _leave_for(request: HttpRequest, address: str) -> HttpResponse:
    """To another page: htmx would put a redirect's page into the place the button stood in."""
    return HttpResponseClientRedirect(address) if getattr(request, "htmx", False) else redirect(address)
