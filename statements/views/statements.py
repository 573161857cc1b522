"""Statements: the list, one of them with its proof, confirming it, and grouping a journal's lines another way."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from companies.access import company_of, company_required
from companies.templatetags.formats import period
from statements import browsing, flags, queries
from statements.models import Journal, Statement
from statements.refusal import Refused
from statements.services import confirming, regrouping
from statements.standing import coverage, explanation_of
from statements.views.beside import asked_line
from statements.views.finding import my_journal

STATEMENTS_PER_PAGE = 60


@require_GET
@company_required
def statement_list(request: HttpRequest) -> HttpResponse:
    """The statements of a year (``?year=``, or the newest) of all journals or of one (``?journal=``), newest first."""
    company = company_of(request)
    statements = flags.with_previous(queries.statements_of(company))
    journal = None
    if request.GET.get("journal", "").isdecimal():
        journal = get_object_or_404(Journal.objects.filter(company=company), pk=request.GET["journal"])
        statements = statements.filter(journal=journal)
    years = [day.year for day in statements.dates("first_day", "year", order="DESC")]
    year = _year(request, years)
    statements = statements.filter(first_day__year=year) if year else statements
    page = Paginator(statements, STATEMENTS_PER_PAGE).get_page(request.GET.get("page"))
    ranges = flags.ranges_for(page)
    context = {
        "page": page,
        "rows": [(statement, flags.flags_of(statement, ranges)) for statement in page],
        "years": years,
        "year": year,
        "journal": journal,
        "journals": list(Journal.objects.filter(company=company)),
    }
    return render(request, "statements/statement_list.html", context)


@require_GET
@company_required
def statement_page(request: HttpRequest, statement_id: int) -> HttpResponse:
    """One statement: opening, every line, closing."""
    return _page(request, statement_id)


@require_POST
@company_required
def confirm(request: HttpRequest, statement_id: int) -> HttpResponse:
    """Confirms the version that was looked at (``version``), or takes the confirmation back (no version)."""
    statement = get_object_or_404(Statement.objects.filter(journal__company=company_of(request)), pk=statement_id)
    version = request.POST.get("version", "")
    if not version:
        confirming.withdraw(statement)
        messages.success(request, _("The confirmation was taken back."))
        return redirect("statement", statement.pk)
    try:
        seen = int(version) if version.isdecimal() else 0
        confirming.confirm(statement, version=seen, person=request.user)  # type: ignore[arg-type]
    except Refused as refusal:
        return _page(request, statement.pk, problem=str(refusal))
    messages.success(request, _("The statement is confirmed."))
    return redirect("statement", statement.pk)


@require_http_methods(["GET", "POST"])
@company_required
def regroup(request: HttpRequest, journal_id: int) -> HttpResponse:
    """Another kind of period (``period``): what it comes to, and as the form is sent, doing it."""
    journal = my_journal(request, journal_id)
    sent = request.POST if request.method == "POST" else request.GET
    kind = sent.get("period", "")
    plan, problem = None, ""
    try:
        if request.method == "POST":
            regrouping.regroup(journal, kind)
            messages.success(request, _("The lines are in their new statements; the balances are the same."))
            return redirect("statement_list")
        plan = regrouping.plan(journal, kind) if kind else None
    except Refused as refusal:
        problem = str(refusal)
    context = {"journal": journal, "kinds": Journal.Period.choices, "kind": kind or journal.period, "plan": plan}
    status = 422 if problem else 200
    return render(request, "statements/regroup.html", {**context, "problem": problem}, status=status)


def _year(request: HttpRequest, years: list[int]) -> int | None:
    """The year that is asked for, if there are statements of it; else the newest."""
    asked = request.GET.get("year", "")
    if asked.isdecimal() and int(asked) in years:
        return int(asked)
    return years[0] if years else None


def _page(request: HttpRequest, statement_id: int, *, problem: str = "") -> HttpResponse:
    statement = flags.statement_to_show(company_of(request), statement_id)
    if statement is None:
        raise Http404
    after = request.GET.get("after", "")
    limit = None if "all" in request.GET else browsing.LINES_OF_STATEMENT
    part = browsing.statement_lines(statement, after=after, limit=limit)
    context = {"statement": statement, "lines": part.lines, "rest": part.rest}
    if after and getattr(request, "htmx", False):
        return render(request, "statements/_statement_rows.html", context)
    ranges = flags.ranges_for([statement])
    found, covered = flags.flags_of(statement, ranges), coverage(statement.journal, ranges)
    context |= {
        "is_later_part": bool(after),
        "flags": found,
        "explanation": explanation_of(statement, found),
        "holes": covered.within(statement.first_day, statement.last_day) if covered else [],
        "title": period(statement.first_day, statement.last_day),
        "changes": confirming.changes(statement),
        "line": asked_line(request),
        "problem": problem,
    }
    return render(request, "statements/statement_page.html", context, status=422 if problem else 200)
