"""The vault: the secret of each bank connection, sealed, and opened for nobody but its own client."""

from __future__ import annotations

import secrets

from django.utils import timezone

from foundation.sealing import needs_resealing, seal, unseal
from providers.errors import ConnectionGone, NotFound
from proxy.models import Client, Grant


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
    """The client's own connection. Raises ``NotFound``, for another client's too."""
    grant = Grant.objects.filter(client=client, reference=reference).first()
    if grant is None:
        raise NotFound("The proxy does not know this connection.")
    return grant


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


def forget(grant: Grant) -> None:
    """Destroys the secret; the connection stays known as revoked."""
    Grant.objects.filter(pk=grant.pk).update(status=Grant.Status.REVOKED, sealed_secret="", revoked_at=timezone.now())


def _row(client: Client, reference: str) -> str:
    return f"grant:{client.client_id}:{reference}"
