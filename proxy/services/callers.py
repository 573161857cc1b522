"""Who is calling: the signature of a request is checked, and it is taken once."""

from __future__ import annotations

import uuid

from django.db import IntegrityError, transaction
from django.utils import timezone

from providers.errors import ClientDisconnected, Replayed, SignatureInvalid
from providers.signing import IncomingRequest, Signature, verify
from proxy.models import Client, Nonce
from proxy.services import guard


def identify(request: IncomingRequest) -> Client:
    """The client that signed the request. Raises ``ClientDisconnected`` for an unknown one or one with a key from
    before it was cut off, ``SignatureInvalid``, ``ClockSkew``, ``Replayed``, or ``ClientBlocked`` for many replays.
    """
    found: list[Client] = []
    named: list[str] = []

    def public_key(key_id: str) -> str | None:
        named.append(key_id)
        client = _client(key_id)
        if client is None:
            return None
        found.append(client)
        return client.public_key

    try:
        signature = verify(request, public_key, now=timezone.now())
    except SignatureInvalid:
        if (named and not found) or (found and found[0].status == Client.Status.DISCONNECTED):
            raise ClientDisconnected() from None
        if found:
            guard.note_bad_signature(found[0])
        raise
    try:
        _take_once(str(found[0].client_id), signature)
    except Replayed:
        guard.note_replay(found[0], signature.nonce)
        raise
    return found[0]


def prove(request: IncomingRequest, public_key: str) -> None:
    """Checks that the request is signed by the private half of ``public_key`` (base64), which registers with it.

    Raises ``SignatureInvalid``, ``ClockSkew`` or ``Replayed``.
    """
    signature = verify(request, lambda _key_id: public_key, now=timezone.now())
    _take_once(public_key, signature)


def _take_once(signer: str, signature: Signature) -> None:
    if len(signature.nonce) > 128:
        raise SignatureInvalid("The request's signature is not valid: its nonce is too long.")
    try:
        with transaction.atomic():
            Nonce.objects.create(signer=signer, nonce=signature.nonce, seen_at=timezone.now())
    except IntegrityError:
        raise Replayed() from None


def _client(key_id: str) -> Client | None:
    try:
        wanted = uuid.UUID(key_id)
    except ValueError:
        return None
    return Client.objects.select_related("subscription").filter(pk=wanted).first()
