"""Reading a journal's account again from an earlier day on."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from connections.models import Account, Connection
from statements.models import Journal, ProvenDays
from statements.refusal import Refused
from statements.services import lines


@transaction.atomic
def read_from(journal: Journal, first_day: dt.date) -> Connection:
    """Lets the next fetch read from this day on: what is in the books is known, what is not is booked.

    Gives the connection to fetch. Raises ``Refused`` without a live connection.
    """
    held = lines.hold(journal.pk)
    if held.account is None or not held.account.connection.is_live:
        raise Refused(_("This needs a live connection."))
    if held.first_day and held.first_day > first_day:
        held.first_day = first_day
        held.save(update_fields=["first_day"])
    Account.objects.filter(pk=held.account.pk).update(position="")
    ProvenDays.objects.filter(account=held.account).delete()
    return held.account.connection
