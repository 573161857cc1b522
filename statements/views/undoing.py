"""Undo a fetch: what goes and what stays, before anything is done; and the way back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from companies.access import company_of, company_required
from statements.models import SyncRun
from statements.refusal import Refused
from statements.services import undo


@require_http_methods(["GET", "POST"])
@company_required
def undo_fetch(request: HttpRequest, run_id: int) -> HttpResponse:
    """Shows what undoing this run means; as a form is sent, does it."""
    run = _my_run(request, run_id)
    if request.method != "POST":
        return _page(request, run)
    try:
        count = undo.undo(run, person=request.user)  # type: ignore[arg-type]  # sign-in is required
    except Refused as refusal:
        return _page(request, run, problem=str(refusal))
    message = ngettext("%(n)d line was taken out.", "%(n)d lines were taken out.", count)
    messages.success(request, message % {"n": count})
    return redirect("undo_fetch", run.pk)


@require_POST
@company_required
def bring_back(request: HttpRequest, run_id: int) -> HttpResponse:
    """Lets the next fetch book again what undoing this run took out."""
    run = _my_run(request, run_id)
    try:
        undo.bring_back(run, person=request.user)  # type: ignore[arg-type]
    except Refused as refusal:
        return _page(request, run, problem=str(refusal))
    messages.success(request, _("The next fetch reads the bank from the beginning and books them again."))
    return redirect("connection", run.connection_id)


def _page(request: HttpRequest, run: SyncRun, *, problem: str = "") -> HttpResponse:
    parts = undo.plan(run)
    context = {
        "run": run,
        "parts": parts,
        "removable": sum(part.removable for part in parts),
        "remembered": undo.remembered(run),
        "problem": problem,
    }
    return render(request, "statements/undo_fetch.html", context, status=422 if problem else 200)


def _my_run(request: HttpRequest, run_id: int) -> SyncRun:
    mine = SyncRun.objects.filter(connection__company=company_of(request)).select_related("connection__institution")
    return get_object_or_404(mine, pk=run_id)
