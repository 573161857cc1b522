"""A person's wish to fetch, from any page."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from connections.end_user import end_user_of
from connections.models import Connection
from statements.models import SyncRun
from statements.services import runs
from statements.tasks import PEOPLE, sync_connection


def ask_for_fetch(request: HttpRequest, connection: Connection, *, trigger: str) -> SyncRun:
    """Asks for a fetch and hands it to a worker; gives the run to watch, or the one that is under way already."""
    run = runs.request(
        connection,
        trigger,
        person=request.user,  # type: ignore[arg-type]  # sign-in is required
        end_user=end_user_of(request),
    )
    if run.state == SyncRun.State.QUEUED:
        try:
            transaction.on_commit(partial(sync_connection.apply_async, (connection.pk, trigger), queue=PEOPLE))
        except OperationalError:
            # The run stays asked for: the clock finds it as soon as the queue is back.
            messages.warning(request, _("The queue does not answer at the moment; the fetch starts when it is back."))
    return run
