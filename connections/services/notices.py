"""Writes down what people are to be told by e-mail, each thing once; ``services.mailing`` sends it afterwards."""

from __future__ import annotations

from companies.models import Membership
from connections.models import Connection, Notice


def write(connection: Connection, kind: str, *, occasion: str) -> int:
    """Writes down that everyone in the company who wants mails is to be told; gives how many they are.

    Whoever was told of this occasion before is not told again. Call it inside the transaction that finds the occasion.
    """
    people = Membership.objects.filter(company=connection.company_id, is_notified=True, user__is_active=True)
    rows = [
        Notice(connection=connection, person_id=person, kind=kind, occasion=occasion)
        for person in people.values_list("user", flat=True)
    ]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)
