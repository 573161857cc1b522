"""The verbs about the caller itself."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router

from providers.types import ClientData, Done
from proxy import auth, schemas
from proxy.services import callers, clients, phones

router = Router(tags=["client"])
ANSWERS = {
    "register": ClientData,
    "come_back": ClientData,
    "client_status": ClientData,
    "send_phone_code": Done,
    "confirm_phone_code": ClientData,
}


@router.post("/clients", operation_id="register")
def register(request: HttpRequest, body: schemas.Registration) -> ClientData:
    """Registers a public key; the request is signed with its private half, keyid “new”."""
    clients.check_key(body.public_key)
    callers.prove(auth.incoming(request), body.public_key)
    client = clients.register(body.subscription_code, body.phone_number, name=body.name, public_key=body.public_key)
    request.caller = client  # type: ignore[attr-defined]
    return clients.data(client)


@router.post("/clients/{client_id}/key", operation_id="come_back")
def come_back(request: HttpRequest, client_id: str, body: schemas.NewKey) -> ClientData:
    """A new key for a client that was cut off and is let back; signed with its private half, keyid “new”."""
    clients.check_key(body.public_key)
    callers.prove(auth.incoming(request), body.public_key)
    client = clients.come_back(client_id, body.subscription_code, public_key=body.public_key)
    request.caller = client  # type: ignore[attr-defined]
    return clients.data(client)


@router.get("/client", operation_id="client_status", auth=auth.Signed())
def status(request: HttpRequest) -> ClientData:
    """How the proxy sees the caller, also when it is blocked."""
    return clients.data(auth.caller(request))


@router.post("/client/phone-code", operation_id="send_phone_code", auth=auth.Signed())
def send_phone_code(request: HttpRequest) -> Done:
    """Sends a code to the registered phone number."""
    phones.send_code(auth.caller(request))
    return Done()


@router.post("/client/phone-code/confirm", operation_id="confirm_phone_code", auth=auth.Signed())
def confirm_phone_code(request: HttpRequest, body: schemas.PhoneCode) -> ClientData:
    """Confirms the number, and wakes a blocked client."""
    return clients.data(phones.confirm(auth.caller(request), body.code))
