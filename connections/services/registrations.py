"""A company's sign-in at the proxy: made once, confirmed by a code, woken or made anew when the proxy refuses it."""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.utils.translation import gettext_noop

from companies.models import Company
from connections.models import ProxyRegistration
from connections.services import standing
from providers import signing
from providers.client import ProxyClient
from providers.errors import ClientDisconnected

Status = ProxyRegistration.Status


def is_confirmed(company: Company) -> bool:
    """Whether this company is registered at the proxy and its phone is confirmed."""
    known = ProxyRegistration.objects.registered().filter(company=company)
    return known.exclude(status__in=[Status.NEW, Status.UNCONFIRMED]).exists()


def find(company: Company) -> ProxyRegistration | None:
    """How this company is registered at the proxy; ``None`` before it is."""
    return ProxyRegistration.objects.registered().filter(company=company).first()


def register(company: Company, phone_number: str) -> ProxyRegistration:
    """Registers the company at the proxy, once; until its phone is confirmed, registering again changes the number.

    ``phone_number`` is E.164. The key is stored before the proxy hears of it, and the proxy gives the same client for
    the same key: whatever is lost on the way, asking again ends in one registration. Raises ``FeedError``.
    """
    registration = _with_key(company, phone_number)
    is_same = registration.phone_number == phone_number
    if registration.client_id and (is_same or registration.status != Status.UNCONFIRMED):
        return registration
    client = ProxyClient(settings.PROXY_URL, "", private_key=registration.private_key())
    answer = client.register(settings.SUBSCRIPTION_CODE, phone_number, name=company.name)
    ProxyRegistration.objects.filter(pk=registration.pk).update(client_id=answer.client_id, phone_number=phone_number)
    Company.objects.filter(pk=company.pk, phone_number="").update(phone_number=phone_number)
    standing.hear_status(registration, answer, reference=client.last_reference)
    registration.refresh_from_db()
    return registration


def send_code(company: Company) -> None:
    """Has a code sent to the company's phone. Raises ``FeedError``, ``RateLimited`` within a minute of the last one."""
    client_for(company).send_phone_code()


def confirm(company: Company, code: str) -> ProxyRegistration:
    """Enters the code that arrived: the phone is confirmed, and a blocked company is awake.

    Raises ``FeedError``: ``CodeWrong`` for another code, ``CodeSpent`` for one that is no longer good.
    """
    registration = _registered(company)
    client = _client(registration)
    standing.hear_status(registration, client.confirm_phone_code(code), reference=client.last_reference)
    return registration


def check(company: Company) -> bool:
    """Asks the proxy how the company stands, and keeps it; gives whether it works for it. Raises ``FeedError``."""
    registration = _registered(company)
    client = _client(registration)
    standing.hear_status(registration, client.status(), reference=client.last_reference)
    return registration.status == Status.ACTIVE


def reconnect(company: Company) -> ProxyRegistration:
    """Comes back with a new key after the proxy's operator cut the company off, if they let it; its connections stay.

    A code sent to the phone wakes it then. The old key is worth nothing any more, so the new one takes its place before
    the proxy hears of it: a lost answer loses nothing. Raises ``FeedError``, ``ClientDisconnected`` while the operator
    does not let it back.
    """
    registration = _registered(company)
    _renew_key(registration)
    client, offered = _client(registration), registration.public_key
    told = client.come_back(registration.client_id, settings.SUBSCRIPTION_CODE)
    standing.hear_status(registration, told, reference=client.last_reference)
    registration.refresh_from_db()
    # Who pressed the button at the same moment may have stored a key of their own: then the proxy must get that one.
    return registration if registration.public_key == offered else reconnect(company)


def client_for(company: Company) -> ProxyClient:
    """The door to the proxy, signed as this company. Raises ``ClientDisconnected`` before its first connection."""
    return _client(_registered(company))


def _client(registration: ProxyRegistration) -> ProxyClient:
    return ProxyClient(
        settings.PROXY_URL,
        registration.client_id,
        private_key=registration.private_key(),
        heard=partial(standing.hear, registration),
    )


def _registered(company: Company) -> ProxyRegistration:
    registration = find(company)
    if registration is None:
        raise ClientDisconnected(gettext_noop("This company is not registered at the proxy yet: connect a bank first."))
    return registration


def _renew_key(registration: ProxyRegistration) -> None:
    """Puts a new key in the place of one that was cut off; any other stays."""
    private_key = signing.generate_private_key()
    registration.public_key = signing.public_key_of(private_key)
    registration.keep_private_key(private_key)
    ProxyRegistration.objects.filter(pk=registration.pk, status=Status.DISCONNECTED).update(
        public_key=registration.public_key, sealed_private_key=registration.sealed_private_key
    )
    registration.refresh_from_db()


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
