"""Who may call the proxy: registration, and what a client is told about itself."""

from __future__ import annotations

import datetime as dt
import uuid

import phonenumbers
from django.utils import timezone

from providers.errors import (
    BadRequest,
    ClientBlocked,
    ClientDisconnected,
    ClientRefused,
    PhoneUnconfirmed,
    SubscriptionRefused,
)
from providers.signing import InvalidKey, check_public_key
from providers.types import ClientData
from proxy.models import Client, Subscription
from proxy.services import phones, standing


def register(subscription_code: str, phone_number: str, *, name: str, public_key: str) -> Client:
    """Makes a public key (base64) a client of the proxy; the caller has proven that it holds the private half.

    ``phone_number`` is E.164; until a code has confirmed it, registering again changes it. The same key again is the
    same client. Raises ``SubscriptionRefused``, ``BadRequest``, or ``ClientDisconnected`` for a key that was cut off.
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
    if client.phone_number != number and client.phone_confirmed_at is None:
        client.phone_number = number
        # A code that went to the old number confirms the new one as little as an old code does.
        Client.objects.filter(pk=client.pk, phone_confirmed_at=None).update(
            phone_number=number, code_digest="", code_sent_at=None
        )
    return client


def come_back(client_id: str, subscription_code: str, *, public_key: str) -> Client:
    """Gives a disconnected client that its operator lets back a new public key (base64), whose private half the caller
    has proven to hold. Its connections stay its own; the code sent to its phone wakes it.

    The same key again changes nothing. Raises ``SubscriptionRefused``, ``BadRequest``, or ``ClientDisconnected`` while
    the operator does not let it back.
    """
    check_key(public_key)
    subscription = _subscription(subscription_code)
    named = _uuid(client_id)
    client = Client.objects.select_related("subscription").filter(pk=named).first() if named else None
    if client is None:
        raise ClientDisconnected()
    if client.subscription_id != subscription.pk:
        raise BadRequest("This client is registered with another subscription.")
    if client.public_key == public_key:
        return client
    if Client.objects.filter(public_key=public_key).exists():
        raise BadRequest("This key is another client's: make a new key.")
    if not standing.come_back(client, public_key=public_key):
        raise ClientDisconnected("The proxy's operator has not let this installation back yet: contact support.")
    return client


def check_key(public_key: str) -> None:
    """Raises ``BadRequest`` unless the text is an Ed25519 public key in base64."""
    try:
        check_public_key(public_key)
    except InvalidKey as error:
        raise BadRequest(f"The public key is not one: {error}.") from error


def require_active(client: Client) -> None:
    """Raises ``ClientBlocked``, ``ClientDisconnected`` or ``PhoneUnconfirmed``."""
    if client.status == Client.Status.BLOCKED:
        raise ClientBlocked()
    if client.status == Client.Status.DISCONNECTED:
        raise ClientDisconnected()
    if client.phone_confirmed_at is None:
        raise PhoneUnconfirmed()


def require_subscription(client: Client) -> None:
    """Raises ``SubscriptionRefused`` once the subscription has ended or if it is a trial."""
    _check(client.subscription)


def refusal(client: Client) -> ClientRefused | None:
    """Why nothing can be done for this client at the moment, if so."""
    try:
        require_active(client)
        require_subscription(client)
    except ClientRefused as error:
        return error
    return None


def data(client: Client) -> ClientData:
    """The client as it is told about itself."""
    error = refusal(client)
    return ClientData(
        client_id=str(client.client_id),
        status=client.status,  # type: ignore[arg-type]
        subscription_until=client.subscription.valid_until,
        is_trial=client.subscription.is_trial,
        phone_confirmed=client.phone_confirmed_at is not None,
        phone_hint=phones.hint(client),
        error=error.data() if error else None,
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


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _phone_number(text: str) -> str:
    refused = BadRequest("The phone number is not valid. Write it with the country's code, such as +32 470 12 34 56.")
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        raise refused from None
    if not phonenumbers.is_valid_number(number):
        raise refused
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
