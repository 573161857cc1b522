"""Visits to the bank's page: opened, come back from, and turned into a connection exactly once."""

from __future__ import annotations

import datetime as dt
import logging
import secrets
from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from foundation.sealing import seal, unseal
from providers.base import HostedPage, HostedRequest, Outcome
from providers.errors import BadRequest, FeedError, InstitutionRetired, NotFound
from providers.types import AccountKind, EndUser, ErrorData, FlowData, HostedPageData, InstitutionData, encode
from proxy.models import Client, Flow, Grant, Institution
from proxy.services import events, guard, vault
from proxy.services.adapters import adapter

log = logging.getLogger(__name__)
Kinds = tuple[AccountKind, ...]

# How long one caller has the flow to itself: longer than the provider's two answers may take, and short enough that
# a process that died does not hold up the account holder for long.
LEASE = dt.timedelta(seconds=150)


def start(
    client: Client,
    institution: str,
    *,
    return_url: str,
    history_days: int | None,
    language: str,
    user: EndUser,
    account_kinds: Kinds = (),
) -> HostedPageData:
    """Opens the provider's page for a new connection. Raises ``NotFound``, ``BadRequest``, ``RateLimited`` for too many
    attempts, or what the provider says.

    ``account_kinds`` are the only ones to be given; none for all.
    """
    guard.note_attempt(client)
    chosen = _institution(institution)
    if not set(account_kinds) <= set(chosen.capabilities.account_kinds):
        raise BadRequest("The bank does not have all of these kinds of account.")
    request = _request(
        client,
        chosen,
        return_url=return_url,
        language=language,
        user=user,
        history_days=history_days,
        account_kinds=account_kinds,
    )
    page = adapter(chosen.provider).begin(request)
    return _keep(client, page, request=request, institution=chosen.id, return_url=return_url, updates=None)


def update(
    client: Client, grant: Grant, *, return_url: str, language: str, user: EndUser, account_kinds: Kinds = ()
) -> HostedPageData:
    """Opens the provider's page again for a connection that is there.

    It may be asked for kinds of account that the bank no longer lists: they were good when it was made.
    """
    chosen = _institution(grant.institution, even_removed=True)
    request = _request(
        client,
        chosen,
        return_url=return_url,
        language=language,
        user=user,
        history_days=None,
        account_kinds=account_kinds,
    )
    page = vault.use(
        client, grant, question=lambda provider, secret: provider.update(secret, request), even_refused=True
    )
    return _keep(client, page, request=request, institution=grant.institution, return_url=return_url, updates=grant)


def finish(client: Client, flow_id: str) -> FlowData:
    """How a visit ended; a connection made there is put into the vault, once. Asking again gives the same answer.

    While another call is finding out, the answer is ``waiting``. Raises ``NotFound``, for another client's too, or
    what the provider says; then it may be asked again.
    """
    flow = Flow.objects.select_related("grant", "updates").filter(client=client, flow_id=flow_id).first()
    if flow is None:
        guard.note_reference(client, flow_id)
        raise NotFound("The proxy does not know this visit to the bank.")
    if flow.status != Flow.Status.OPEN or not _claim(flow):
        return _data(flow)
    try:
        state = unseal(flow.sealed_state, row=_row(flow.flow_id))
        outcome = adapter(flow.provider).finish(state, answer=_answer(flow))
    except FeedError:
        _release(flow)
        raise
    _settle(client, flow, outcome=outcome)
    flow.refresh_from_db()
    return _data(flow)


def came_back(return_state: str, answer: Mapping[str, str]) -> str | None:
    """Notes that the browser is back from the bank, and the first ``answer`` that it brings in its address.

    Gives the address to send it on to, ``None`` for no such visit.
    """
    visits = Flow.objects.filter(return_state=return_state)
    flow = visits.first()
    if flow is None:
        return None
    visits.filter(returned_at=None).update(returned_at=timezone.now())
    if answer:
        sealed = seal(encode(dict(answer)).decode(), row=_row(flow.flow_id))
        visits.filter(sealed_answer="", status=Flow.Status.OPEN).update(sealed_answer=sealed)
    return flow.return_url


# --- opening ---------------------------------------------------------------------------------------------------------
def _institution(institution_id: str, *, even_removed: bool = False) -> InstitutionData:
    row = Institution.objects.filter(institution_id=institution_id).first()
    if row is None:
        raise NotFound("The proxy does not know this bank.")
    if row.is_removed and not even_removed:
        raise InstitutionRetired()
    return msgspec.json.decode(row.data, type=InstitutionData)


def _request(
    client: Client,
    institution: InstitutionData,
    *,
    return_url: str,
    language: str,
    user: EndUser,
    history_days: int | None,
    account_kinds: Kinds,
) -> HostedRequest:
    if account_kinds and not institution.capabilities.can_narrow:
        raise BadRequest("This bank cannot be asked for some kinds of account only.")
    if urlsplit(return_url).scheme not in ("http", "https") or not urlsplit(return_url).hostname:
        raise BadRequest("The return address must be one of http or https.")
    state = secrets.token_urlsafe(24)
    return HostedRequest(
        institution=institution.id.partition(":")[2],
        countries=institution.countries,
        holder=str(client.client_id),
        return_url=f"{settings.BASE_URL}/return/{state}",
        callback_url=f"{settings.BASE_URL}/return/{institution.provider}",
        state=state,
        language=language,
        history_days=history_days,
        user=user,
        webhook_url=f"{settings.BASE_URL}/webhooks/{institution.provider}",
        account_kinds=account_kinds,
    )


def _keep(
    client: Client,
    page: HostedPage,
    *,
    request: HostedRequest,
    institution: str,
    return_url: str,
    updates: Grant | None,
) -> HostedPageData:
    flow_id = secrets.token_urlsafe(24)
    Flow.objects.create(
        flow_id=flow_id,
        return_state=request.state,
        client=client,
        provider=institution.partition(":")[0],
        institution=institution,
        updates=updates,
        return_url=return_url,
        sealed_state=seal(page.state, row=_row(flow_id)),
        expires_at=page.expires_at,
    )
    return HostedPageData(flow=flow_id, url=page.url, expires_at=page.expires_at)


# --- finishing -------------------------------------------------------------------------------------------------------
def _answer(flow: Flow) -> dict[str, str]:
    if not flow.sealed_answer:
        return {}
    return msgspec.json.decode(unseal(flow.sealed_answer, row=_row(flow.flow_id)), type=dict[str, str])


def _claim(flow: Flow) -> bool:
    """Takes the flow for one lease by compare and swap: what it brings may be told only once."""
    now = timezone.now()
    free = Flow.objects.filter(Q(claimed_until=None) | Q(claimed_until__lt=now), pk=flow.pk, status=Flow.Status.OPEN)
    return free.update(claimed_until=now + LEASE) == 1


def _release(flow: Flow) -> None:
    Flow.objects.filter(pk=flow.pk, status=Flow.Status.OPEN).update(claimed_until=None)


def _settle(client: Client, flow: Flow, *, outcome: Outcome) -> None:
    if outcome.status == "waiting":
        _release(flow)
    elif outcome.status == "connected":
        if not _settle_connected(client, flow, outcome=outcome) and outcome.secret:
            log.warning("%s was settled by another call in the meantime: what this one brought is ended", flow)
            adapter(flow.provider).revoke(outcome.secret)
    else:
        error = encode(outcome.error.data()).decode() if outcome.error else ""
        _end(flow, status=Flow.Status(outcome.status), error=error)


@transaction.atomic
def _settle_connected(client: Client, flow: Flow, *, outcome: Outcome) -> bool:
    """Keeps what the visit brought and its result in one commit; ``False`` when the visit has a result already."""
    if Flow.objects.select_for_update().get(pk=flow.pk).status != Flow.Status.OPEN:
        return False
    grant = flow.updates
    if grant is not None and outcome.secret:
        vault.replace(client, grant, outcome.secret)
    elif grant is None:
        chosen = f"{flow.provider}:{outcome.institution}" if outcome.institution else flow.institution
        grant = vault.keep(
            client,
            outcome.secret,
            provider=flow.provider,
            institution=chosen,
            provider_reference=outcome.provider_reference,
        )
    _end(flow, status=Flow.Status.CONNECTED, grant=grant)
    events.record(client, events.UPDATED if flow.updates else events.CONNECTED, grant=grant)
    return True


def _end(flow: Flow, *, status: Flow.Status, grant: Grant | None = None, error: str = "") -> None:
    still_open = Flow.objects.filter(pk=flow.pk, status=Flow.Status.OPEN)
    still_open.update(status=status, grant=grant, error=error, claimed_until=None)


def _data(flow: Flow) -> FlowData:
    return FlowData(
        flow=flow.flow_id,
        status=flow.status,  # type: ignore[arg-type]
        connection=flow.grant.reference if flow.grant else "",
        error=msgspec.json.decode(flow.error, type=ErrorData) if flow.error else None,
    )


def row_of(flow: Flow) -> str:
    """The name that a visit's state and answer are sealed for."""
    return _row(flow.flow_id)


def _row(flow_id: str) -> str:
    return f"flow:{flow_id}"
