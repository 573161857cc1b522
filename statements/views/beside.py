"""One line beside the list it stands in."""

from __future__ import annotations

from django.db.models import Prefetch
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from companies.access import company_of
from statements.models import ReviewItem, StatementLine


def line_of(request: HttpRequest, line_id: int | str) -> StatementLine:
    """A line of this person's company with all that its facts tell of. Raises ``Http404`` for another one."""
    mine = StatementLine.objects.filter(journal__company=company_of(request))
    related = mine.select_related("journal", "statement", "run__person", "import_file__person")
    decided = ReviewItem.objects.exclude(decision="").select_related("decided_by")
    shown = related.prefetch_related("traces", Prefetch("review_items", queryset=decided, to_attr="decided_items"))
    return get_object_or_404(shown, pk=line_id)


def asked_line(request: HttpRequest) -> StatementLine | None:
    """The line that the address asks for (``?line=``), to be shown beside the list."""
    asked = request.GET.get("line", "")
    return line_of(request, asked) if asked.isdecimal() else None
