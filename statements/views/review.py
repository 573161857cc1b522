"""Review: what waits for a decision, one item and one decision at a time."""

from __future__ import annotations

from itertools import zip_longest

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from companies.access import company_of, company_required
from statements import comparison
from statements.models import ReviewItem
from statements.refusal import Refused
from statements.services import decisions

ITEMS_PER_PAGE = 50


@require_GET
@company_required
def review_list(request: HttpRequest) -> HttpResponse:
    """What waits for a decision, newest first, with what the books say and what the bank says."""
    return _page(request)


@require_POST
@company_required
def decide(request: HttpRequest, item_id: int) -> HttpResponse:
    """Carries out the decision that was pressed (``decision``)."""
    item = _my_item(request, item_id)
    try:
        decided = decisions.decide(item, request.POST.get("decision", ""), person=request.user)  # type: ignore[arg-type]
    except Refused as refusal:
        return _page(request, problem=str(refusal), status=422)
    messages.success(request, _("Done: %(decision)s.") % {"decision": comparison.decided(decided)})
    return _on_with(request, request.POST.get("next", ""))


@require_POST
@company_required
def undo(request: HttpRequest, item_id: int) -> HttpResponse:
    """Takes a decision back."""
    try:
        decisions.undo(_my_item(request, item_id))
    except Refused as refusal:
        return _page(request, problem=str(refusal), status=422)
    messages.success(request, _("Taken back: it waits for a decision again."))
    return _on_with(request, str(item_id))


def _on_with(request: HttpRequest, item: str) -> HttpResponse:
    """Back to the same page of the list, where this item has the focus."""
    asked = {"page": request.POST.get("page", ""), "at": item}
    query = urlencode({name: value for name, value in asked.items() if value.isdecimal()})
    return redirect(f"{reverse('review_list')}?{query}" if query else "review_list")


def _page(request: HttpRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    company = company_of(request)
    items = ReviewItem.objects.open().filter(journal__company=company).select_related("journal__company", "line")
    page = Paginator(items, ITEMS_PER_PAGE).get_page(request.GET.get("page") or request.POST.get("page"))
    context = {
        "page": page,
        "at": request.GET.get("at", ""),
        "cards": [
            {
                "item": item,
                "next": following,
                "title": comparison.title(item),
                "why": comparison.why(item),
                "facts": comparison.facts(item),
                "options": comparison.options(item),
            }
            for item, following in _with_the_next(list(page))
        ],
        "decided": [
            {"item": item, "title": comparison.title(item), "decision": comparison.decided(item)}
            for item in decisions.undoable(company)
        ],
        "problem": problem,
    }
    return render(request, "statements/review_list.html", context, status=status)


def _with_the_next(items: list[ReviewItem]) -> list[tuple[ReviewItem, ReviewItem | None]]:
    """Each item with the one to go on with when it is decided: the one below it, for the last the one above."""
    others = [*items[1:], *items[-2:-1]]
    return list(zip_longest(items, others))


def _my_item(request: HttpRequest, item_id: int) -> ReviewItem:
    mine = ReviewItem.objects.filter(journal__company=company_of(request)).select_related("journal__company")
    return get_object_or_404(mine, pk=item_id)
