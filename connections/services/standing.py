"""How the proxy stands to a company: heard from every answer, kept once for all its connections."""

from __future__ import annotations

import datetime as dt
import logging

from django.db.models import Q
from django.utils import timezone

from connections.models import Connection, ProxyRegistration
from providers.errors import ClientRefused, ClockSkew, FeedError, ProxyUnreachable, SignatureInvalid, from_data
from providers.types import ClientData

log = logging.getLogger(__name__)
Status = ProxyRegistration.Status

_STATUS = {
    "phone_unconfirmed": Status.UNCONFIRMED,
    "client_blocked": Status.BLOCKED,
    "client_disconnected": Status.DISCONNECTED,
    "subscription_refused": Status.UNPAID,
}
# With these, nothing that was asked came as far as an answer.
_TROUBLES = (ProxyUnreachable, ClockSkew, SignatureInvalid)
# Connections that waited are fetched one after the other, all of them within so long.
STEP = dt.timedelta(seconds=20)
RESUMED_OVER = dt.timedelta(minutes=10)


def hear(registration: ProxyRegistration, path: str, error: FeedError | None) -> None:
    """Keeps what one exchange with the proxy says of the company; ``path`` is what it was about."""
    if isinstance(error, _TROUBLES):
        _note_trouble(registration, error)
        return
    _note_answer(registration)
    if isinstance(error, ClientRefused):
        refuse(registration, error)
    elif error is None and not _is_open_to_the_refused(path):
        accept(registration)


def hear_status(registration: ProxyRegistration, told: ClientData, *, reference: str) -> None:
    """Keeps what the proxy says when it is asked how the company stands, in the exchange with this reference."""
    ProxyRegistration.objects.filter(pk=registration.pk).update(phone_hint=told.phone_hint)
    registration.phone_hint = told.phone_hint
    error = from_data(told.error) if told.error else None
    if isinstance(error, ClientRefused):
        error.reference = error.reference or reference
        refuse(registration, error)
    else:
        accept(registration)


def refuse(registration: ProxyRegistration, error: ClientRefused) -> None:
    """The proxy refuses everything of this company. The reference of the first refusal stays."""
    status = _STATUS.get(error.code, Status.BLOCKED)
    rows = ProxyRegistration.objects.registered().filter(pk=registration.pk)
    changed = rows.exclude(status=status, refusal_message=error.message).update(
        status=status,
        refusal_code=error.code,
        refusal_message=error.message,
        refusal_reference=error.reference,
        refused_at=timezone.now(),
    )
    if changed:
        log.warning("the proxy refuses company %s: %s", registration.company_id, error.code)
    registration.refresh_from_db()


def accept(registration: ProxyRegistration) -> None:
    """The proxy works for this company; what waited for that becomes due."""
    if registration.status == Status.ACTIVE:
        return
    rows = ProxyRegistration.objects.registered().filter(pk=registration.pk).exclude(status=Status.ACTIVE)
    changed = rows.update(
        status=Status.ACTIVE, refusal_code="", refusal_message="", refusal_reference="", refused_at=None
    )
    registration.refresh_from_db()
    if changed:
        _resume(registration.company_id, timezone.now())


def _resume(company_id: int, now: dt.datetime) -> None:
    """Spreads what has become due meanwhile, so that a company's connections do not come all at once."""
    waiting = Connection.objects.filter(Q(next_fetch_at__lte=now), company=company_id, is_automatic=True)
    ids = list(waiting.order_by("next_fetch_at", "pk").values_list("pk", flat=True))
    step = min(STEP, RESUMED_OVER / max(len(ids), 1))
    for number, connection_id in enumerate(ids):
        Connection.objects.filter(pk=connection_id, next_fetch_at__lte=now).update(next_fetch_at=now + number * step)


def _note_trouble(registration: ProxyRegistration, error: FeedError) -> None:
    if registration.trouble_code == error.code:
        return
    registration.trouble_code, registration.trouble_message = error.code, error.message
    registration.trouble_at = timezone.now()
    registration.save(update_fields=["trouble_code", "trouble_message", "trouble_at"])


def _note_answer(registration: ProxyRegistration) -> None:
    if not registration.trouble_code:
        return
    registration.trouble_code, registration.trouble_message, registration.trouble_at = "", "", None
    registration.save(update_fields=["trouble_code", "trouble_message", "trouble_at"])


def _is_open_to_the_refused(path: str) -> bool:
    """Whether the proxy answers this also to a company that it refuses everything else."""
    return path.startswith("/client") or path.endswith("/revoke")
