"""How a client stands: blocked and woken, cut off and let back; each change with who and why."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from proxy.models import Client, Incident, Standing
from proxy.services import events

Kind = Standing.Kind
Status = Client.Status

# How long a client that was let back has to come back with a new key.
RETURN = dt.timedelta(days=7)


def block(client: Client, *, by: str, why: str) -> bool:
    """Refuses everything but the status and the code until the code sent to the client's phone is entered.

    ``by`` is the operator's name (or "guard"), ``why`` a sentence for operators. Gives whether the client was active;
    one that is blocked or disconnected stays as it is.
    """
    return _change(client, Kind.BLOCKED, by=by, why=why, before=(Status.ACTIVE,), status=Status.BLOCKED)


def unblock(client: Client, *, by: str, why: str) -> bool:
    """Wakes a blocked client, and forgets what it was blocked for. Gives whether it was blocked."""
    return _change(
        client,
        Kind.UNBLOCKED,
        by=by,
        why=why,
        before=(Status.BLOCKED,),
        status=Status.ACTIVE,
        may_return_until=None,
    )


def disconnect(client: Client, *, by: str, why: str) -> bool:
    """Cuts a client off: its key is refused for good. Gives whether it was not cut off before."""
    return _change(
        client,
        Kind.DISCONNECTED,
        by=by,
        why=why,
        before=(Status.ACTIVE, Status.BLOCKED),
        status=Status.DISCONNECTED,
        may_return_until=None,
    )


def allow_again(client: Client, *, by: str, why: str) -> bool:
    """Lets a disconnected client come back within seven days, with a new key and the code sent to its phone.

    Its connections stay its own. Gives whether it was disconnected.
    """
    until = timezone.now() + RETURN
    return _change(client, Kind.ALLOWED_AGAIN, by=by, why=why, before=(Status.DISCONNECTED,), may_return_until=until)


def come_back(client: Client, *, public_key: str) -> bool:
    """Gives a client that was let back its new key; it is blocked until the code sent to its phone is entered.

    Gives ``False`` when it was not let back, or too long ago.
    """
    if client.may_return_until is None or client.may_return_until < timezone.now():
        return False
    return _change(
        client,
        Kind.RETURNED,
        by="client",
        why="came back with a new key; the code sent to the phone wakes it",
        before=(Status.DISCONNECTED, Status.BLOCKED),
        status=Status.BLOCKED,
        public_key=public_key,
        # A code that the old key had sent is not the new one's.
        code_digest="",
        code_sent_at=None,
    )


def _change(
    client: Client, kind: Standing.Kind, *, by: str, why: str, before: tuple[str, ...], **fields: object
) -> bool:
    """One change, written down with its event; of two at once, the second finds nothing left to do."""
    with transaction.atomic():
        row = Client.objects.select_for_update(no_key=True).get(pk=client.pk)
        if row.status not in before:
            client.status = row.status
            return False
        for name, value in fields.items():
            setattr(row, name, value)
            setattr(client, name, value)
        row.save(update_fields=list(fields))
        if kind == Kind.UNBLOCKED:
            Incident.objects.filter(client=row).exclude(kind=Incident.Kind.CODE_SENT).delete()
        Standing.objects.create(client=row, kind=kind, at=timezone.now(), by=by[:150], why=why[:500])
        events.record(row, kind)
    return True
