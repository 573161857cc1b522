"""A company's sign-in at the proxy."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext_noop

from companies.models import Company
from connections.models import ProxyRegistration
from providers import signing
from providers.client import ProxyClient
from providers.errors import ClientDisconnected


def is_registered(company: Company) -> bool:
    """Whether this company can already talk to the proxy."""
    return ProxyRegistration.objects.filter(company=company).exclude(client_id="").exists()


def register(company: Company, phone_number: str) -> ProxyRegistration:
    """Registers the company at the proxy, once; a registered company is given back as it is.

    ``phone_number`` is E.164. The key is stored before the proxy hears of it, and the proxy gives the same client for
    the same key: whatever is lost on the way, asking again ends in one registration. Raises ``FeedError``.
    """
    registration = _with_key(company, phone_number)
    if registration.client_id:
        return registration
    client = ProxyClient(settings.PROXY_URL, "", private_key=registration.private_key())
    answer = client.register(settings.SUBSCRIPTION_CODE, phone_number, name=company.name)
    ProxyRegistration.objects.filter(pk=registration.pk).update(
        client_id=answer.client_id, status=answer.status, phone_number=phone_number
    )
    Company.objects.filter(pk=company.pk, phone_number="").update(phone_number=phone_number)
    registration.refresh_from_db()
    return registration


def client_for(company: Company) -> ProxyClient:
    """The door to the proxy, signed as this company. Raises ``ClientDisconnected`` before its first connection."""
    registration = ProxyRegistration.objects.filter(company=company).exclude(client_id="").first()
    if registration is None:
        raise ClientDisconnected(gettext_noop("This company is not registered at the proxy yet: connect a bank first."))
    return ProxyClient(settings.PROXY_URL, registration.client_id, private_key=registration.private_key())


def _with_key(company: Company, phone_number: str) -> ProxyRegistration:
    registration = ProxyRegistration.objects.filter(company=company).first()
    if registration is not None:
        return registration
    private_key = signing.generate_private_key()
    fresh = ProxyRegistration(company=company, phone_number=phone_number, public_key=signing.public_key_of(private_key))
    fresh.keep_private_key(private_key)
    # Two people may press the button at once: the first row stays, and both use its key.
    ProxyRegistration.objects.bulk_create([fresh], ignore_conflicts=True)
    return ProxyRegistration.objects.get(company=company)
