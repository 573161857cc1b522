"""Archiving a journal: what it means, and the way back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from companies.access import company_required
from statements.refusal import Refused
from statements.services import archiving
from statements.views.finding import my_journal


@require_http_methods(["GET", "POST"])
@company_required
def archive_journal(request: HttpRequest, journal_id: int) -> HttpResponse:
    """What archiving means for this journal; then it is done, or refused in one sentence."""
    journal = my_journal(request, journal_id, "account__connection__institution")
    problem = ""
    if request.method == "POST":
        try:
            archived = archiving.archive(journal, person=request.user)  # type: ignore[arg-type]  # sign-in is required
        except Refused as refusal:
            problem = str(refusal)
        else:
            messages.success(request, _("The journal %(name)s is archived.") % {"name": archived.name})
            return redirect("journal_settings")
    if journal.archived_at is not None:
        return redirect("line_list", journal.pk)
    context = {"journal": journal, "problem": problem}
    return render(request, "statements/archive_journal.html", context, status=422 if problem else 200)


@require_POST
@company_required
def bring_back_journal(request: HttpRequest, journal_id: int) -> HttpResponse:
    """Back among the journals; says whether its account feeds it again."""
    journal = my_journal(request, journal_id, "account__connection__institution")
    back = archiving.bring_back(journal, person=request.user)  # type: ignore[arg-type]
    if back.account is not None:
        said = _("The journal %(name)s is back, and %(account)s feeds it again.")
        messages.success(request, said % {"name": back.name, "account": back.account.label})
    else:
        said = _("The journal %(name)s is back. No account feeds it: connect one, or keep it by hand.")
        messages.success(request, said % {"name": back.name})
    return redirect("line_list", back.pk)
