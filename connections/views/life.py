"""What a person does to a connection that is there."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from companies.access import company_of, company_required
from connections.end_user import end_user_of
from connections.models import Connection
from connections.possible import Possibilities, possibilities
from connections.services import attempts, chatter
from connections.views.bank_page import return_address, to_bank
from connections.views.failures import say
from providers.errors import FeedError


@require_POST
@company_required
def update_credentials(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Update Credentials and Extend consent: the bank's page again, for this very connection."""
    connection = my_connection(request, connection_id)
    why_not = _possible(connection).update.why_not
    if why_not:
        messages.error(request, why_not)
        return redirect("connection", connection.pk)
    try:
        attempt = attempts.begin_update(
            connection,
            request.user,  # type: ignore[arg-type]  # sign-in is required
            language=(get_language() or "en")[:2],
            end_user=end_user_of(request),
            return_url_for=return_address(),
        )
    except FeedError as error:
        chatter.write_error(connection, error, person=request.user)  # type: ignore[arg-type]
        say(request, error)
        return redirect("connection", connection.pk)
    return to_bank(request, attempt)


def my_connection(request: HttpRequest, connection_id: int) -> Connection:
    """The connection, if it is of the company this person works in."""
    mine = Connection.objects.filter(company=company_of(request)).select_related("institution", "company")
    return get_object_or_404(mine, pk=connection_id)


def _possible(connection: Connection) -> Possibilities:
    return possibilities(connection, now=timezone.now())
