"""The vault: the secret of each bank connection, sealed, and opened for nobody but its own client."""

from __future__ import annotations

import datetime as dt
import logging
import secrets
import time
from collections.abc import Callable
from typing import TypeVar

from django.db.models import Q
from django.utils import timezone

from foundation.sealing import needs_resealing, seal, unseal
from providers.base import Adapter
from providers.errors import ConnectionGone, ConsentExpired, NotFound, NotReady, SecretExpired
from proxy.models import Client, Grant
from proxy.services import guard
from proxy.services.adapters import adapter

log = logging.getLogger(__name__)
T = TypeVar("T")

# How long one caller has the renewal to itself: longer than the provider's answers may take, and short enough that a
# process that died does not hold up the connection for long.
LEASE = dt.timedelta(seconds=150)
# How long another caller waits for it. The row is all that two processes share, so it is looked at again and again.
PATIENCE = dt.timedelta(seconds=10)
PAUSE_SECONDS = 0.1


def keep(client: Client, secret: str, *, provider: str, institution: str, provider_reference: str) -> Grant:
    """Puts a new connection's secret into the vault; the grant's ``reference`` is all that leaves it."""
    reference = secrets.token_urlsafe(24)
    return Grant.objects.create(
        reference=reference,
        client=client,
        provider=provider,
        institution=institution,
        provider_reference=provider_reference,
        sealed_secret=seal(secret, row=_row(client, reference)),
    )


def find(client: Client, reference: str) -> Grant:
    """The client's own connection. Raises ``NotFound``, for another client's too; ``ClientBlocked`` for many."""
    grant = Grant.objects.filter(client=client, reference=reference).first()
    if grant is None:
        guard.note_reference(client, reference)
        raise NotFound("The proxy does not know this connection.")
    return grant


def use(client: Client, grant: Grant, *, question: Callable[[Adapter, str], T], even_refused: bool = False) -> T:
    """One question to the connection's provider with its secret, which is renewed before if it must be.

    A provider that refuses the secret in the middle is asked once more, with a renewed one. ``even_refused`` asks also
    with a secret that cannot be renewed: for a new permission, or for the end. Raises ``ConnectionGone`` once the
    connection was revoked, ``ConsentExpired`` when its secret cannot be renewed, or what the provider says.
    """
    provider = adapter(grant.provider)
    secret = open_secret(client, grant)
    try:
        if provider.needs_renewal(secret):
            secret = renew(client, grant, used=secret)
    except ConsentExpired as error:
        if not even_refused:
            raise
        log.info("%s does not renew the secret of %s: %s", provider.title, grant.pk, error)
    try:
        return question(provider, secret)
    except SecretExpired as error:
        log.info("%s refused the secret of %s: %s", provider.title, grant.pk, error)
    return question(provider, renew(client, grant, used=secret))


def open_secret(client: Client, grant: Grant) -> str:
    """The provider's secret of a connection, for one call. Raises ``ConnectionGone`` once it was revoked.

    A secret that is still sealed with an older key is sealed again with the current one.
    """
    if grant.status == Grant.Status.REVOKED:
        raise ConnectionGone("The connection was ended: connect the bank again.")
    row = _row(client, grant.reference)
    secret = unseal(grant.sealed_secret, row=row)
    if needs_resealing(grant.sealed_secret):
        # Only where it is still the very text that was opened: a revocation in between must win.
        same = Grant.objects.filter(pk=grant.pk, sealed_secret=grant.sealed_secret)
        same.update(sealed_secret=seal(secret, row=row))
    return secret


def renew(client: Client, grant: Grant, *, used: str) -> str:
    """A secret in the place of ``used``: a new one, saved before anyone uses it, or the one that another caller saved.

    One caller at a time asks the provider. Raises ``NotReady`` when that one takes too long, and what the provider
    says: then the secret that is there stays, and the next call tries again with it.
    """
    waiting_until = timezone.now() + PATIENCE
    while True:
        grant.refresh_from_db()
        secret = open_secret(client, grant)
        if secret != used:
            return secret
        lease = _claim(grant)
        if lease is not None:
            return _renew_alone(client, grant, secret=secret, lease=lease)
        if timezone.now() > waiting_until:
            raise NotReady("The permission is being renewed at the provider at this moment.", retry_at=timezone.now())
        time.sleep(PAUSE_SECONDS)


def replace(client: Client, grant: Grant, secret: str) -> None:
    """Puts what the holder gave anew in the place of what was there; a renewal under way comes too late then."""
    Grant.objects.filter(pk=grant.pk, status=Grant.Status.ACTIVE).update(
        sealed_secret=seal(secret, row=_row(client, grant.reference)), sealed_previous="", renewing_until=None
    )


def forget(grant: Grant) -> None:
    """Destroys the secret; the connection stays known as revoked."""
    Grant.objects.filter(pk=grant.pk).update(
        status=Grant.Status.REVOKED,
        sealed_secret="",
        sealed_previous="",
        renewing_until=None,
        revoked_at=timezone.now(),
    )


# --- renewing --------------------------------------------------------------------------------------------------------
def _claim(grant: Grant) -> dt.datetime | None:
    """Takes the renewal for one lease by compare and swap; gives the lease, ``None`` when somebody else has it."""
    now = timezone.now()
    lease = now + LEASE
    free = Grant.objects.filter(Q(renewing_until=None) | Q(renewing_until__lt=now), pk=grant.pk)
    return lease if free.filter(sealed_secret=grant.sealed_secret).update(renewing_until=lease) else None


def _renew_alone(client: Client, grant: Grant, *, secret: str, lease: dt.datetime) -> str:
    mine = Grant.objects.filter(pk=grant.pk, renewing_until=lease)
    try:
        renewed = _ask_for_another(client, grant, secret)
        saved = mine.filter(status=Grant.Status.ACTIVE).update(
            sealed_secret=seal(renewed, row=_row(client, grant.reference)),
            # Sealed anew and not taken over as it was: keys may have been rotated while the provider was asked.
            sealed_previous=seal(secret, row=_row(client, grant.reference)),
            renewing_until=None,
        )
    finally:
        mine.update(renewing_until=None)
    if saved:
        return renewed
    # The holder gave a new permission in the meantime, or ended the connection.
    log.warning("the renewed secret of connection %s came too late and is not kept", grant.pk)
    grant.refresh_from_db()
    return open_secret(client, grant)


def _ask_for_another(client: Client, grant: Grant, secret: str) -> str:
    """With the secret that is there, and if it is refused with the one before: the provider may not have counted the
    last change, or lost it.
    """
    provider = adapter(grant.provider)
    try:
        return provider.renew(secret)
    except ConsentExpired:
        if not grant.sealed_previous:
            raise
        log.warning("%s refused the secret of connection %s: trying the one before", provider.title, grant.pk)
        return provider.renew(unseal(grant.sealed_previous, row=_row(client, grant.reference)))


def row_of(grant: Grant) -> str:
    """The name that a connection's secrets are sealed for."""
    return f"grant:{grant.client_id}:{grant.reference}"


def _row(client: Client, reference: str) -> str:
    return f"grant:{client.client_id}:{reference}"
