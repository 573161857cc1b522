"""The verbs about bank connections: made at the bank's page, read, renewed, ended."""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest
from ninja import Query, Router

from providers.types import (
    AccountList,
    ConnectionData,
    Done,
    EndUser,
    FlowData,
    HostedPageData,
    PendingList,
    RefreshData,
    TransactionPage,
)
from proxy import auth, schemas
from proxy.models import Client, Grant
from proxy.services import flows, reading, vault

router = Router(tags=["connections"])
ANSWERS = {
    "start_connection": HostedPageData,
    "finish_connection": FlowData,
    "connection": ConnectionData,
    "accounts": AccountList,
    "refresh": RefreshData,
    "transactions": TransactionPage,
    "pending": PendingList,
    "update_connection": HostedPageData,
    "revoke": Done,
}


@router.post("/connections", operation_id="start_connection", auth=auth.Subscribed())
def start_connection(request: HttpRequest, body: schemas.NewConnection) -> HostedPageData:
    """Opens a page where the account holder approves at the bank."""
    return flows.start(
        auth.caller(request),
        body.institution,
        return_url=body.return_url,
        history_days=body.history_days,
        language=body.language,
        user=_user(body.user),
        account_kinds=tuple(body.account_kinds),
    )


@router.post("/connections/finish", operation_id="finish_connection", auth=auth.Subscribed())
def finish_connection(request: HttpRequest, body: schemas.FinishedFlow) -> FlowData:
    """How a visit to the bank's page ended; the same answer each time."""
    return flows.finish(auth.caller(request), body.flow)


@router.get("/connections/{reference}", operation_id="connection", auth=auth.Active())
def connection(request: HttpRequest, reference: str) -> ConnectionData:
    """The connection as its provider sees it now."""
    return reading.connection(*_own(request, reference))


@router.get("/connections/{reference}/accounts", operation_id="accounts", auth=auth.Subscribed())
def accounts(request: HttpRequest, reference: str) -> AccountList:
    """Every account the holder gave access to."""
    return AccountList(accounts=reading.accounts(*_own(request, reference)))


@router.post("/connections/{reference}/refresh", operation_id="refresh", auth=auth.Subscribed())
def refresh(request: HttpRequest, reference: str, body: schemas.Refresh) -> RefreshData:
    """Has the provider read the bank, as far as it can."""
    return reading.refresh(*_own(request, reference), user=_user(body.user) if body.user else None)


@router.get("/connections/{reference}/transactions", operation_id="transactions", auth=auth.Subscribed())
def transactions(
    request: HttpRequest,
    reference: str,
    account: str = Query(..., min_length=1, max_length=255),
    position: str = Query("", max_length=4000),
    first_day: dt.date | None = None,
    limit: int = Query(500, ge=1, le=500),
) -> TransactionPage:
    """One page of an account's posted transactions."""
    client, grant = _own(request, reference)
    return reading.transactions(client, grant, account=account, position=position, first_day=first_day, limit=limit)


@router.get("/connections/{reference}/pending", operation_id="pending", auth=auth.Subscribed())
def pending(
    request: HttpRequest, reference: str, account: str = Query(..., min_length=1, max_length=255)
) -> PendingList:
    """The account's pending transactions as they stand now."""
    client, grant = _own(request, reference)
    return PendingList(transactions=reading.pending(client, grant, account=account))


@router.post("/connections/{reference}/update", operation_id="update_connection", auth=auth.Subscribed())
def update_connection(request: HttpRequest, reference: str, body: schemas.UpdatedConnection) -> HostedPageData:
    """Opens the bank's page again for a connection that is there."""
    client, grant = _own(request, reference)
    return flows.update(
        client,
        grant,
        return_url=body.return_url,
        language=body.language,
        user=_user(body.user),
        account_kinds=tuple(body.account_kinds),
    )


@router.post("/connections/{reference}/revoke", operation_id="revoke", auth=auth.Signed())
def revoke(request: HttpRequest, reference: str) -> Done:
    """Ends the connection at its provider and destroys its secret; a blocked client may do this too."""
    reading.revoke(*_own(request, reference))
    return Done()


def _own(request: HttpRequest, reference: str) -> tuple[Client, Grant]:
    client = auth.caller(request)
    return client, vault.find(client, reference)


def _user(user: schemas.User) -> EndUser:
    return EndUser(ip=str(user.ip), agent=user.agent)
