"""Who may call the proxy: registration, and what a client is told about itself."""

from __future__ import annotations

import datetime as dt

import phonenumbers
from django.utils import timezone

from providers.errors import BadRequest, ClientBlocked, ClientDisconnected, SubscriptionRefused
from providers.signing import InvalidKey, check_public_key
from providers.types import ClientData
from proxy.models import Client, Subscription


def register(subscription_code: str, phone_number: str, *, name: str, public_key: str) -> Client:
    """Makes a public key (base64) a client of the proxy; the caller has proven that it holds the private half.

    ``phone_number`` is E.164. The same key again is the same client. Raises ``SubscriptionRefused``, ``BadRequest``,
    or ``ClientDisconnected`` for a key that was cut off.
    """
    subscription = _subscription(subscription_code)
    number = _phone_number(phone_number)
    check_key(public_key)
    client, _ = Client.objects.get_or_create(
        public_key=public_key,
        defaults={"subscription": subscription, "name": name.strip()[:200], "phone_number": number},
    )
    if client.status == Client.Status.DISCONNECTED:
        raise ClientDisconnected()
    if client.subscription_id != subscription.pk:
        raise BadRequest("This key is registered with another subscription: make a new key.")
    return client


def check_key(public_key: str) -> None:
    """Raises ``BadRequest`` unless the text is an Ed25519 public key in base64."""
    try:
        check_public_key(public_key)
    except InvalidKey as error:
        raise BadRequest(f"The public key is not one: {error}.") from error


def require_active(client: Client) -> None:
    """Raises ``ClientBlocked`` or ``ClientDisconnected``."""
    if client.status == Client.Status.BLOCKED:
        raise ClientBlocked()
    if client.status == Client.Status.DISCONNECTED:
        raise ClientDisconnected()


def require_subscription(client: Client) -> None:
    """Raises ``SubscriptionRefused`` once the subscription has ended or if it is a trial."""
    _check(client.subscription)


def data(client: Client) -> ClientData:
    """The client as it is told about itself."""
    return ClientData(
        client_id=str(client.client_id),
        status=client.status,  # type: ignore[arg-type]
        subscription_until=client.subscription.valid_until,
        is_trial=client.subscription.is_trial,
        phone_confirmed=client.phone_confirmed_at is not None,
    )


def _subscription(code: str) -> Subscription:
    subscription = Subscription.objects.filter(code=code.strip()).first()
    if subscription is None:
        raise SubscriptionRefused("There is no subscription with this code. Check the code, or ask for a subscription.")
    _check(subscription)
    return subscription


def _check(subscription: Subscription) -> None:
    if subscription.is_trial:
        raise SubscriptionRefused(
            "Online bank synchronization is not part of a trial: it needs a subscription that is paid for."
        )
    today: dt.date = timezone.now().date()
    if subscription.valid_until < today:
        raise SubscriptionRefused(f"The subscription ended on {subscription.valid_until.isoformat()}: renew it.")


def _phone_number(text: str) -> str:
    refused = BadRequest("The phone number is not valid. Write it with the country's code, such as +32 470 12 34 56.")
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        raise refused from None
    if not phonenumbers.is_valid_number(number):
        raise refused
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
