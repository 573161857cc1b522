"""What a person does to a connection that is there."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from companies.access import admin_required, company_of, company_required
from connections.end_user import end_user_of
from connections.forms import AutomaticForm, DeleteForm
from connections.models import Connection
from connections.possible import Possibilities, possibilities
from connections.services import attempts, ending, schedule
from connections.views.bank_page import return_address, to_bank
from connections.views.failures import failed
from providers.errors import FeedError


@require_POST
@company_required
def update_credentials(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Update Credentials and Extend consent: the bank's page again, for this very connection.

    A form that says ``every_account`` asks for all of them from now on.
    """
    connection = my_connection(request, connection_id)
    why_not = _possible(connection).update.why_not
    if why_not:
        return _refused(request, connection, why_not)
    try:
        attempt = attempts.begin_update(
            connection,
            request.user,  # type: ignore[arg-type]  # sign-in is required
            language=(get_language() or "en")[:2],
            end_user=end_user_of(request),
            return_url_for=return_address(),
            every_account="every_account" in request.POST,
        )
    except FeedError as error:
        return failed(request, connection, error)
    return to_bank(request, attempt)


@require_POST
@company_required
def set_automatic(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Automatic synchronization on or off, and how often. A button that only switches it off sends no interval."""
    connection = my_connection(request, connection_id)
    data = request.POST.copy()
    data.setdefault("interval_hours", str(connection.interval_hours))
    form = AutomaticForm(data, connection=connection)
    if not form.is_valid():
        return _refused(request, connection, _("How often is none of the choices."))
    is_automatic, why_not = form.cleaned_data["is_automatic"], _possible(connection).automatic.why_not
    if is_automatic and why_not:
        return _refused(request, connection, why_not)
    schedule.change_automatic(
        connection,
        request.user,  # type: ignore[arg-type]
        is_automatic=is_automatic,
        interval_hours=form.cleaned_data["interval_hours"],
    )
    return redirect("connection", connection.pk)


@require_http_methods(["GET", "POST"])
@company_required
def disconnect(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Disconnect: what it means, and then the provider is told."""
    connection = my_connection(request, connection_id)
    why_not = _possible(connection).disconnect.why_not
    if why_not:
        return _refused(request, connection, why_not)
    if request.method == "GET":
        return render(request, "connections/end.html", _end_context(connection, is_delete=False))
    try:
        ending.disconnect(connection, person=request.user)  # type: ignore[arg-type]
    except FeedError as error:
        return failed(request, connection, error)
    messages.success(request, _("Disconnected: nothing is read from this bank any more."))
    return redirect("connection", connection.pk)


@require_http_methods(["GET", "POST"])
@admin_required
def delete(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Delete: a connection that has ended goes from the list with its runs and its chatter; the books stay."""
    connection = my_connection(request, connection_id)
    why_not = _possible(connection).delete.why_not
    if why_not:
        return _refused(request, connection, why_not)
    context = _end_context(connection, is_delete=True)
    form = DeleteForm(request.POST or None) if context["keeps_record"] else None
    if request.method == "GET" or (form is not None and not form.is_valid()):
        status = 200 if request.method == "GET" else 422
        return render(request, "connections/end.html", {**context, "form": form}, status=status)
    ending.delete(connection)
    messages.success(request, _("The connection to %(bank)s is deleted.") % {"bank": connection.institution.name})
    return redirect("connection_list")


def my_connection(request: HttpRequest, connection_id: int) -> Connection:
    """The connection, if it is of the company this person works in."""
    mine = Connection.objects.filter(company=company_of(request)).select_related("institution", "company")
    return get_object_or_404(mine, pk=connection_id)


def _refused(request: HttpRequest, connection: Connection, why_not: str) -> HttpResponse:
    """Back to the connection, with one sentence for why it was not done."""
    messages.error(request, why_not)
    return redirect("connection", connection.pk)


def _possible(connection: Connection) -> Possibilities:
    return possibilities(connection, now=timezone.now())


def _end_context(connection: Connection, *, is_delete: bool) -> dict[str, Any]:
    return {
        "connection": connection,
        "is_delete": is_delete,
        "keeps_record": connection.provider in ending.KEEPS_RECORD and bool(connection.reference),
    }
