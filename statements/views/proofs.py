"""Balance proof: what the bank says against the books, what explains a difference, and which days were read."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from companies.access import company_of, company_required
from connections.views.failures import say
from providers.errors import FeedError
from providers.types import TransactionData
from statements import flags, queries
from statements.models import Journal
from statements.refusal import Refused
from statements.services import missing
from statements.standing import fetches_of, standing_of

STATEMENTS_SHOWN = 24


@require_http_methods(["GET", "POST"])
@company_required
def balance_proof(request: HttpRequest, journal_id: int) -> HttpResponse:
    """How the journal stands towards its bank; as the form is sent, the bank is asked what is pending."""
    mine = Journal.objects.filter(company=company_of(request))
    mine = mine.select_related("account__connection__institution", "company")
    journal = get_object_or_404(queries.with_balance(mine), pk=journal_id)
    pending = _pending(request, journal) if request.method == "POST" else None
    statements = list(flags.with_previous(journal.statements.order_by("-first_day"))[:STATEMENTS_SHOWN])
    ranges = flags.ranges_for(statements)
    context = {
        "journal": journal,
        "standing": standing_of(journal, pending=pending or ()),
        "pending": pending,
        "fetches": fetches_of(journal),
        "rows": [(statement, flags.flags_of(statement, ranges)) for statement in statements],
    }
    return render(request, "statements/balance_proof.html", context)


def _pending(request: HttpRequest, journal: Journal) -> list[TransactionData] | None:
    """What the bank shows as pending now; None, and a message, where it cannot be asked."""
    try:
        found = missing.pending(journal)
    except Refused as refusal:
        messages.error(request, str(refusal))
    except FeedError as error:
        say(request, error)
    else:
        if not found:
            messages.info(request, _("The bank shows nothing that is pending."))
        return found
    return None
